"""A table of a report has headings for its columns and its rows."""

from __future__ import annotations

from etelecom_async.history.report_tables import table


def test_table() -> None:
    """Each row starts with a heading; the last row is the total."""
    html = table("Calls", ["Day", "In"], [["1 Sep", "2"]], total=["Total", "2"], kind="dense")
    assert html == (
        '<table class="dense"><caption>Calls</caption>'
        '<thead><tr><th scope="col">Day</th><th scope="col">In</th></tr></thead>'
        '<tbody>\n<tr><th scope="row">1 Sep</th><td>2</td></tr>\n</tbody>'
        '<tfoot><tr><th scope="row">Total</th><td>2</td></tr></tfoot></table>'
    )


def test_table_without_rows() -> None:
    """Without rows and without a total, only the headings are left."""
    assert table("Calls", ["Day"], []) == (
        '<table><caption>Calls</caption><thead><tr><th scope="col">Day</th></tr></thead>'
        "<tbody>\n</tbody></table>"
    )
