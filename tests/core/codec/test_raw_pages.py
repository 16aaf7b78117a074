"""Pages whose rows stay bytes: ids and cursors, models, and the fields that the models do not have."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import attrs
import pytest

from etelecom_async import APIError, DecodeError, Page, errors
from etelecom_async._core.codec import raw_pages, responses
from etelecom_async._core.codec.raw_pages import Beside, RawPage
from etelecom_async.models import CallLog
from etelecom_async.operations import OPERATIONS

LIST = OPERATIONS["shop.call_logs.list"]
KNOWN = {"id": None, "at": None, "parts": {"id": None}}


def decode(body: bytes, *, status: int = 200, **options: Any) -> RawPage:
    """Return the page of a body."""
    return raw_pages.decode(LIST, status, {}, body, Counter(), **options)


def beside(body: bytes) -> list[Beside]:
    """Return the unknown fields of the rows in a body."""
    return raw_pages.fields_beside(body, "rows", KNOWN)


class TestDecode:
    """Reading only the ids and the cursors."""

    def test_usual_page(self) -> None:
        """A usual page has ids and cursors; its rows become models later, also twice."""
        body = b'{"call_logs":[{"id":"1","note":null},{"id":"2"}],"paging":{"next":"n","prev":"p"}}'
        page = decode(body)
        assert [row.id for row in page.items] == ["1", "2"]
        assert (page.next, page.prev, page.body, page.rows) == ("n", "p", body, page.items)
        assert page.read is not None
        expected = responses.decode(LIST, 200, {}, body, Counter())
        assert [page.read(), page.read()] == [expected, expected]

    def test_page_without_paging(self) -> None:
        """A page without cursors is the last one."""
        page = decode(b'{"call_logs":[{"id":"1"}]}')
        assert (page.next, page.prev) == ("", "")
        assert page.read is not None

    @pytest.mark.parametrize(
        "body",
        [
            b'{"call_logs":[{"id":1}]}',
            b'{"call_logs":[{"id":null}]}',
            b'{"call_logs":[{"id":"0"}]}',
            b'{"call_logs":[{"id":""}]}',
            b'{"call_logs":[{"id":"1"},{}]}',
            b'{"call_logs":[{"id":"1"}],"paging":{"next":null}}',
            b'{"call_logs":[{"id":"1"}],"paging":""}',
            b'{"call_logs":[{"id":"\xff"}]}',
            b'{"call_logs":[{"id":"1","x":NaN}]}',
            b'\xef\xbb\xbf{"call_logs":[{"id":"1"}]}',
            b'{"call_logs":[],"paging":{"next":"n"}}',
            b'{"call_logs":null}',
            b"{}",
        ],
    )
    def test_unusual_page(self, body: bytes) -> None:
        """A page with unusual ids or cursors, or without rows, is read into models at once."""
        page = decode(body)
        expected = responses.decode(LIST, 200, {}, body, Counter())
        assert isinstance(expected, Page)
        assert (page.items, page.rows, page.next) == (expected.items, expected.items, expected.next)
        assert page.read is None

    def test_other_success(self) -> None:
        """A page with another status of success is read into models."""
        assert decode(b'{"call_logs":[{"id":"1"}]}', status=206).items == (CallLog(id="1"),)

    @pytest.mark.parametrize(
        "body", [b"null", b"[]", b"", b"x", b'{"error":"x"}', b'{"call_logs":[{"id":"1"}]}{}']
    )
    def test_no_page(self, body: bytes) -> None:
        """A body that is no page is refused at once, as the models refuse it."""
        with pytest.raises(DecodeError):
            decode(body)

    def test_empty_page_in_the_middle(self) -> None:
        """An empty object in the middle of a list is refused, as the models refuse it."""
        with pytest.raises(DecodeError, match="an empty object in the middle of a list"):
            decode(b"{}", allow_empty_page=False)

    def test_error_response(self) -> None:
        """An error response raises its error."""
        with pytest.raises(APIError, match="gone"):
            decode(b'{"code":"not_found","msg":"gone"}', status=404)

    def test_deep_json(self) -> None:
        """JSON that is too deep for a parser raises the error of the models, not `RecursionError`."""
        with pytest.raises(errors.MalformedResponseError):
            decode(b'{"call_logs":[{"id":"1","x":' + b"[" * 10**6 + b"]" * 10**6 + b"}]}")

    def test_wrong_row(self) -> None:
        """A value that no model accepts raises an error when the rows are read."""
        page = decode(b'{"call_logs":[{"id":"1","caller":{}}]}')
        assert page.read is not None
        with pytest.raises(DecodeError, match=r"call_logs\[0\]\.caller"):
            page.read()

    def test_mismatches_are_counted(self) -> None:
        """The models' reader counts what it accepts when the rows are read."""
        counts: Counter[str] = Counter()
        page = raw_pages.decode(LIST, 200, {}, b'{"call_logs":[{"id":"1","note":null}]}', counts)
        assert not counts
        assert page.read is not None
        page.read()
        assert sum(counts.values()) == 1


def test_kept_rows() -> None:
    """A page knows which rows of its body came before, also if two rows look the same."""
    page = decode(b'{"call_logs":[{"id":"1"},{"id":"2"},{"id":"2"}]}')
    assert page.kept() is None
    assert attrs.evolve(page, items=page.items[1:]).kept() == [False, True, True]
    assert attrs.evolve(page, items=page.items[:2]).kept() == [True, True, False]
    assert attrs.evolve(page, items=()).kept() == [False, False, False]


class TestFieldsBeside:
    """The fields that a model does not have."""

    def test_known_fields(self) -> None:
        """Known fields are not among them."""
        assert beside(b'{"rows":[{"id":"1","at":2},{}]}') == [{}, {}]

    def test_form_is_kept(self) -> None:
        """Numbers keep their digits, times their offsets, and objects their fields."""
        raws = ["1.10", "12345678901234567890123", "1E400", '"2026-01-01T00:00:00+07:00"', '{"id": [1.0, 2]}']
        rows = ",".join(f'{{"id":"1","x": {raw} }}' for raw in raws)
        assert beside(f'{{"rows":[{rows}]}}'.encode()) == [{"x": raw} for raw in raws]

    def test_objects_in_a_row(self) -> None:
        """Objects in a known field are searched; each has its place in the list, also without such fields."""
        body = b'{"rows":[{"parts":[{"id":"1"},{"id":"2","x":1.0}]},{"parts":[{"id":"1"}]},{"parts":null}]}'
        assert beside(body) == [{"parts": [{}, {"x": "1.0"}]}, {}, {}]

    @pytest.mark.parametrize("blank", ['""', "{}", '" "'])
    def test_blank_in_place_of_objects(self, blank: str) -> None:
        """Blanks that the models take for no array have no fields."""
        assert beside(f'{{"rows":[{{"x":1.0,"parts":{blank}}}]}}'.encode()) == [{"x": "1.0"}]

    @pytest.mark.parametrize("body", [b"{}", b'{"rows":null}', b'{"rows":[]}', b'{"rows":null,"x":NaN}'])
    def test_no_rows(self, body: bytes) -> None:
        """A page without rows gives nothing."""
        assert beside(body) == []

    def test_byte_order_mark(self) -> None:
        """A byte order mark does not change the form of a number."""
        assert beside(b'\xef\xbb\xbf{"rows":[{"x":1.10}]}') == [{"x": "1.10"}]

    def test_invalid_utf_8(self) -> None:
        """Invalid UTF-8 is replaced, in values and in names; numbers keep their form."""
        assert beside(b'{"rows":[{"x":"\xff"}]}') == [{"x": '"\ufffd"'}]
        assert beside(b'{"rows":[{"\xff":1.10}]}') == [{"\ufffd": "1.10"}]
        assert beside(b'{"rows":[{"parts":[{"\xff":1.10}]}]}') == [{"parts": [{"\ufffd": "1.10"}]}]

    def test_repaired_body(self) -> None:
        """A body with bad values is repaired as the models repair it, also with long numbers."""
        body = b'{"rows":[{"x":NaN,"y":12345678901234567890123,"z":"a\nb","\\ud800":"\xc3\xa1"}]}'
        assert beside(body) == [
            {"x": "null", "y": "12345678901234567890123", "z": r'"a\nb"', "\ufffd": '"á"'}
        ]

    def test_deep_json(self) -> None:
        """JSON that is too deep raises `RecursionError`, which the caller turns into its own error."""
        with pytest.raises(RecursionError):
            beside(b'{"rows":[{"x":' + b"[" * 10**6 + b"]" * 10**6 + b"}]}")


def test_join() -> None:
    """Joined fields are a JSON object, whatever their names are."""
    fields: Beside = {'a"\n': "1.10", "parts": [{}, {"x": "null", "in": [{"y": "[]"}]}], "": '"á"'}
    text = raw_pages.join(fields)
    assert text == r'{"a\"\n":1.10,"parts":[{},{"x":null,"in":[{"y":[]}]}],"":"á"}'
    assert json.loads(text)["parts"] == [{}, {"x": None, "in": [{"y": []}]}]
    assert raw_pages.join({}) == "{}"


def test_merge() -> None:
    """Objects in a field of both are merged one by one; of other fields, the second value counts."""
    one: Beside = {"a": "1", "b": "2", "parts": [{}, {"x": "1"}], "in": [{}], "c": "3"}
    other: Beside = {"b": "3", "parts": [{"y": "2"}, {"z": "3"}], "in": "4", "c": [{}]}
    parts = [{"y": "2"}, {"x": "1", "z": "3"}]
    assert raw_pages.merged(one, other) == {"a": "1", "b": "3", "parts": parts, "in": "4", "c": [{}]}
    assert raw_pages.merged({}, other) == other
    assert one["parts"] == [{}, {"x": "1"}]
