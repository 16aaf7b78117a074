"""The generated text: its layout, and its behaviour at run time."""

from __future__ import annotations

import inspect
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import attrs
import pytest
import yaml

from codegen.__main__ import render
from codegen.emit import prose
from etelecom_async import Secret
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.codec import requests, responses
from etelecom_async._core.codec.enums import CompleteEnum
from etelecom_async._core.operation import Effect, EmptyRequest, FailureRule, KeyKind, Verify
from etelecom_async.errors import DecodeError, InvalidRequestError, UnlistedValueWarning
from etelecom_async.paging import Pager, Paging

Generated = Callable[[str], ModuleType]
GOLDEN = Path(__file__).parent / "example" / "generated.txt"


class Recorder:
    """Stand-in for an engine: it returns the arguments of a method as the result."""

    request_of = staticmethod(Engine.request_of)

    async def call(self, row: Any, request: Any) -> tuple[Any, Any]:
        """Return the arguments of a call."""
        return row, request

    def list(self, row: Any, request: Any, *, prefetch: int, resume: str | None) -> tuple[Any, ...]:
        """Return the arguments of a list."""
        return row, request, prefetch, resume


@pytest.fixture
def shop(generated: Generated) -> Any:
    """Return the root of the shop's client."""
    return generated("resources.shop").ShopRoot(Recorder())


def test_golden(example: Any) -> None:
    """All generated text equals the reviewed file, so each change of the text changes that file."""
    parts = [f"=== {path}\n{content.decode()}" for path, content in sorted(render(example.root).items())]
    text = "\n".join(parts)
    actual = example.root / "generated.txt"
    actual.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), f"if the change is intended: cp {actual} {GOLDEN}"


def test_same_text_each_time(example: Any) -> None:
    """The same spec gives the same bytes."""
    assert render(example.root) == render(example.root)


def test_response_fields(generated: Generated) -> None:
    """A response may omit any field: texts, arrays and maps are then empty, other fields None."""
    ticket = generated("models.desk").Ticket()
    defaults = {name: value for name, value in attrs.asdict(ticket).items() if value is not None}
    assert defaults == {"id": "", "owner": "", "labels": (), "answers": {}, "mark": ""}


def test_response_normalizes_nulls_and_times(generated: Generated) -> None:
    """Null arrays and maps become empty; a time without an offset is UTC."""
    due = datetime(2026, 1, 2)  # noqa: DTZ001 - the test is about a time without an offset
    ticket = generated("models.desk").Ticket(labels=None, answers=None, due=due)
    assert (ticket.labels, ticket.answers, ticket.due) == ((), {}, datetime(2026, 1, 2, tzinfo=UTC))


def test_models_are_frozen_slotted_and_by_keyword(generated: Generated) -> None:
    """A model cannot be changed, has no `__dict__`, and takes no positional arguments."""
    box = generated("models.desk").Box(number="1")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        box.number = "2"
    assert not hasattr(box, "__dict__")
    with pytest.raises(TypeError, match="positional"):
        generated("models.desk").Box("1")


def test_required_fields_have_no_default(generated: Generated) -> None:
    """A field that the spec requires has no default; the others are optional."""
    request = generated("models.desk").CreateTicketRequest
    required = [field.name for field in attrs.fields(request) if field.default is attrs.NOTHING]
    assert required == ["title", "from_", "secret"]


def test_secret_is_wrapped(generated: Generated) -> None:
    """A secret that is passed as text is masked in the request."""
    request = generated("models.desk").CreateTicketRequest(title="a", from_="1", secret="hush")
    assert isinstance(request.secret, Secret)
    assert "hush" not in repr(request)


def test_wire_names(generated: Generated) -> None:
    """A Python keyword and a name from the overlay use the wire name in requests and responses."""
    row = generated("operations").SHOP_TICKETS_CREATE
    sent = requests.encode(row, row.request(title="a", from_="1", secret="b", template_id=5))
    assert sent == b'{"title":"a","from":"1","secret":"b","template_id":5}'
    ticket = responses.decode(row, 200, {}, b'{"onwer":"7"}', Counter())
    assert ticket.owner == "7"


def test_enum(generated: Generated) -> None:
    """Values are members with our names; an unlisted value stays unchanged."""
    kind = generated("models.desk").TicketKind
    assert {member.name: member.value for member in kind} == {"UNKNOWN": "unknown", "IN": "in", "NEW": "Z"}
    assert kind.unlisted("brand_new") == "brand_new"


def test_complete_list(generated: Generated) -> None:
    """A request refuses a text outside of a complete list, and warns of one outside of an open list."""
    models = generated("models.desk")
    row = generated("operations").SHOP_TICKETS_CREATE
    assert issubclass(models.Place, CompleteEnum)
    assert not issubclass(models.TicketKind, CompleteEnum)
    needed = {"title": "a", "from_": "1", "secret": "b", "template_id": 5}
    with pytest.raises(InvalidRequestError, match=r"places\[1\] takes 'in' or 'out': did you mean 'out'\?"):
        requests.encode(row, row.request(**needed, places=["in", "Out "]))
    for fields in ({"kind": "zz"}, {"kinds": ["in", "yy"]}):
        with pytest.warns(UnlistedValueWarning, match="TicketKind does not list"):
            sent = requests.encode(row, row.request(**needed, **fields))
        assert json.loads(sent).items() >= fields.items()


def test_type_of_a_list_of_values(example: Any) -> None:
    """The type of a complete list is the enum or its texts; an open list takes any text."""
    text = render(example.root)["etelecom_async/_generated/models/desk.py"].decode()
    assert 'place: Place | Literal["in", "out"] | None = None' in text
    assert 'places: Sequence[Place | Literal["in", "out"]] | None = None' in text
    assert "kind: TicketKind | str | None = None" in text


def test_document_of_lists(example: Any) -> None:
    """The table of operations shows which lists are complete, with their values and the operations."""
    text = render(example.root)["docs/operations.md"].decode()
    assert "| `Place` | complete | `in`, `out` | `shop.tickets.create`, `shop.tickets.list` |" in text
    assert "| `TicketKind` | open | `unknown`, `in`, `Z` | `shop.tickets.create` |" in text


def test_rows(generated: Generated) -> None:
    """A row has the facts of spec and overlay; the table maps public names to rows, sorted."""
    ops = generated("operations")
    row = ops.SHOP_TICKETS_CREATE
    assert (row.name, row.wire_name, row.effect) == (
        "shop.tickets.create",
        "Desk/CreateTicket",
        Effect.CREATE,
    )
    assert row.callers == {KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}
    assert row.source == "https://docs.example/create-ticket"
    assert ops.SHOP_TICKETS_CLOSE.fails_in_body is FailureRule.NOT_UPDATED
    assert ops.SHOP_ARCHIVE_BOXES_CREATE.provisional == "Its page could not be read."
    assert ops.SHOP_ARCHIVE_BOXES_FILL.multipart
    assert ops.SMS_SEND.credentials == ("username", "password")
    assert (row.tracking, row.template, row.verify) == (
        "mark",
        True,
        Verify(read="shop.tickets.list", key="mark"),
    )
    close = ops.SHOP_TICKETS_CLOSE
    assert (close.tracking, close.template, close.verify) == (None, False, None)
    assert ops.OPERATIONS["shop.tickets.create"] is row
    assert list(ops.OPERATIONS) == sorted(ops.OPERATIONS)


def test_forms(generated: Generated, shop: Any) -> None:
    """Each form has a row and a method with its own arguments and effect; a server reads the main row."""
    ops, models = generated("operations"), generated("models")
    main, other = ops.SHOP_BADGES_GET, ops.SHOP_BADGES_REQUEST
    assert (main.wire_name, main.form_of, main.effect) == ("Desk/GetBadge", None, Effect.IDEMPOTENT)
    assert (other.wire_name, other.form_of, other.effect) == ("Desk/GetBadge", main.name, Effect.CREATE)
    assert (main.idempotent_if, other.idempotent_if) == (("badge_id",), ())
    assert main.as_served().request is models.GetBadgeRequest
    assert list(inspect.signature(shop.badges.get).parameters) == ["badge_id"]
    assert list(inspect.signature(shop.badges.request).parameters) == ["clerk"]
    with pytest.raises(TypeError, match="badge_id"):
        models.BadgeRequest()


def test_cases(generated: Generated) -> None:
    """A response with cases becomes the class of one; a form refuses a case that it cannot have."""
    ops, models = generated("operations"), generated("models")
    read = {
        "badge": b'{"kind": "badge", "token": "b1", "minutes": 5}',
        "page": b'{"token": "p:1", "url": "u"}',
    }
    expected = {
        "badge": models.Badge(key=Secret("b1"), minutes=5),
        "page": models.SignInPage(url=Secret("u")),
    }
    for case, body in read.items():
        assert responses.decode(ops.SHOP_BADGES_GET, 200, {}, body, Counter()) == expected[case]
    assert ops.SHOP_BADGES_REQUEST.results == (models.SignInPage,)
    with pytest.raises(DecodeError, match="badge in place of page"):
        responses.decode(ops.SHOP_BADGES_REQUEST, 200, {}, read["badge"], Counter())


def test_list_rows(generated: Generated) -> None:
    """The row of a list has the item class, the name of the array and the key of an item."""
    ops, models = generated("operations"), generated("models")
    tickets, boxes, labels = ops.SHOP_TICKETS_LIST, ops.SHOP_ARCHIVE_BOXES_LIST, ops.SHOP_ARCHIVE_LABELS_LIST
    assert (tickets.items, tickets.key, tickets.response) == ("tickets", "id", models.Ticket)
    assert (boxes.items, boxes.key, boxes.response) == ("boxes", "number", models.Box)
    assert (labels.items, labels.key, labels.response) == ("*", "id", dict)


def test_list_response_has_no_class(generated: Generated) -> None:
    """The generator makes no class for the object around a list's array: a page holds the items."""
    assert not hasattr(generated("models.desk"), "TicketList")


def test_models_load_on_first_use(generated: Generated) -> None:
    """Neither the table nor the methods load a model; the first use of a model loads its area."""
    models = generated("models")
    generated("operations")
    generated("resources.shop")
    area = "etelecom_async._generated.models.desk"
    assert area not in sys.modules
    assert models.Ticket.__module__ == area
    assert area in sys.modules


def test_models_package(generated: Generated) -> None:
    """The package lists every class, and other names raise AttributeError."""
    models = generated("models")
    assert {"Ticket", "TicketKind", "DeskClerk"} <= set(models.__all__)
    assert set(models.__all__) <= set(dir(models))
    assert all(inspect.isclass(getattr(models, name)) for name in models.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Tickets'"):
        _ = models.Tickets


async def test_call(shop: Any, generated: Generated) -> None:
    """A method passes its row, and the request that its keywords make."""
    row, request = await shop.tickets.close(id="7")
    assert row is generated("operations").SHOP_TICKETS_CLOSE
    assert request == generated("models").CloseTicketRequest(id="7")


async def test_misspelt_keyword_is_refused(shop: Any) -> None:
    """An unknown keyword raises TypeError before a request is sent."""
    with pytest.raises(TypeError, match="idd"):
        await shop.tickets.close(idd="7")


def test_list_has_filter_and_paging_as_keywords(shop: Any, generated: Generated) -> None:
    """The fields of filter and paging are keywords of a list, as are prefetch and resume."""
    models = generated("models")
    row, request, prefetch, resume = shop.tickets.list(title="a", limit=5, prefetch=2, resume="x")
    assert row is generated("operations").SHOP_TICKETS_LIST
    assert request == models.ListTicketsRequest(filter=models.TicketFilter(title="a"), paging=Paging(limit=5))
    assert (prefetch, resume) == (2, "x")


def test_list_without_paging(shop: Any) -> None:
    """A list with only one page has no keywords for paging."""
    _, request, prefetch, resume = shop.archive.boxes.list()
    assert (request, prefetch, resume) == (EmptyRequest(), 0, None)
    assert list(inspect.signature(shop.archive.boxes.list).parameters) == []


def test_ids(generated: Generated) -> None:
    """A result has its id as `id`, and by the name that requests use, whichever of the two the wire has."""
    models = generated("models")
    ticket, box = models.Ticket(id="5"), models.Box(number="B")
    assert (ticket.id, ticket.ticket_id, box.id, box.number) == ("5", "5", "B", "B")
    assert "ticket_id" not in ticket.to_dict()


async def test_partial_request(shop: Any, generated: Generated) -> None:
    """If the documentation shows a request in part, the method takes the whole request, or a mapping."""
    make = generated("models").MakeBoxRequest
    for given, passed in (((), make()), ((make(size=1),), make(size=1)), (({"size": 1},), {"size": 1})):
        _, request = await shop.archive.boxes.create(*given)
        assert request == passed


async def test_credentials_are_no_keywords(generated: Generated) -> None:
    """The client fills user name and password, so the method has no keyword for them."""
    sms = generated("resources.sms").SmsRoot(Recorder())
    assert list(inspect.signature(sms.send).parameters) == ["text", "to"]
    _, request = await sms.send(text="hello", to="0901234567")
    assert (request.username, request.password) == (None, None)


async def test_shared_operation_is_a_method_of_the_client(shop: Any) -> None:
    """A name without a root is a method of the client itself."""
    row, _ = await shop.ping()
    assert row.name == "ping"


async def test_file_may_be_bytes(shop: Any) -> None:
    """A multipart operation takes a file as bytes, and passes it as an attachment."""
    _, request = await shop.archive.boxes.fill(file=b"bytes")
    assert isinstance(request.file, Attachment)


async def test_needs_of_the_overlay_are_required(shop: Any, generated: Generated) -> None:
    """A field in `needs` of the overlay has no default, although the spec marks it optional."""
    with pytest.raises(TypeError, match="template_id"):
        await shop.forms.get()
    _, request = await shop.forms.get(template_id=5)
    assert request == generated("models").GetFormRequest(template_id=5)
    request_fields = attrs.fields(generated("models").SendTextRequest)
    required = [field.name for field in request_fields if field.default is attrs.NOTHING]
    assert required == ["text", "to"]


async def test_template_may_be_passed(shop: Any, generated: Generated) -> None:
    """A template provides its id and checks the data, and is not sent itself."""
    models, row = generated("models"), generated("operations").SHOP_TICKETS_CREATE
    assert get_type_hints(type(shop.tickets).create)["template"] == models.Form | None
    form = models.Form(template_id=5, template_params=(models.FormField(name="a", require=True),))
    ticket = {"title": "t", "from_": "1", "secret": "s", "template": form}
    _, request = await shop.tickets.create(**ticket, template_data={"a": "b"})
    assert requests.encode(row, request) == (
        b'{"title":"t","from":"1","secret":"s","template_id":5,"template_data":{"a":"b"}}'
    )
    _, request = await shop.tickets.create(**ticket, template_data={})
    with pytest.raises(InvalidRequestError, match="template_data lacks 'a'"):
        requests.encode(row, request)


async def test_limits_of_the_spec_are_checked(shop: Any, generated: Generated) -> None:
    """A text that is too long, or a list with too many items, raises an error that names the limit."""
    row = generated("operations").SHOP_TICKETS_CREATE
    given = {"from_": "1", "secret": "s", "template_id": 5}
    _, request = await shop.tickets.create(**given, title="x" * 20, labels=["a", "b", "c"])
    requests.encode(row, request)
    _, request = await shop.tickets.create(**given, title="x" * 21, labels=["a", "b", "c", "d"])
    with pytest.raises(InvalidRequestError) as caught:
        requests.encode(row, request)
    assert caught.value.problems == (
        "title takes 20 characters at the most, not 21",
        "labels takes 3 items at the most, not 4",
    )


async def test_form_of_a_request(generated: Generated) -> None:
    """A phone number is sent in the recommended form, whatever its notation."""
    row = generated("operations").SMS_SEND
    _, request = await generated("resources.sms").SmsRoot(Recorder()).send(text="a", to="0901 234 567")
    assert requests.encode(row, request) == b'{"text":"a","to":"84901234567"}'


def test_forms_of_an_answer(generated: Generated) -> None:
    """A time without a zone is in Vietnam's zone, and an object may be encoded as JSON text."""
    row = generated("operations").SMS_SEND
    body = b'{"status": "1", "sent": "21/05/2021 14:43:22", "values": "{\\"a\\": 1}"}'
    result = responses.decode(row, 200, {}, body, Counter())
    assert result.sent == datetime(2021, 5, 21, 7, 43, 22, tzinfo=UTC)
    assert result.values == {"a": 1}


def test_required_keywords_come_first(shop: Any) -> None:
    """A method takes only keywords; those without a default are first."""
    parameters = inspect.signature(shop.tickets.create).parameters.values()
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    required = [parameter.default is inspect.Parameter.empty for parameter in parameters]
    assert required == sorted(required, reverse=True)


def test_annotations_can_be_read(shop: Any, generated: Generated) -> None:
    """Every name in the annotations resolves at run time."""
    hints = get_type_hints(type(shop.tickets).list)
    assert hints["return"] == Pager[generated("models").Ticket]
    assert hints["date_from"] == datetime | None


def test_docstring(shop: Any) -> None:
    """A docstring describes the result, the arguments, the errors and the source."""
    text = inspect.getdoc(type(shop.tickets).create)
    assert text is not None
    assert text.startswith("Opens a ticket.\n\nIt goes to the first free clerk.\n\n")
    assert "Create ticket (Tạo phiếu)." in text
    assert "    kind: Kind of ticket. Known values: `unknown`, `in`, `Z`.\n" in text
    assert "Raises:\n    OutcomeUnknownError:" in text
    assert text.endswith(
        "Effect: CREATE.  Wire: Desk/CreateTicket.\nSource: https://docs.example/create-ticket"
    )


@pytest.mark.parametrize(
    ("root", "path", "text"),
    [
        ("shop", "tickets.close", "NotAppliedError: The response has `updated: 0`"),
        ("sms", "send", "SmsError: "),
        ("sms", "send", "OutcomeUnknownError: No response arrived. The client does not retry"),
        (
            "shop",
            "archive.boxes.create",
            "Warns:\n    ProvisionalOperationWarning: Its page could not be read.",
        ),
        ("shop", "archive.boxes.create", "Source: none; the operation is inferred."),
        ("shop", "tickets.list", "    prefetch: Number of pages to fetch ahead"),
        ("shop", "tickets.list", "    limit: Items per page."),
        ("shop", "tickets.create", "    title: Subject. At most 20 characters."),
        ("shop", "tickets.create", "    labels: Labels for a search. At most 3 items."),
        ("shop", "tickets.create", "`verify()` of the error checks"),
        ("shop", "tickets.create", "    mark: Caller's own id. By default, the client generates it."),
        ("shop", "tickets.create", "    template: The template itself: its id becomes template_id"),
    ],
)
def test_docstring_has_special_facts(generated: Generated, root: str, path: str, text: str) -> None:
    """The docstring of an operation has the facts that are special to it."""
    node = getattr(generated(f"resources.{root}"), f"{root.capitalize()}Root")(Recorder())
    for step in path.split("."):
        node = getattr(node, step)
    assert text in (inspect.getdoc(node) or "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("opens a ticket", "Opens a ticket."),
        ("Opens a ticket!", "Opens a ticket!"),
        ("eTelecom opens it", "eTelecom opens it."),
        ("ticket_id: a number", "ticket_id: a number."),
    ],
)
def test_sentence(text: str, wanted: str) -> None:
    """A sentence starts with a capital and ends with a stop, but a name keeps its spelling."""
    assert prose.sentence(text) == wanted


def test_text_that_would_end_a_docstring(example: Any) -> None:
    """Quotes and backslashes in the spec's texts do not end the docstring."""
    wanted = 'Says """stop""" and C:\\temp, in "quotes"'
    example.at("components", "schemas", "Box")["description"] = wanted
    source = render(example.save())["etelecom_async/_generated/models/desk.py"].decode()
    namespace: dict[str, Any] = {}
    exec(compile(source, "desk.py", "exec"), namespace)
    assert namespace["Box"].__doc__.strip().startswith("Says '''stop''' and C:\\temp, in \"quotes\".")


def test_same_component_in_two_files_is_one_class(example: Any) -> None:
    """A component in two files is defined in the first and imported in the second."""
    example.save()
    other = {
        "openapi": "3.1.0",
        "info": {"title": "Tools"},
        "paths": {
            "/{scope}.Tool/GetTool": {
                "post": {
                    "operationId": "Tool-GetTool",
                    "summary": "Get tool",
                    "description": "Gives a tool.",
                    "externalDocs": {"url": "https://docs.example/tool"},
                    "x-callers": ["shop_api_key"],
                    "parameters": [{"name": "scope", "in": "path", "schema": {"enum": ["shop"]}}],
                    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                    "responses": {
                        "200": {
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tool"}}}
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Box": example.at("components", "schemas", "Box"),
                "Tool": {
                    "description": "A tool.",
                    "type": "object",
                    "properties": {"box": {"$ref": "#/components/schemas/Box"}},
                },
            }
        },
    }
    (example.root / "codegen/spec/tools.openapi.yaml").write_text(yaml.safe_dump(other))
    lines = (
        '[operations."Tool/GetTool"]\n'
        'name = "shop.tools.get"  # the only read of one tool\n'
        'effect = "READ"  # reads only\n'
        "[namespaces]\n"
        '"shop.tools" = "Tools."  # the page\'s word\n'
    )
    overlay = example.overlay.replace("[namespaces]\n", lines)
    (example.root / "codegen/overlay.toml").write_text(overlay, encoding="utf-8")
    source = render(example.root)["etelecom_async/_generated/models/tools.py"].decode()
    assert "from etelecom_async._generated.models.desk import Box" in source
    assert "class Box" not in source


def test_namespaces_show_their_members(generated: Generated, shop: Any) -> None:
    """The repr of a namespace has its path and the names of its public members."""
    module = generated("resources.shop")
    shown = [
        repr(getattr(shop, name))
        for name, member in vars(module.ShopRoot).items()
        if isinstance(member, property)
    ]
    assert shown
    for text in shown:
        path, _, members = text.strip("<>").partition(": ")
        namespace = getattr(shop, path.rpartition(".")[2])
        public = {name for name in dir(namespace) if not name.startswith("_")}
        assert set(members.split(", ")) == public


def test_index_of_the_commands(generated: Generated) -> None:
    """The index has an option for each field, at its path on the wire, and imports nothing of the package."""
    index = generated("commands")
    expected = {"COLUMNS", "COMPLETE_ENUMS", "ENUMS", "GROUPS", "OPERATIONS"}
    assert {name for name in vars(index) if name.isupper()} == expected
    create = index.OPERATIONS["shop.tickets.create"]
    options = {name: (path, kind, required) for name, path, kind, required, _ in create["options"]}
    assert options["from_"] == (("from",), "text", True)
    assert options["labels"] == (("labels",), "list:text", False)
    assert options["kind"][1] == "enum:TicketKind"
    assert index.ENUMS["TicketKind"] == {"unknown": "UNKNOWN", "in": "IN", "Z": "NEW"}
    assert {"Place"} == index.COMPLETE_ENUMS
    assert [required for *_, required, _ in create["options"]] == sorted(
        (required for *_, required, _ in create["options"]), reverse=True
    )
    rows = index.OPERATIONS["shop.tickets.list"]
    assert rows["is_list"]
    assert rows["page_size"] == ("paging", "limit")
    assert {path[0] for _, path, *_ in rows["options"]} == {"filter"}
    assert "clerk.name" in index.COLUMNS["Ticket"]
    assert not [name for name in index.OPERATIONS["sms.send"]["options"] if name[0] == "password"]
