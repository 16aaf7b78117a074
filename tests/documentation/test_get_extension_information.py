"""
The page "Get extension information".

https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.documentation.conftest import Docs, Reading

GET: Final = "Etelecom/GetExtensionInfo"
SAMPLES: Final = "Etelecom.GetExtensionInfo"


def taken(docs: Docs) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an extension and its employee."""
    users = {one["user_id"]: one for one in docs.shop("Shop/GetAccountUsers")["account_users"]}
    extensions = docs.shop("Etelecom/GetExtensions")["extensions"]
    extension = next(one for one in extensions if users.get(one["user_id"], {}).get("email"))
    return extension, users[extension["user_id"]]


def test_earlier_extensions(docs: Docs) -> None:
    """It returns an extension that was created before, with the same password and domain."""
    hotline_id = docs.shop("Etelecom/GetExtensions")["extensions"][0]["hotline_id"]
    number = 2001 + docs.strict
    created = docs.shop("Etelecom/CreateExtension", hotline_id=hotline_id, extension_number=number)
    login = docs.shop(GET, extension_number=str(number))
    assert login == {name: created[name] for name in login}


def test_the_keys(docs: Docs) -> None:
    """A shop calls it with its own key, and a partner with the key for the shop, each on its base URL."""
    body = {"extension_number": "1001"}
    service = docs.service
    assert docs.post(f"shop.{GET}", body, key=service.shop_api_key)[0] == 200
    assert docs.post(f"partner.{GET}", body, key=service.shop_key)[0] == 200
    assert docs.refused(GET, body) == (403, "permission_denied")
    assert docs.post(f"shop.{GET}", body, key=service.shop_key)[0] == 403


def test_the_sample_request(docs: Docs) -> None:
    """A request has a number, an e-mail and a phone; real values in place of the placeholders work."""
    extension, user = taken(docs)
    body = {
        "email": user["email"],
        "extension_number": extension["extension_number"],
        "phone": user["phone"],
    }
    for sample in docs.samples(SAMPLES, "request"):
        assert set(body) == set(sample)
    assert docs.shop(GET, **body)["extension_password"] == extension["extension_password"]
    login = docs.with_shop(lambda client: client.extensions.get(**body))
    assert login.extension_password.reveal() == extension["extension_password"]


@pytest.mark.deviation("The block calls the number optional, the table calls it required; it is required.")
def test_the_number_is_required(docs: Docs) -> None:
    """The number of the extension is required."""
    for body in ({}, {"extension_number": ""}, {"email": "an@example.com"}):
        assert docs.refused(GET, body, key=docs.service.shop_key) == (400, "invalid_argument")


@pytest.mark.deviation(
    "The use of e-mail and phone is not explained. In the sandbox they are the employee's."
)
def test_email_and_phone_are_optional(docs: Docs) -> None:
    """E-mail and phone may be missing."""
    extension, user = taken(docs)
    number = {"extension_number": extension["extension_number"]}
    assert docs.shop(GET, **number) == docs.shop(GET, **number, email=user["email"])
    for other in ({"email": "nobody@example.com"}, {"phone": "0901234567"}):
        assert docs.refused(GET, number | other, key=docs.service.shop_key) == (404, "not_found")


def test_the_fields_of_the_response(docs: Docs) -> None:
    """The response has a number, a password, a domain and the end, all as texts."""
    sample = docs.samples(SAMPLES, "response")[0]
    login = docs.shop(GET, extension_number="1001")
    assert {name: type(value) for name, value in login.items()} == dict.fromkeys(sample, str)
    assert login["extension_number"] == "1001"


@pytest.mark.deviation("An extension without an end has the zero time 0001-01-01, as white labels show it.")
def test_the_end(docs: Docs, reading: Reading) -> None:
    """The end is a time with an offset, as in the example of the table."""
    ends = [
        docs.shop(GET, extension_number=one["extension_number"])["expires_at"]
        for one in docs.shop("Etelecom/GetExtensions")["extensions"]
    ]
    assert all(end.endswith("+07:00") or end == "0001-01-01T00:00:00Z" for end in ends)
    example = {"extension_number": "1", "expires_at": "2021-03-10T17:07:19+07:00"}
    login = reading.shop(example, lambda client: client.extensions.get(extension_number="1"))
    assert login.expires_at.isoformat() == example["expires_at"]
    never = example | {"expires_at": "0001-01-01T00:00:00Z"}
    login = reading.shop(never, lambda client: client.extensions.get(extension_number="1"))
    assert login.expires_at is None


def test_the_sample_responses(docs: Docs, reading: Reading) -> None:
    """The client reads both sample responses, and keeps the password secret."""
    for sample in docs.samples(SAMPLES, "response"):
        login = reading.shop(sample, lambda client: client.extensions.get(extension_number="1"))
        assert login.extension_password.reveal() == sample["extension_password"]
        assert f"extension_password={sample['extension_password']!r}" not in repr(login)
        assert login.tenant_domain == sample["tenant_domain"]
        assert login.expires_at == datetime.fromisoformat(sample["expires_at"])


@pytest.mark.deviation(
    "The block writes `ETelecom`. A strict sandbox has only `Etelecom`, as all samples do."
)
def test_the_schema_block(docs: Docs) -> None:
    """The block has the service `ETelecom` in its host."""
    body = {"extension_number": "1001"}
    status, found = docs.post("partner.ETelecom/GetExtensionInfo", body, key=docs.service.shop_key)
    assert (status, found.get("code")) == ((404, "bad_route") if docs.strict else (200, None))
