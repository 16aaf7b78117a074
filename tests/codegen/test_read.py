"""The generator refuses a bad spec; it reports every problem and its solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from codegen.problems import SpecError
from codegen.read import read
from codegen.records import Kind, Type

SPEC = "codegen/spec/desk.openapi.yaml"
OVERLAY = "codegen/overlay.toml"
CREATE = "/{scope}.Desk/CreateTicket"
LIST = "/{scope}.Desk/ListTickets"
AT_CREATE = f"{SPEC} #/paths/~1{{scope}}.Desk~1CreateTicket/post"
AT_LIST = f"{SPEC} #/paths/~1{{scope}}.Desk~1ListTickets/post"
AT_TICKET = f'{OVERLAY} operations."Desk/CreateTicket"'
AT_SCHEMAS = f"{SPEC} #/components/schemas"
Change = Callable[[Any], None]


def put(*steps: str, value: Any) -> Change:
    """Set a part of the spec."""

    def change(example: Any) -> None:
        example.at(*steps[:-1])[steps[-1]] = value

    return change


def drop(*steps: str) -> Change:
    """Remove a part of the spec."""

    def change(example: Any) -> None:
        del example.at(*steps[:-1])[steps[-1]]

    return change


def overlay(old: str, new: str) -> Change:
    """Replace a text of the overlay."""

    def change(example: Any) -> None:
        assert example.overlay.count(old) == 1
        example.overlay = example.overlay.replace(old, new)

    return change


def both(*changes: Change) -> Change:
    """Make several changes."""

    def change(example: Any) -> None:
        for single in changes:
            single(example)

    return change


def post(path: str, *steps: str) -> tuple[str, ...]:
    """Return the steps to a part of an operation."""
    return ("paths", path, "post", *steps)


def schema(*steps: str) -> tuple[str, ...]:
    """Return the steps to a part of a component."""
    return ("components", "schemas", *steps)


def field(component: str, name: str) -> tuple[str, ...]:
    """Return the steps to a field of a component."""
    return schema(component, "properties", name)


def message(place: str, text: str) -> str:
    """Return a problem as the generator prints it."""
    return f"{place}: {text}"


DONE = field("Ticket", "done")
TEXTS = {"type": "array", "items": {"type": "string"}, "description": "x"}
NO_ID = f"{OVERLAY} operations.\"Box/GetBoxes\".key: Box has no field 'id'; use the field that identifies it."
UNUSED = "nothing uses this key; correct its name or delete it."
NOT_A_LIST = f"{AT_LIST}: the response of a list must have one array, and only paging (PageInfo) beside it."
AT_FORMS = f'{OVERLAY} operations."Desk/GetBadge".forms'
AT_GET, AT_REQUEST = f'{AT_FORMS}."shop.badges.get"', f'{AT_FORMS}."shop.badges.request"'
AT_CASES = f"{OVERLAY} cases.BadgeResult"
BAD: dict[str, tuple[Change, list[str]]] = {
    "an operation without an effect": (
        overlay('effect = "CREATE"  # a second call creates a second ticket\n', ""),
        [
            message(
                f'{OVERLAY} operations."Desk/CreateTicket".effect',
                "no effect; add one of READ, IDEMPOTENT, DELETE, CREATE, SEND.",
            )
        ],
    ),
    "an operation without a name": (
        overlay('name = "shop.tickets.create"  # the verb for creating\n', ""),
        [f'{OVERLAY} operations."Desk/CreateTicket".name: no public name; add one.'],
    ),
    "an unknown effect": (
        overlay('"SEND"', '"SENDS"'),
        [
            message(
                f'{OVERLAY} operations."Omni/Send".effect',
                "'SENDS' is not an effect; use one of READ, IDEMPOTENT, DELETE, CREATE, SEND.",
            )
        ],
    ),
    "one name for two operations": (
        overlay("shop.tickets.close", "shop.tickets.create"),
        [
            message(
                f'{OVERLAY} operations."Desk/CloseTicket".name',
                "Desk/CreateTicket has the name 'shop.tickets.create' too; choose another name.",
            )
        ],
    ),
    "a name that other names start with": (
        overlay("shop.tickets.close", "shop.archive"),
        [
            message(
                f'{OVERLAY} operations."Desk/CloseTicket".name',
                "other names start with 'shop.archive'; choose another name.",
            )
        ],
    ),
    "a name with a keyword in it": (
        overlay("shop.tickets.close", "shop.tickets.in"),
        [
            message(
                f'{OVERLAY} operations."Desk/CloseTicket".name',
                "'shop.tickets.in' is not a valid name; use lower_case names that are not reserved.",
            )
        ],
    ),
    "two namespaces for one module": (
        both(
            overlay("shop.archive.labels.list", "shop.tickets.archive.labels.list"),
            overlay(
                '"shop.archive.labels" =',
                '"shop.tickets.archive" = "x"  # y\n"shop.tickets.archive.labels" =',
            ),
        ),
        [
            (
                f"{OVERLAY} operations: shop.tickets.archive and shop.archive need a module of the same name;"
                " rename one of them."
            )
        ],
    ),
    "a namespace without a docstring": (
        overlay('"shop.archive.boxes" = "Boxes of the archive."  # the page\'s word\n', ""),
        [f'{OVERLAY} namespaces."shop.archive.boxes": no docstring for this namespace; add one.'],
    ),
    "an operation of the overlay that is in no spec": (
        overlay("[fields]\n", '[operations."Desk/Nothing"]\nname = "x"  # y\n[fields]\n'),
        [f'{OVERLAY} operations."Desk/Nothing".name: {UNUSED}'],
    ),
    "a misspelt key of an operation": (
        overlay('fails_in_body = "updated"', 'fail_in_body = "updated"'),
        [f'{OVERLAY} operations."Desk/CloseTicket".fail_in_body: {UNUSED}'],
    ),
    "a key that is for lists only": (
        overlay('name = "shop.tickets.close"', 'key = "id"  # x\nname = "shop.tickets.close"'),
        [f'{OVERLAY} operations."Desk/CloseTicket".key: {UNUSED}'],
    ),
    "a field of the overlay that is in no spec": (
        overlay('"Ticket.onwer" = "owner"', '"Ticket.onwer" = "owner"  # x\n"Ticket.odd" = "even"'),
        [f'{OVERLAY} fields."Ticket.odd": {UNUSED}'],
    ),
    "a value of the overlay that is in no spec": (
        overlay('Z = "NEW"', 'Y = "NEW"'),
        [f"{OVERLAY} enums.TicketKind.Y: {UNUSED}"],
    ),
    "an enum without a decision": (
        overlay("Place = true", "# Place = true"),
        [
            (
                f"{OVERLAY} complete.Place: no decision; "
                "set complete.Place to true if the pages list all values, else to false."
            )
        ],
    ),
    "a decision that is no truth value": (
        overlay("Place = true", 'Place = "yes"'),
        [f"{OVERLAY} complete.Place: 'yes' must be true or false."],
    ),
    "a decision on an enum that is in no spec": (
        overlay("Place = true", "Place = true  # x\nPlaces = true"),
        [f"{OVERLAY} complete.Places: {UNUSED}"],
    ),
    "an id of a class that is in no spec": (
        overlay('Ticket = "ticket_id"', 'Ticket = "ticket_id"  # x\nTocket = "id"'),
        [f"{OVERLAY} ids.Tocket: {UNUSED}"],
    ),
    "an id of a request": (
        overlay('Ticket = "ticket_id"', 'Ticket = "ticket_id"  # x\nCloseTicketRequest = "id"'),
        [f"{OVERLAY} ids.CloseTicketRequest: {UNUSED}"],
    ),
    "an id that a result does not have": (
        overlay('Box = "number"', 'Box = "numbre"'),
        [f"{OVERLAY} ids.Box: Box has neither id nor numbre; correct the name."],
    ),
    "results without a line for their id": (
        overlay(
            '[ids]\nTicket = "ticket_id"  # other operations take it\nBox = "number"  # its only field\n',
            "",
        ),
        [
            f"{OVERLAY} ids.{name}: no line for {name}; add the name that requests use for its id, or id."
            for name in ("Box", "Ticket")
        ],
    ),
    "a class of the overlay that is in no spec": (
        overlay("Clerk = ", "Clark = "),
        [f"{OVERLAY} classes.Clark: {UNUSED}"],
    ),
    "an unknown table": (
        overlay("[classes]", "[class]"),
        [f"{OVERLAY} class.Clerk: {UNUSED}"],
    ),
    "a line without a reason": (
        overlay("  # a box has no id", ""),
        [f"{OVERLAY} line 25: no reason; end the line with a comment that gives the reason."],
    ),
    "a reason that is only text in quotes": (
        overlay('"Texts."  # the root of a client', '"Texts. # not a reason"'),
        [f"{OVERLAY} line 58: no reason; end the line with a comment that gives the reason."],
    ),
    "a number where the overlay has texts": (
        overlay('key = "number"', "key = 7"),
        [
            f'{OVERLAY} operations."Box/GetBoxes".key: 7 must be a text in quotes.',
            NO_ID,
        ],
    ),
    "a text where the overlay has a list": (
        overlay('["username", "password"]', '"username"'),
        [f"{OVERLAY} operations.\"Omni/Send\".credentials: 'username' must be a list of texts in quotes."],
    ),
    "an overlay that is not TOML": (
        overlay("[classes]", "[classes"),
        [
            (
                f"{OVERLAY}: not valid TOML (Expected ']' at the end of a table declaration"
                " (at line 74, column 9)); correct it."
            )
        ],
    ),
    "a reference to a missing component": (
        put(*post(CREATE, "responses", "default", "$ref"), value="#/components/responses/Mistake"),
        [
            f"{SPEC} #/components/responses/Error: no operation uses this component; use it or delete it.",
            f"{AT_SCHEMAS}/Error: no operation uses this component; use it or delete it.",
            message(
                f"{AT_CREATE}/responses/default",
                "#/components/responses/Mistake does not exist; add the component or correct the reference.",
            ),
        ],
    ),
    "a reference out of the file": (
        put(*field("Ticket", "kind"), value={"$ref": "other.yaml#/Kind", "description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/kind",
                "other.yaml#/Kind does not exist; add the component or correct the reference.",
            )
        ],
    ),
    "a component that nothing uses": (
        put(*schema("Odd"), value={"type": "object", "description": "x"}),
        [f"{AT_SCHEMAS}/Odd: no operation uses this component; use it or delete it."],
    ),
    "a type that JSON does not have": (
        put(*DONE, value={"type": "bool", "description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/done",
                "unsupported type 'bool'; use one of string, integer, number, boolean, array, object.",
            )
        ],
    ),
    "a field without a type": (
        put(*DONE, value={"description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/done",
                "unsupported type None; use one of string, integer, number, boolean, array, object.",
            )
        ],
    ),
    "a field of two types": (
        put(*DONE, value={"type": ["string", "integer", "null"], "description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/done",
                "unsupported type ['string', 'integer', 'null']; use one type, and null if allowed.",
            )
        ],
    ),
    "a choice of two schemas": (
        put(*DONE, value={"oneOf": [{"type": "string"}, {"type": "integer"}], "description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/done/oneOf",
                "only one schema may be combined with null; choose one, and describe the other in x-doubt.",
            )
        ],
    ),
    "an unknown format": (
        put(*DONE, value={"type": "string", "format": "date", "description": "x"}),
        [
            (
                f"{AT_SCHEMAS}/Ticket/properties/done: unsupported format 'date';"
                " use none, or one of int64, uri, uri-reference, email, date-time, password, binary."
            )
        ],
    ),
    "an object in an object": (
        put(*DONE, value={"type": "object", "properties": {"a": {}}, "description": "x"}),
        [f"{AT_SCHEMAS}/Ticket/properties/done: a nested object must have a name: make it a component."],
    ),
    "a closed enum": (
        put(*DONE, value={"type": "string", "enum": ["a"], "description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/done",
                "an enum must be open and have a name: make it a component with x-known-values.",
            )
        ],
    ),
    "an array of nothing": (
        put(*DONE, value={"type": "array", "description": "x"}),
        [f"{AT_SCHEMAS}/Ticket/properties/done/items: no schema; add one."],
    ),
    "two values with one name": (
        put(*schema("TicketKind", "x-known-values"), value={"in": "", "IN": "", "Z": ""}),
        [
            message(
                f"{AT_SCHEMAS}/TicketKind/x-known-values",
                "'in' and 'IN' both have the name IN; set enums.TicketKind.IN in the overlay.",
            )
        ],
    ),
    "a value that is not a valid name": (
        put(*schema("TicketKind", "x-known-values"), value={"1": "", "Z": ""}),
        [
            message(
                f"{AT_SCHEMAS}/TicketKind/x-known-values",
                "'1' is not a valid member name; set enums.TicketKind.1 in the overlay.",
            )
        ],
    ),
    "an invalid member name in the overlay": (
        overlay('Z = "NEW"', 'Z = "new one"'),
        [
            message(
                f"{AT_SCHEMAS}/TicketKind/x-known-values",
                "'new one' is not a valid member name; set enums.TicketKind.Z in the overlay.",
            )
        ],
    ),
    "a class for both directions": (
        put(*field("CreateTicketRequest", "clerk"), value={"$ref": "#/components/schemas/Clerk"}),
        [f"{AT_SCHEMAS}/Clerk: used in requests and in responses; split it into two components."],
    ),
    "a list without an array": (
        put(*field("TicketList", "tickets"), value={"type": "string", "description": "x"}),
        [NOT_A_LIST],
    ),
    "a list with two arrays": (
        put(
            *field("TicketList", "more"),
            value=TEXTS,
        ),
        [NOT_A_LIST],
    ),
    "a list with something beside its array": (
        put(*field("TicketList", "total"), value={"type": "integer", "description": "x"}),
        [NOT_A_LIST],
    ),
    "a list of texts": (
        put(
            *field("TicketList", "tickets"),
            value=TEXTS,
        ),
        [f"{AT_LIST}: the items of tickets must be a component; add one and refer to it."],
    ),
    "a list with an unknown response": (
        overlay('items = "*"  # no response was seen\n', ""),
        [
            message(
                f'{OVERLAY} operations."Box/GetLabels".items',
                'the response of this list is not known; set items = "*".',
            )
        ],
    ),
    "a list with a known response": (
        overlay('key = "number"', 'items = "*"  # x\nkey = "number"'),
        [f'{OVERLAY} operations."Box/GetBoxes".items: the response has a known array; delete the line.'],
    ),
    "items that nothing identifies": (
        overlay('key = "number"  # a box has no id\n', ""),
        [NO_ID],
    ),
    "two keywords with one name": (
        put(*field("TicketFilter", "limit"), value={"type": "string", "description": "x"}),
        [f"{AT_LIST}: two keywords of this list are named 'limit'; rename one in the overlay's [fields]."],
    ),
    "a failure in a field that the response lacks": (
        overlay('fails_in_body = "updated"', 'fails_in_body = "update"'),
        [
            message(
                f'{OVERLAY} operations."Desk/CloseTicket".fails_in_body',
                "the response has no field 'update'; correct the name.",
            )
        ],
    ),
    "a failure in a field without a rule in the client": (
        both(
            overlay('fails_in_body = "updated"', 'fails_in_body = "state"'),
            put(*field("CloseTicketResult", "state"), value={"type": "string", "description": "x"}),
        ),
        [
            message(
                f'{OVERLAY} operations."Desk/CloseTicket".fails_in_body',
                "the client has no rule for 'state'; it knows updated, error_code, status, code.",
            )
        ],
    ),
    "credentials that the request lacks": (
        overlay('["username", "password"]', '["user", "password"]'),
        [
            message(
                f'{OVERLAY} operations."Omni/Send".credentials',
                "the request has no field 'user'; correct the name.",
            )
        ],
    ),
    "a need that the request lacks": (
        overlay('["template_id"]', '["template_id", "form_id"]'),
        [
            message(
                f'{OVERLAY} operations."Desk/GetForm".needs',
                "the request has no field 'form_id'; correct the name.",
            )
        ],
    ),
    "needs that are not a list": (
        overlay('needs = ["to"]', 'needs = "to"'),
        [f"{OVERLAY} operations.\"Omni/Send\".needs: 'to' must be a list of texts in quotes."],
    ),
    "a tracking field that the request lacks": (
        overlay('tracking = "mark"', 'tracking = "tracking_id"'),
        [f"{AT_TICKET}.tracking: the request has no field 'tracking_id'; correct the name."],
    ),
    "a verify field that the request lacks": (
        overlay('{ read = "shop.tickets.list", key = "mark" }', '{ read = "shop.tickets.list", key = "id" }'),
        [f"{AT_TICKET}.verify: the request has no field 'id'; correct the name."],
    ),
    "a verify field that the read does not answer": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.tickets.list", by = ["from_"], key = "mark" }',
        ),
        [f"{AT_TICKET}.verify: shop.tickets.list returns no field 'from_'; use another read."],
    ),
    "a verify by an answer that is not known": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.archive.labels.list", key = "mark" }',
        ),
        [
            message(
                f"{AT_TICKET}.verify",
                "shop.archive.labels.list returns no field 'mark'; use another read.",
            )
        ],
    ),
    "a verify by an answer that cannot fail": (
        both(
            overlay('tracking = "mark"', 'fails_in_body = "error_code"  # x\ntracking = "mark"'),
            put(*field("Ticket", "error_code"), value={"type": "integer", "description": "x"}),
            overlay(
                '{ read = "shop.tickets.list", key = "mark" }',
                '{ read = "shop.forms.get", key = "template_id" }',
            ),
        ),
        [f"{AT_TICKET}.verify: shop.forms.get returns no field 'error_code'; use another read."],
    ),
    "a verify by a filter that the read lacks": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.tickets.list", by = ["title"], sets = ["title"], key = "mark" }',
        ),
        [f"{AT_TICKET}.verify: shop.tickets.list returns no field 'title'; use another read."],
    ),
    "a verify by a state that the read does not show": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.tickets.list", key = "mark", shows = { colour = "red" } }',
        ),
        [f"{AT_TICKET}.verify: shop.tickets.list returns no field 'colour'; use another read."],
    ),
    "a verify whose key has another name in an item": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.tickets.list", key = "mark", key_field = "sign" }',
        ),
        [f"{AT_TICKET}.verify: shop.tickets.list returns no field 'sign'; use another read."],
    ),
    "a verify whose first read is none": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.tickets.list", first = "shop.tickets.close", key = "mark" }',
        ),
        [f"{AT_TICKET}.verify: 'shop.tickets.close' is not a READ operation; use one."],
    ),
    "a flag that is a text": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }',
            '{ read = "shop.tickets.list", key = "mark", is_absent = "yes" }',
        ),
        [f"{AT_TICKET}.verify.is_absent: 'yes' must be true or false."],
    ),
    "a call that is idempotent by a field that the request lacks": (
        overlay('fails_in_body = "updated"', 'idempotent_if = ["nothing"]  # x\nfails_in_body = "updated"'),
        [
            message(
                f'{OVERLAY} operations."Desk/CloseTicket".idempotent_if',
                "the request has no field 'nothing'; correct the name.",
            )
        ],
    ),
    "a call of another effect that is idempotent if": (
        overlay('tracking = "mark"', 'idempotent_if = ["mark"]  # x\ntracking = "mark"'),
        [f"{AT_TICKET}.idempotent_if: it needs the effect IDEMPOTENT; delete the line."],
    ),
    "a verify that is no operation": (
        overlay(
            '{ read = "shop.tickets.list", key = "mark" }', '{ read = "shop.tickets.lists", key = "mark" }'
        ),
        [f"{AT_TICKET}.verify: 'shop.tickets.lists' is not a READ operation; use one."],
    ),
    "a verify that does something": (
        overlay('{ read = "shop.tickets.list", key = "mark" }', '{ read = "shop.tickets.close" }'),
        [f"{AT_TICKET}.verify: 'shop.tickets.close' is not a READ operation; use one."],
    ),
    "a template of no class": (
        overlay('template = "Form"', 'template = "Forms"'),
        [f"{AT_TICKET}.template: no class 'Forms'; correct the name."],
    ),
    "a template that is none": (
        overlay('template = "Form"', 'template = "Box"'),
        [f"{AT_TICKET}.template: Box has no template_id or template_params; use another class."],
    ),
    "a template for a request that takes none": (
        overlay('needs = ["template_id"]', 'template = "Form"  # x\nneeds = ["template_id"]'),
        [
            message(
                f'{OVERLAY} operations."Desk/GetForm".template',
                "the request has no template_id or template_data; delete the line.",
            )
        ],
    ),
    "an unknown form": (
        overlay('"local_time"', '"localtime"'),
        [
            message(
                f'{OVERLAY} forms."SendTextResult.sent"',
                "'localtime' is not a form; use one of phone, local_time, json.",
            )
        ],
    ),
    "a form of a field that there is not": (
        overlay('"SendTextResult.sent" = "local', '"SendTextResult.sent_at" = "local'),
        [f'{OVERLAY} forms."SendTextResult.sent_at": {UNUSED}'],
    ),
    "a form of what is no text": (
        overlay('"SendTextRequest.to" = "phone"', '"Ticket.minutes" = "phone"'),
        [f'{OVERLAY} forms."Ticket.minutes": only a text can have a form; delete the line.'],
    ),
    "a Paging that is not the hand-written one": (
        drop(*field("Paging", "sort")),
        [
            message(
                f"{AT_SCHEMAS}/Paging",
                "it represents a hand-written class with the fields after, before, limit, sort. Use these.",
            )
        ],
    ),
    "an operation without a title": (
        drop(*post(CREATE, "summary")),
        [f"{AT_CREATE}: no summary; add one."],
    ),
    "an operation without a description": (
        drop(*post(CREATE, "description")),
        [f"{AT_CREATE}: no description; add one."],
    ),
    "an operation without callers": (
        drop(*post(CREATE, "x-callers")),
        [
            (
                f"{AT_CREATE}: no x-callers; list those of shop_api_key, partner_api_key, partner_shop_key,"
                " username_password that may call it."
            )
        ],
    ),
    "a caller that is not a kind of key": (
        put(*post(CREATE, "x-callers"), value=["shop_api_key", "partner_shop_key", "nobody"]),
        [
            (
                f"{AT_CREATE}: 'nobody' in x-callers is not a kind of key;"
                " use shop_api_key, partner_api_key, partner_shop_key, username_password."
            )
        ],
    ),
    "a scope that is not the callers'": (
        put(*post(CREATE, "x-callers"), value=["shop_api_key"]),
        [f"{AT_CREATE}: the parameter scope must have the enum ['shop'], to match x-callers."],
    ),
    "an operation without a page": (
        drop(*post(CREATE, "externalDocs")),
        [f"{AT_CREATE}: no externalDocs.url; add the page of the operation, or x-provisional with a reason."],
    ),
    "an operationId of another operation": (
        put(*post(CREATE, "operationId"), value="Desk-Create"),
        [f"{AT_CREATE}: operationId must be Desk-CreateTicket, to match the path."],
    ),
    "a path of another form": (
        put("paths", "/Desk/Odd", value={"post": {}}),
        [
            message(
                f"{SPEC} #/paths/~1Desk~1Odd",
                "the path must be /{scope}.Service/Method or /api/Service/Method.",
            )
        ],
    ),
    "a path without a post": (
        put("paths", "/{scope}.Desk/Odd", value={"get": {}}),
        [f"{SPEC} #/paths/~1{{scope}}.Desk~1Odd: no post; every operation of this API is a POST."],
    ),
    "a request that is not JSON": (
        put(*post(LIST, "requestBody"), value={}),
        [
            f"{AT_SCHEMAS}/ListTicketsRequest: no operation uses this component; use it or delete it.",
            f"{AT_SCHEMAS}/TicketFilter: no operation uses this component; use it or delete it.",
            f"{AT_LIST}/requestBody/content: the content must be application/json or multipart/form-data.",
        ],
    ),
    "an operation without a response": (
        put(*post(CREATE, "responses", "200"), value={"description": "x"}),
        [f"{AT_CREATE}/responses/200/content: no JSON response; describe it."],
    ),
    "a request without fields": (
        put(*schema("MakeBoxRequest"), value={"type": "object", "additionalProperties": True}),
        [
            message(
                f"{SPEC} #/paths/~1{{scope}}.Box~1MakeBox/post/requestBody/content",
                "no fields; add the likely ones, and mark them with x-inferred.",
            )
        ],
    ),
    "a response that is not an object": (
        put(
            *post(CREATE, "responses", "200", "content", "application/json", "schema"),
            value={"type": "array", "items": {"$ref": "#/components/schemas/Ticket"}},
        ),
        [
            message(
                f"{AT_CREATE}/responses/200/content",
                "a request or a response must be an object; refer to its own component.",
            )
        ],
    ),
    "a component without a description": (
        drop(*schema("Box", "description")),
        [f"{AT_SCHEMAS}/Box: no description; add one."],
    ),
    "a field without a description": (
        drop(*field("Box", "number"), "description"),
        [f"{AT_SCHEMAS}/Box/properties/number: no description; add one."],
    ),
    "a missing required field": (
        put(*schema("CloseTicketRequest", "required"), value=["id", "name"]),
        [f"{AT_SCHEMAS}/CloseTicketRequest/required: no field 'name'; correct the name."],
    ),
    "a field that is not a valid name": (
        put(*field("Box", "Number-Of"), value={"type": "string", "description": "x"}),
        [
            (
                f"{AT_SCHEMAS}/Box/properties/Number-Of: 'Number-Of' is not a valid field name;"
                ' set fields."Box.Number-Of" in the overlay, in lower_case.'
            )
        ],
    ),
    "two fields with one name": (
        put(*field("Ticket", "owner"), value={"type": "string", "description": "x"}),
        [
            message(
                f"{AT_SCHEMAS}/Ticket/properties/owner",
                "'onwer' and 'owner' both have the name owner; correct the overlay's [fields].",
            )
        ],
    ),
    "a class that is not a valid name": (
        overlay("DeskClerk", "desk clerk"),
        [f"{AT_SCHEMAS}/Clerk: 'desk clerk' is not a valid class name; set classes.Clerk in the overlay."],
    ),
    "two components with one class": (
        overlay("DeskClerk", "Ticket"),
        [f"{OVERLAY} classes.Clerk: Ticket has the name Ticket too; choose another name."],
    ),
    "a spec without a title": (
        drop("info", "title"),
        [f"{SPEC} #/info/title: no title; add `info: {{title: ...}}`, as OpenAPI requires."],
    ),
    "no main form": (
        both(
            overlay('forms."shop.badges.get"]', 'forms."shop.badges.fetch"]'),
        ),
        [f"{AT_FORMS}: none has the operation's name 'shop.badges.get'; add the main form."],
    ),
    "a form without its texts": (
        both(
            overlay('title = "Get badge"  # the page\'s title\n', ""),
            overlay('doc = "Get a badge."  # the page\'s words\n', ""),
            overlay('request = "BadgeRequest"  # it asks for a badge\n', ""),
        ),
        [
            f"{AT_GET}.doc: missing; add it.",
            f"{AT_GET}.request: missing; add it.",
            f"{AT_GET}.title: missing; add it.",
        ],
    ),
    "a form with a field that the request does not have": (
        overlay('fields = ["clerk"]', 'fields = ["clerk", "clark"]'),
        [f"{AT_REQUEST}.fields: GetBadgeRequest has no field 'clark'; correct the name."],
    ),
    "a form with a result that the response does not have": (
        overlay('results = ["page"]', 'results = ["page", "pige"]'),
        [f"{AT_REQUEST}.results: the response has no case 'pige'; correct the name."],
    ),
    "a form whose class has a name that is taken": (
        overlay('request = "BadgeRequest"', 'request = "Ticket"'),
        [f"{AT_GET}.request: another class has the name Ticket too; choose another name."],
    ),
    "a form whose class has no valid name": (
        overlay('request = "BadgeRequest"', 'request = "badge request"'),
        [f"{AT_GET}.request: 'badge request' is not a valid class name; choose another one."],
    ),
    "forms of an operation that is tracked": (
        overlay(
            'idempotent_if = ["badge_id"]  # without it',
            'tracking = "clerk"  # a\nidempotent_if = ["badge_id"]  # b',
        ),
        [f"{AT_FORMS}: an operation with tracking has one form only; delete the others."],
    ),
    "a tag that the response does not have": (
        overlay('tag = "kind"', 'tag = "kin"'),
        [f"{AT_CASES}.tag: BadgeResult has no field 'kin'; correct the name."],
    ),
    "a fallback that the response does not have": (
        overlay('fallback = "token"', 'fallback = "tokin"'),
        [f"{AT_CASES}.fallback: BadgeResult has no field 'tokin'; correct the name."],
    ),
    "a case without its texts": (
        both(
            overlay('class = "SignInPage"  # what it is\n', ""), overlay('prefix = "p:"  # the sample\n', "")
        ),
        [f"{AT_CASES}.page.class: missing; add it.", f"{AT_CASES}.page.prefix: missing; add it."],
    ),
    "a prefix that is no pattern": (
        overlay('prefix = "p:"', 'prefix = "p("'),
        [
            f"{AT_CASES}.page.prefix: not a regular expression; correct it.",
        ],
    ),
    "a needed field that a case does not have": (
        overlay('needs = ["url"]', 'needs = ["uri"]'),
        [f"{AT_CASES}.page.needs: fields has no 'uri'; correct the name."],
    ),
    "a field of a case that the response does not have": (
        overlay('minutes = "minutes"', 'minutes = "minute"'),
        [f"{AT_CASES}.badge.fields: BadgeResult has no field 'minute'; correct the name."],
    ),
    "a field of a case without a valid name": (
        overlay('minutes = "minutes"', 'Minutes = "minutes"'),
        [f"{AT_CASES}.badge.class: 'Minutes' is not a valid field name; use lower_case."],
    ),
}


def problems(example: Any) -> list[str]:
    """Return the problems of the example as it is now."""
    with pytest.raises(SpecError) as caught:
        read(example.save())
    return [str(problem) for problem in caught.value.problems]


def test_example_is_good(example: Any) -> None:
    """The unchanged example, which the other tests damage, has no problem."""
    assert len(read(example.save()).operations) == 12


@pytest.mark.parametrize(("change", "messages"), BAD.values(), ids=BAD)
def test_bad_spec(example: Any, change: Change, messages: list[str]) -> None:
    """The generator reports each problem with its file, its place and its solution, and nothing else."""
    change(example)
    assert problems(example) == messages


def test_all_problems_at_once(example: Any) -> None:
    """The generator reports the problems of spec and overlay together, sorted by file and place."""
    names = [
        "an operation without an effect",
        "a line without a reason",
        "a class of the overlay that is in no spec",
        "a component that nothing uses",
        "two keywords with one name",
        "a list of texts",
        "an operation without callers",
        "an unknown format",
    ]
    for name in names:
        BAD[name][0](example)
    # The changes delete one line of the overlay, so the line without a reason moves up by one.
    expected = {message.replace("line 25", "line 24") for name in names for message in BAD[name][1]}
    reported = problems(example)
    assert set(reported) == expected
    assert reported == sorted(reported)


def test_key_twice(example: Any) -> None:
    """A repeated key is a problem; YAML would silently use the second."""
    path = example.root / "codegen/spec/desk.openapi.yaml"
    path.write_text("info: {title: a}\npaths:\n  /a: {}\n  /a: {}\n")
    with pytest.raises(SpecError, match=r"not valid YAML \(the key '/a' repeats .*line 4"):
        read(example.root)


@pytest.mark.parametrize("key", ["on", "no", "1", "null", "2020-01-01T00:00:00Z: x\n  1"])
def test_key_that_is_no_text(example: Any, key: str) -> None:
    """A key that is not text is a problem; YAML would convert a known value such as `no` or `1`."""
    path = example.root / "codegen/spec/desk.openapi.yaml"
    path.write_text(f"info: {{title: a}}\nx-known-values:\n  {key}: x\n")
    with pytest.raises(SpecError, match=r"is not text .* quote keys like on, no, 1\."):
        read(example.root)


def test_no_spec(example: Any) -> None:
    """A project without spec files is a problem."""
    (example.root / "codegen/spec/desk.openapi.yaml").unlink()
    with pytest.raises(SpecError, match=r"codegen/spec: no \*\.openapi\.yaml file; add one"):
        read(example.root)


def test_area_that_makes_no_module(example: Any) -> None:
    """A file name that cannot be a module name is a problem."""
    spec = example.root / "codegen/spec/desk.openapi.yaml"
    spec.rename(spec.with_name("help-desk.openapi.yaml"))
    with pytest.raises(SpecError, match="'help-desk' must be a valid module name"):
        read(example.root)


def test_same_name_for_two_components(example: Any) -> None:
    """Two files cannot use one name for different components, because all classes share one namespace."""
    example.save()
    example.at(*field("Error", "code"))["description"] = "Another."
    example.at(*schema("Box"))["description"] = "Another box."
    text = yaml.safe_dump(example.spec, sort_keys=False)
    (example.root / "codegen/spec/other.openapi.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read(example.root)
    different = [problem for problem in caught.value.problems if "make both equal" in problem.text]
    assert [(problem.file, problem.where) for problem in different] == [
        ("codegen/spec/other.openapi.yaml", "#/components/schemas/Box"),
        ("codegen/spec/other.openapi.yaml", "#/components/schemas/Error"),
    ]


@pytest.mark.parametrize(
    ("wire", "name"),
    [("from", "from_"), ("str", "str_"), ("self", "self_"), ("to_dict", "to_dict_"), ("id", "id")],
)
def test_field_names_that_mean_something_else(example: Any, wire: str, name: str) -> None:
    """A name that the generated code itself uses gets an underscore; the wire name does not change."""
    example.at(*schema("CloseTicketRequest", "properties"))[wire] = {"type": "string", "description": "x"}
    fields = read(example.save()).model("CloseTicketRequest").fields
    assert (wire, name) in [(field.wire, field.name) for field in fields]


@pytest.mark.parametrize(
    ("described", "kind"),
    [
        ({"type": "string"}, Type(Kind.TEXT)),
        ({"type": "string", "format": "int64"}, Type(Kind.TEXT)),
        ({"type": ["string", "null"], "format": "date-time"}, Type(Kind.TIME)),
        ({"type": "string", "format": "password"}, Type(Kind.SECRET)),
        ({"type": "integer"}, Type(Kind.INTEGER)),
        ({"type": "number"}, Type(Kind.NUMBER)),
        ({"type": "boolean"}, Type(Kind.BOOLEAN)),
        ({"type": "object"}, Type(Kind.OPEN)),
        ({"type": "object", "additionalProperties": True}, Type(Kind.OPEN)),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            Type(Kind.MAP, item=Type(Kind.TEXT)),
        ),
        ({"type": ["array", "null"], "items": {"type": "integer"}}, Type(Kind.LIST, item=Type(Kind.INTEGER))),
        ({"$ref": "#/components/schemas/TicketKind"}, Type(Kind.ENUM, "TicketKind")),
        (
            {"anyOf": [{"$ref": "#/components/schemas/Clerk"}, {"type": "null"}]},
            Type(Kind.OBJECT, "DeskClerk"),
        ),
    ],
)
def test_types(example: Any, described: dict[str, Any], kind: Type) -> None:
    """Each schema that a field may have becomes one type."""
    example.at(*DONE[:-1])["done"] = {**described, "description": "x"}
    fields = read(example.save()).model("Ticket").fields
    assert next(field.type for field in fields if field.name == "done") == kind


def test_inferred_operation_needs_no_page(example: Any) -> None:
    """An inferred operation needs no page; it has a reason instead."""
    operations = {operation.name: operation for operation in read(example.save()).operations}
    assert operations["shop.archive.boxes.create"].source == ""
    assert operations["shop.archive.boxes.create"].provisional == "Its page could not be read."
