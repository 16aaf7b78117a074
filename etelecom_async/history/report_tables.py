"""Write the tables of a report as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Cells = Sequence[str]
"""The HTML of each cell of a row."""


def table(
    caption: str, headings: Cells, rows: Iterable[Cells], *, total: Cells | None = None, kind: str = ""
) -> str:
    """Return a table; its cells are HTML."""
    head = "".join(f'<th scope="col">{text}</th>' for text in headings)
    body = "".join(f"<tr>{_row(cells)}</tr>\n" for cells in rows)
    foot = "" if total is None else f"<tfoot><tr>{_row(total)}</tr></tfoot>"
    style = f' class="{kind}"' if kind else ""
    return (
        f"<table{style}><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>\n{body}</tbody>{foot}</table>"
    )


def _row(cells: Cells) -> str:
    first, *others = cells
    return f'<th scope="row">{first}</th>{"".join(f"<td>{text}</td>" for text in others)}'
