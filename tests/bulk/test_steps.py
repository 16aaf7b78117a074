"""Steps of a job: what they keep of a call, references to later results, and the checks of a plan."""

from __future__ import annotations

import copy
import json
import sys
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from etelecom_async import (
    Attachment,
    ConfigurationError,
    InvalidRequestError,
    PartnerClient,
    ProvisionalOperationWarning,
    Secret,
    ShopClient,
    SmsClient,
)
from etelecom_async._core.operation import Operation
from etelecom_async.bulk.steps import Plan, Reference, Step, path_text, step
from etelecom_async.key_store import FileKeyStore
from etelecom_async.models import (
    AccountUser,
    CreatedShopAccount,
    Extension,
    SendMode,
    Shop,
    TemplateParam,
    User,
    ZNSTemplate,
)
from etelecom_async.operations import OPERATIONS, Effect

PHONE = "0901234567"
ZNS: dict[str, Any] = {"oa_id": "5", "phone": PHONE, "template_id": 7}


@pytest.fixture
async def partner() -> AsyncIterator[PartnerClient]:
    """A partner's client, which sends nothing here."""
    async with PartnerClient("a-partner-key") as client:
        yield client


@pytest.fixture
def shop(partner: PartnerClient) -> ShopClient:
    """A client for a shop of the partner."""
    return partner.for_shop("shop123456:canary-key")


def user(shop: ShopClient, key: str = "user", password: str = "p") -> Step[User]:
    """A step that creates an employee."""
    return step(key, shop.users.create, full_name="Lan", phone=PHONE, password=password)


def extension(shop: ShopClient, key: str = "extension", number: int = 1001) -> Step[Extension]:
    """A step that creates an extension."""
    return step(key, shop.extensions.create, hotline_id="5", extension_number=number)


def problems(*steps: Any) -> tuple[str, ...]:
    """Return why a plan of these steps is refused."""
    with pytest.raises(InvalidRequestError) as caught:
        Plan(steps)
    return caught.value.problems


def test_step_keeps_the_call(shop: ShopClient) -> None:
    """A step has the row, the request and the engine of the call, and makes no call."""
    created = extension(shop)
    assert created.operation is OPERATIONS["shop.extensions.create"]
    assert created.request == created.operation.request(hotline_id="5", extension_number=1001)
    assert created.engine is shop._engine
    assert created.effect is Effect.CREATE
    assert created.dependencies == ()
    assert repr(created) == "<step 'extension': shop.extensions.create>"


def test_methods_of_every_kind(partner: PartnerClient, shop: ShopClient) -> None:
    """Methods of namespaces, of clients, with a body, and calls by wire name are kept alike."""
    created = step("a", partner.shops.create, {"name": "Mây"})
    assert created.request == {"name": "Mây"}
    called = step("b", shop.call, "Etelecom/AnyMethod", {"a": 1}, effect=Effect.IDEMPOTENT)
    assert (called.operation.name, called.request) == ("Etelecom/AnyMethod", {"a": 1})
    assert called.effect is Effect.IDEMPOTENT
    assert step("c", shop.call, "Etelecom/CreateTenant").effect is Effect.CREATE
    assert step("c", shop.call, "Etelecom/CreateTenant").request == {}
    sms = SmsClient("me", "password")
    sent = step("d", sms.send, phonenumber=PHONE, routerule=["1"], templatecode="T", list_param={"a": "b"})
    assert (sent.effect, sent.account) == (Effect.SEND, "sms me at omni.incom.vn")
    assert len(Plan([created, called, sent])) == 3


WRITES = [row.name for row in OPERATIONS.values() if row.effect is not Effect.READ]
WRITES.remove("partner.shops.create")  # it takes a body, as the test above shows


@pytest.mark.parametrize("name", WRITES)
async def test_every_operation_can_be_a_step(name: str, partner: PartnerClient, shop: ShopClient) -> None:
    """The method of each operation that changes or sends something can be kept."""
    service, *places = name.split(".")
    clients: dict[str, Any] = {"partner": partner, "shop": shop, "sms": SmsClient("me", "password")}
    owner: Any = clients.get(service, shop)
    places = places if service in clients else [service, *places]
    for place in places:
        owner = getattr(owner, place)
    wanted = _arguments(OPERATIONS[name])
    if OPERATIONS[name].provisional:
        with pytest.warns(ProvisionalOperationWarning) as caught:
            kept = step(name, owner, **wanted)
        assert caught[0].filename == __file__
    else:
        kept = step(name, owner, **wanted)
    assert kept.operation is OPERATIONS[name]


def _arguments(row: Operation[Any, Any]) -> dict[str, Any]:
    """Return a text for each required argument; the checks of a plan come later."""
    fields = attrs.fields(row.request)
    names = [field.name for field in fields if field.default is attrs.NOTHING and field.init]
    return dict.fromkeys(names, "1")


def test_reads_and_other_functions_are_refused(partner: PartnerClient, shop: ShopClient) -> None:
    """A step takes a method that changes or sends something; a call that was made already is closed."""
    for method in (shop.users.list, shop.current, shop.account):
        with pytest.raises(InvalidRequestError, match="only reads; a step changes or sends something"):
            step("a", method)
    with pytest.raises(InvalidRequestError, match="only reads"):
        step("a", shop.call, "Shop/CurrentShop")
    others: tuple[Any, ...] = (partner.for_shop, shop.map, shop.close, len, None, lambda: shop.users.create)
    for other in (*others, shop.extensions.__repr__, SimpleNamespace(_engine=shop._engine).__repr__):
        with pytest.raises(InvalidRequestError, match="method takes a method of a client, not"):
            step("a", other)
    with pytest.raises(InvalidRequestError, match="without the parentheses of a call"):
        step("a", shop.users.create(full_name="Lan", phone=PHONE, password="p"))
    with pytest.raises(TypeError, match="fullname"):
        step("a", shop.users.create, fullname="Lan")
    with pytest.raises(ConfigurationError, match="Service/Method"):
        step("a", shop.call, "CreateTenant")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "key takes a text, not None"),
        (5, "key takes a text, not int"),
        ("", "key is blank: give each step a text that identifies it"),
        (" \n", "key is blank: give each step a text that identifies it"),
        ("a\ud800", "key has half of a character (a lone surrogate): decode the text again"),
    ],
)
def test_keys(shop: ShopClient, key: Any, problem: str) -> None:
    """A key is a text that identifies the step."""
    with pytest.raises(InvalidRequestError) as caught:
        extension(shop, key)
    assert caught.value.problems == (problem,)


def test_later_changes_of_the_arguments(shop: ShopClient) -> None:
    """A step has its own copies of lists and dicts: a loop may fill the same dict again."""
    data, nested = {"name": "Lan"}, {"ids": ["1"]}
    sent = step("a", shop.zns.messages.send, **ZNS, template_data=data)
    called = step("b", shop.call, "A/B", nested)
    data["name"] = "Mai"
    nested["ids"].append("2")
    assert sent.request.template_data == {"name": "Lan"}
    assert called.request == {"ids": ["1"]}


def test_argument_that_contains_itself(shop: ShopClient) -> None:
    """It is refused, as when it is sent."""
    body: dict[str, Any] = {}
    body["self"] = {"again": [body]}
    with pytest.raises(InvalidRequestError) as caught:
        step("a", shop.call, "A/B", body)
    assert caught.value.problems == ("step 'a': an argument contains itself",)


def test_no_secret_in_the_frames_of_an_error(shop: ShopClient) -> None:
    """The frames of the SDK hold no arguments when an error reaches the caller."""
    with pytest.raises(InvalidRequestError) as caught:
        step("", shop.users.create, full_name="Lan", phone=PHONE, password="canary")
    trace = caught.value.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename != __file__:
            assert "canary" not in repr(trace.tb_frame.f_locals)
            assert "kwargs" not in trace.tb_frame.f_locals
        trace = trace.tb_next


def test_references(shop: ShopClient) -> None:
    """A value of a later result makes a dependency; `after` adds others, each once."""
    number, lan = extension(shop), user(shop)
    assign = step("assign", shop.extensions.assign, extension_id=number.result.id, user_id=lan.result.user_id)
    assert assign.dependencies == ("extension", "user")
    assert assign.after(lan, user(shop, "other")).dependencies == ("extension", "user", "other")
    assert assign.dependencies == ("extension", "user")
    plan = Plan([assign, number, lan])
    assert plan.dependents == {"assign": (), "extension": ("assign",), "user": ("assign",)}
    assert plan.kept == {"assign": (("id",),), "extension": (("id",),), "user": (("id",), ("user_id",))}
    assert repr(plan) == "<Plan of 3 steps>"


def test_values_take_the_place_of_references(shop: ShopClient) -> None:
    """The values of the results fill the request, also deep in an open body."""
    number, opened = extension(shop), step("open", shop.call, "A/B", {})
    used = {"a": [number.result.id, ("x", opened.result["data"]["items"][0]["n"])]}
    needs = step("c", shop.call, "A/C", used)
    plan = Plan([number, opened, needs])
    results = {
        "extension": plan.kept_of("extension", Extension(id="17", extension_number="1001")),
        "open": plan.kept_of("open", {"id": 3, "data": {"items": [{"n": 5}]}, "phone": PHONE}),
    }
    assert results == {"extension": {"id": "17"}, "open": {"id": 3, "data.items[0].n": 5}}
    assert needs.filled(results, {}) == {"a": ["17", ("x", 5)]}
    assert isinstance(needs.request["a"][0], Reference)


def test_value_that_is_not_there(shop: ShopClient) -> None:
    """A result without the value, or with an id that is not set, refuses the request before it is sent."""
    number = extension(shop)
    needs = step("b", shop.extensions.assign, extension_id=number.result.id, user_id="7")
    for results in ({}, {"extension": {}}, {"extension": {"id": ""}}, {"extension": {"id": "0"}}):
        with pytest.raises(InvalidRequestError) as caught:
            needs.filled(results, {})
        assert caught.value.problems == ("id of step 'extension' is not set, and this step needs it",)


def test_kept_values_are_plain(shop: ShopClient) -> None:
    """Only texts, numbers and truth values are kept; anything else is as if it were missing."""
    opened = step("a", shop.call, "A/B", {})
    result = opened.result
    body = {"v": [result["a"], result["b"]["c"], result["d"][2], result["e"], result["f"]["g"], result["i"]]}
    plan = Plan([opened, step("b", shop.call, "A/C", body)])
    value = {"a": SendMode.unlisted("x"), "b": [], "d": [1], "e": {"x": 1}, "f": "text", "i": False}
    kept = plan.kept_of("a", value)
    assert kept == {"a": "x", "i": False}
    assert type(kept["a"]) is str
    assert plan.kept_of("a", AccountUser(user_id="7")) == {"id": "7"}


def test_places_have_different_texts() -> None:
    """The text of a place shows names of fields, other names in brackets, and places in lists."""
    paths = [("a", "b"), ("a.b",), ("a", 0), ("a", "0"), ("a[0]",), (0, "a")]
    assert [path_text(path) for path in paths] == ["a.b", "['a.b']", "a[0]", "a['0']", "['a[0]']", "[0].a"]


def test_unknown_field(shop: ShopClient) -> None:
    """A misspelt field of a result is an error at once, and the right one is named."""
    with pytest.raises(AttributeError, match=r"no field 'idd', did you mean 'id'\? \(fields: account_id"):
        _ = extension(shop).result.idd
    with pytest.raises(AttributeError, match="id of step 'extension' has no fields"):
        _ = extension(shop).result.id.upper
    with pytest.raises(AttributeError, match=r"the result of step 'a' has no fields; .* \['name'\]"):
        _ = step("a", shop.call, "A/B").result.data
    with pytest.raises(TypeError, match="the result of step 'extension' takes no str in brackets"):
        _ = extension(shop).result["id"]
    with pytest.raises(TypeError, match="the result of step 'a' takes no int in brackets"):
        _ = step("a", shop.call, "A/B").result[0]


def test_parts_of_results(partner: PartnerClient, shop: ShopClient) -> None:
    """A reference goes through models, lists of models, and unions of results."""
    made = step("a", partner.shops.create, {"name": "Mây"})
    assert repr(made.result.shop.id) == "<shop.id of step 'a'>"
    key = step("b", partner.shops.authorize, shop_id="1", redirect_url="https://example.com")
    assert repr(key.result.expires_in) == "<expires_in of step 'b'>"
    hooks = step("c", shop.webhooks.delete, id="1")
    assert repr(hooks.result.webhooks[0].id) == "<webhooks[0].id of step 'c'>"
    plan = Plan([made, step("d", shop.call, "A/B", {"shop": made.result.shop.id})])
    assert plan.kept_of("a", CreatedShopAccount(shop=Shop(id="9"))) == {"shop.id": "9"}


@pytest.mark.parametrize("name", ["extension_password", "shop_key", "otp", "phone", "caller", "hotline"])
def test_what_must_not_be_written_to_disk(shop: ShopClient, partner: PartnerClient, name: str) -> None:
    """Secrets and phone numbers cannot be referred to: the journal would hold them."""
    results: list[Any] = [extension(shop).result, user(shop).result]
    results += [step("a", partner.shops.create, {}).result]
    fields = [result for result in results if name in _field_names(result)]
    for result in fields:
        with pytest.raises(AttributeError, match="It would be written to disk"):
            getattr(result, name)
    opened: Any = step("a", shop.call, "A/B").result
    with pytest.raises(AttributeError, match="It would be written to disk"):
        opened["data"][name]
    assert isinstance(opened["phone_verified_at"], Reference)
    assert isinstance(opened["hotline_id"], Reference)


def _field_names(result: Any) -> list[str]:
    try:
        getattr(result, "no such field")
    except AttributeError as error:
        return str(error).partition("fields: ")[2].rstrip(").").split(", ")
    raise AssertionError


def test_a_reference_is_no_value(shop: ShopClient) -> None:
    """Code that needs the value of a later result fails at once, instead of sending something wrong."""
    value: Any = extension(shop).result.id
    for use in (
        str,
        "{}".format,
        "%s".__mod__,
        bool,
        list,
        lambda it: it == "5",
        lambda it: it != "5",
        lambda it: "5" in it,
        int,
        lambda it: it + "5",
    ):
        with pytest.raises(TypeError):
            use(value)
    assert f"{value!r}" == "<id of step 'extension'>"
    assert value == extension(shop).result.id
    assert hash(value) == hash(copy.copy(value)) == hash(copy.deepcopy(value))
    assert value != extension(shop).result.user_id
    assert not hasattr(value, "__len__")


def test_whole_results_are_no_arguments(shop: ShopClient) -> None:
    """An argument takes one value of a result, not a model, a time or a list."""
    number: Any = extension(shop)
    for value in (number.result, number.result.created_at):
        with pytest.raises(InvalidRequestError, match="extension_id takes a text or a number, not <"):
            step("a", shop.extensions.assign, extension_id=value, user_id="1")


def test_account(partner: PartnerClient, shop: ShopClient, tmp_path: Any) -> None:
    """It is the same for a new key, and another one for another shop, scope or host."""
    assert extension(shop).account == "partner shop123456 at api.etelecom.vn"
    renewed = partner.for_shop("shop123456:another-key")
    assert extension(renewed).account == extension(shop).account
    assert step("a", partner.shops.create, {}).account == "partner at api.etelecom.vn"
    own = ShopClient("1161512386239479010:key", base_url="http://127.0.0.1:5000/v1")
    assert extension(own).account == "shop 1161512386239479010 at 127.0.0.1"
    stored = PartnerClient("a-key", key_store=FileKeyStore(tmp_path / "keys"))
    assert extension(stored.shop("123456")).account == extension(shop).account


def test_effect_of_a_call_with_references(shop: ShopClient) -> None:
    """A value that will be there counts as given: the call is idempotent with it."""
    number = extension(shop)
    assert step("a", shop.extensions.unassign, extension_id=number.result.id).effect is Effect.IDEMPOTENT
    assert step("a", shop.extensions.unassign, user_id="7").effect is Effect.CREATE
    body = {"extension_id": number.result.id}
    assert step("a", shop.call, "Etelecom/RemoveUserOfExtension", body).effect is Effect.IDEMPOTENT


def test_plan_checks_everything(shop: ShopClient) -> None:
    """All problems of all steps come together, each with the key of its step."""
    number = extension(shop)
    wrong: list[Any] = [
        extension(shop, "a", "x"),
        step("b", shop.users.create, full_name=5, phone=5, password=""),
        step("c", shop.extensions.assign, extension_id=number.result.id, user_id="1"),
        extension(shop, "d"),
        extension(shop, "d"),
    ]
    found = problems(*wrong)
    assert found[:2] == (
        "step 'd': 2 steps have this key: give each its own",
        "step 'c' needs step 'extension', which is not in the plan",
    )
    assert found[2] == "step 'a': extension_number takes a whole number, not str"
    assert [text.partition(" is")[0].partition(":")[0] for text in found[3:]] == ["step 'b'"] * 3


def test_plan_shows_the_first_problems(shop: ShopClient) -> None:
    """Of many problems the error shows twenty, and counts the others."""
    wrong = [extension(shop, f"step {number}", "x") for number in range(25)]
    found = problems(*wrong)
    assert (len(found), found[-1]) == (21, "and 5 more")
    assert len(problems(*wrong[:20])) == 20


def test_plan_refuses_other_things(shop: ShopClient) -> None:
    """A plan takes steps, at least one; a call in place of a step is named by its type."""
    assert problems() == ("steps is empty: there is nothing to do",)
    assert problems(extension(shop), "b", 5) == ("steps takes steps of bulk.step(), not list of int, str",)


def test_steps_that_need_one_another(shop: ShopClient) -> None:
    """A circle is refused, and its steps are named; steps that only lead to it are not."""
    a, b, c, d = (extension(shop, key) for key in "abcd")
    assert problems(a.after(c), b.after(a), c.after(b), d.after(a)) == (
        "these steps need one another, so none can be the first: 'a', 'c', 'b'",
    )
    assert problems(a.after(a)) == ("these steps need one another, so none can be the first: 'a'",)
    assert len(Plan([d.after(a), a.after(b, c), b.after(c), c])) == 4


def test_a_long_chain(shop: ShopClient) -> None:
    """A chain of steps may be longer than Python's stack."""
    steps = [extension(shop, "0")]
    for number in range(1, sys.getrecursionlimit() * 2):
        steps.append(extension(shop, str(number)).after(steps[-1]))
    assert len(Plan(reversed(steps))) == len(steps)


def test_types_of_references(shop: ShopClient) -> None:
    """The type of a later value is checked now, as far as the result's class tells; its content is not."""
    lan, opened = user(shop), step("open", shop.call, "A/B", {})
    wrong = extension(shop, "a", lan.result.id)
    assert problems(lan, wrong) == ("step 'a': extension_number takes a whole number, not str",)
    count: Any = lan.result.total_shop
    wrong = step("a", shop.extensions.assign, extension_id=count, user_id="1")
    assert problems(lan, wrong) == (
        "step 'a': extension_id is a text, not a number: convert it with str() (ids are texts)",
    )
    anything = extension(shop, "a", opened.result["number"])
    phone = step("b", shop.users.create, full_name="A", phone=lan.result.full_name, password="p")
    assert len(Plan([opened, anything, lan, phone])) == 4
    truth: Any = lan.result.is_blocked
    assert len(Plan([lan, step("c", shop.call, "A/B", {"is_blocked": truth})])) == 2


def test_secret_from_a_result(shop: ShopClient) -> None:
    """A secret cannot come from another step; the plan refuses it by its type."""
    lan = user(shop)
    wrong = step("a", shop.users.create, full_name="A", phone=PHONE, password=lan.result.id)
    assert problems(lan, wrong) == ("step 'a': password takes a text or a Secret, not Reference",)


def test_keys_in_errors_are_masked(shop: ShopClient) -> None:
    """A phone number in a key is masked in errors."""
    assert problems(extension(shop, PHONE), extension(shop, PHONE))[0].startswith("step '090***567': 2 steps")


def test_ids_of_messages(shop: ShopClient) -> None:
    """The plan chooses an id for each message without one; the id of the first run takes its place."""
    send = shop.zns.messages.send
    given = step("a", send, **ZNS, template_data={}, tracking_id="invoice-1")
    free = step("b", send, **ZNS, template_data={})
    empty = step("c", send, **ZNS, template_data={}, tracking_id="")
    plan = Plan([given, free, empty, extension(shop)])
    assert plan.chosen.keys() == {"b", "c"}
    assert len({plan.chosen[key]["tracking_id"] for key in "bc"}) == 2
    assert Plan([free]).chosen != {"b": plan.chosen["b"]}
    assert free.filled({}, {"tracking_id": "of the first run"}).tracking_id == "of the first run"
    assert given.filled({}, {}).tracking_id == "invoice-1"
    assert free.digest(b"s") == empty.digest(b"s") != given.digest(b"s")


def test_repeated_ids_of_messages(partner: PartnerClient, shop: ShopClient) -> None:
    """Two messages of one official account with one id are refused; other accounts have their own ids."""
    message = {**ZNS, "template_data": {}, "tracking_id": "t"}
    first = step("a", shop.zns.messages.send, **message)
    again = step("b", shop.zns.messages.send, **message)
    other_oa = step("c", shop.zns.messages.send, **{**message, "oa_id": "6"})
    other_shop = step("d", partner.for_shop("shop7:canary-key").zns.messages.send, **message)
    number: Any = extension(shop)
    referring = [
        step(key, shop.zns.messages.send, **{**message, "tracking_id": number.result.id}) for key in "ef"
    ]
    assert problems(first, again, other_oa, other_shop, number, *referring) == (
        "step 'b' has the same tracking_id as step 'a'",
    )


def digest(*steps: Step[Any]) -> list[str]:
    """Return the digests of steps."""
    return [each.digest(b"salt") for each in steps]


def test_digest_of_equal_calls(partner: PartnerClient, shop: ShopClient) -> None:
    """The key of the step, a new key of the shop, the order of names and Unicode forms do not count."""
    renewed = partner.for_shop("shop123456:another-key")
    same = digest(extension(shop), extension(renewed, "b"), extension(shop).after(user(shop)))
    assert len(set(same)) == 1
    name = "Nguyễn"
    bodies: list[Any] = [{"a": 1, "b": name}, {"b": unicodedata.normalize("NFD", name), "a": 1}]
    assert len(set(digest(*(step("a", shop.call, "A/B", body) for body in bodies)))) == 1
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    times = [moment, moment.astimezone()]
    assert len(set(digest(*(step("a", shop.call, "A/B", {"t": time}) for time in times)))) == 1


def test_digest_of_other_calls(partner: PartnerClient, shop: ShopClient) -> None:
    """Another argument, operation, account, reference or message gives another digest."""
    lan, number = user(shop), extension(shop)
    assign, send = shop.extensions.assign, shop.zns.messages.send
    steps = [
        lan,
        number,
        extension(shop, number=1002),
        extension(partner.for_shop("shop7:canary-key")),
        step("a", assign, extension_id="1", user_id="2"),
        step("a", assign, extension_id="2", user_id="1"),
        step("a", assign, extension_id=number.result.id, user_id="2"),
        step("a", assign, extension_id=number.result.user_id, user_id="2"),
        step("a", assign, extension_id=lan.result.id, user_id="2"),
        step("a", shop.extensions.unassign, extension_id="1"),
        *(step("a", send, **ZNS, template_data={"name": name}) for name in ("Lan", "Mai")),
        step("a", shop.call, "A/B", {"list": [1, [2]]}),
        step("a", shop.call, "A/B", {"list": [[1], 2]}),
    ]
    assert len(set(digest(*steps))) == len(steps)
    assert number.digest(b"salt") != number.digest(b"other salt")


def test_no_secret_in_digests(shop: ShopClient) -> None:
    """A secret could be guessed from a digest, so it does not count; the data of a message does."""
    assert len(set(digest(user(shop, password="a"), user(shop, password="b")))) == 1
    bodies: list[dict[str, Any]] = [{"x": 1, "password": "a"}, {"x": 1, "password": "b"}, {"x": 1}]
    bodies.append({"x": 1, "y": Secret("c")})
    assert len(set(digest(*(step("a", shop.call, "A/B", body) for body in bodies[:3])))) == 1
    assert step("a", shop.call, "A/B", {"y": Secret("c")}).digest(b"s") == step("a", shop.call, "A/B").digest(
        b"s"
    )


def test_digest_of_a_template(shop: ShopClient) -> None:
    """A template stands for its id: both ways to name it are the same call."""
    template = ZNSTemplate(template_id=7, template_params=(TemplateParam(name="name", require=True),))
    by_template = step(
        "a", shop.zns.messages.send, oa_id="5", phone=PHONE, template=template, template_data={"name": "Lan"}
    )
    by_id = step("b", shop.zns.messages.send, **ZNS, template_data={"name": "Lan"})
    assert by_template.digest(b"s") == by_id.digest(b"s")
    wrong = step("c", shop.zns.messages.send, oa_id="5", phone=PHONE, template=template, template_data={})
    assert problems(by_template, wrong) == (
        "step 'c': template_data lacks 'name', which the template requires",
    )
    number: Any = extension(shop)
    data = {"name": number.result.id}
    late = step("d", shop.zns.messages.send, oa_id="5", phone=PHONE, template=template, template_data=data)
    assert len(Plan([number, late])) == 2
    assert late.digest(b"s") != by_id.digest(b"s")


def test_files(shop: ShopClient, tmp_path: Any) -> None:
    """The digest of a file has its name, type and size, and not its content."""
    upload = shop.zalo.files.upload
    files: list[Any] = [b"abc", b"abd", b"ab", Attachment(b"abc", name="a.png")]
    made = [step("a", upload, file=file, oa_id="1", type="image") for file in files]
    assert len(set(digest(*made))) == 3
    assert len(Plan(made[:1])) == 1
    missing = step("b", upload, file=str(tmp_path / "none"), oa_id="1", type="image")
    assert problems(missing)[0].startswith("step 'b': file: there is no file")


def test_digests_hold_no_request(shop: ShopClient) -> None:
    """A digest is 32 hexadecimal digits."""
    text = json.dumps(digest(user(shop)))
    assert PHONE not in text
    assert len(json.loads(text)[0]) == 32
