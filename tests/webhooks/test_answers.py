"""The responses of receivers."""

from __future__ import annotations

from etelecom_async.webhooks import answers


def test_acknowledgement() -> None:
    """The acknowledgement is HTTP 200 with the body `ok`, with nothing around it."""
    assert (answers.OK.status, answers.OK.body) == (200, b"ok")
    assert answers.OK.all_headers == {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "2"}
    assert not answers.OK.closes


def test_refusals_that_read_no_body_end_the_connection() -> None:
    """A response to a request whose body is not read ends the connection; 405 and 503 say what to do."""
    early = (answers.NOT_FOUND, answers.NOT_ALLOWED, answers.TOO_LARGE, answers.TOO_SLOW, answers.ENCODED)
    assert all(answer.closes for answer in (*early, answers.BROKEN))
    assert answers.NOT_ALLOWED.headers == {"Allow": "POST"}
    assert answers.BUSY.headers == {"Retry-After": "60"}
    assert not answers.MALFORMED.closes
