"""
Models of `pbx` (eTelecom: users, extensions, call history).

Written by `python -m codegen` from pbx.openapi.yaml and overlay.toml (sha256 c04e497196ed); do not
edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import NULL, Many, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret
from etelecom_async.paging import Paging


class UserSource(OpenEnum):
    """
    Where a user came from.

    In doubt: In the sample only; further values were not seen.
    """

    UNKNOWN = "unknown"
    """Not described."""


class ExtensionState(OpenEnum):
    """State of an extension."""

    NEW = "Z"
    """Newly created."""
    VALID = "P"
    """Still valid."""
    EXPIRED = "N"
    """Expired."""


class CallState(OpenEnum):
    """
    State of a call.

    The page lists the values without explaining them.
    """

    UNKNOWN = "unknown"
    """Not explained."""
    ANSWERED = "answered"
    """Not explained; by its name, the call was answered."""
    NOT_ANSWERED = "not_answered"
    """Not explained; by its name, the call was not answered."""


class CallDirection(OpenEnum):
    """
    Direction of a call.

    The page lists the values without explaining them. In doubt: As a filter only unknown and in
    were seen; the longer list stands at the answer.
    """

    UNKNOWN = "unknown"
    """Not explained."""
    IN = "in"
    """Not explained; by its name, a call coming in."""
    OUT = "out"
    """Not explained; by its name, a call going out."""
    EXT = "ext"
    """Not explained; by its name, between extensions."""
    EXT_IN = "ext_in"
    """Not explained."""
    EXT_OUT = "ext_out"
    """Not explained."""


class DurationComparison(OpenEnum):
    """
    How a call's duration is compared with a value.

    In doubt: The schema sample spells the first value unknow, where all other enums write unknown;
    kept as printed. Only two values were seen, the full list was not.
    """

    UNKNOWN = "unknow"
    """Spelt so on the wire; presumably the unset value."""
    LESS_THAN_OR_EQUAL_TO = "less_than_or_equal_to"
    """At most the value."""


class CallStatus(OpenEnum):
    """
    Status of a call, a letter.

    Not described. In doubt: In the sample only; values other than Z were not seen.
    """

    ZERO = "Z"
    """Not described."""


@attrs.frozen(kw_only=True)
class CreateAccountUserRequest(Model):
    """
    The employee to create.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user
    """

    full_name: str
    """Employee's name."""
    password: Secret = attrs.field(converter=to_secret)
    """
    Password the employee logs in with. In doubt: The swagger block prints a leaked code comment
    here that names a roles field; no sample, table or row has roles in the request, so it is left
    out.
    """
    phone: str
    """Phone number."""


@attrs.frozen(kw_only=True)
class User(Model):
    """
    An employee with a login, as CreateAccountUser answers it.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user
    """

    block_reason: str = ""
    """Why the user is blocked."""
    blocked_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the user was blocked."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the user was created."""
    email: str = ""
    """
    Email address. In doubt: One rendering of the table drops the name of this row (a mail-address
    filter); others show it. email is believed.
    """
    email_verification_sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the verification email was sent."""
    email_verified_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the email was verified."""
    full_name: str = ""
    """Employee's name."""
    id: str = ""
    """Employee's id; the user_id of the extension operations."""
    is_blocked: bool | None = None
    """Whether the user is blocked."""
    phone: str = ""
    """Phone number."""
    phone_verification_sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the phone verification was sent."""
    phone_verified_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the phone was verified."""
    ref_aff: str = ""
    """In the sample only; not described."""
    ref_sale: str = ""
    """In the sample only; not described."""
    short_name: str = ""
    """Short name."""
    source: UserSource | None = None
    """In the sample only."""
    total_shop: int | None = None
    """Number of shops the user owns."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the user was last changed."""


@attrs.frozen(kw_only=True)
class GetAccountUsersRequest(Model):
    """
    Which employees to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
    """

    filter: AccountUserFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class AccountUserFilter(Model):
    """
    Which employees a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
    """

    extension_number: str | None = None
    """Number of the employee's extension."""
    has_extension: bool | None = None
    """Only employees with (true) or without (false) an extension. The page says only True / False."""
    name: str | None = None
    """
    Employee's name. In doubt: The tables of both languages describe it as the id of the employee
    who has the extension, the pasted text of CreateExtension's user_id. The field's name and type
    are believed: a name.
    """
    phone: str | None = None
    """Employee's phone number."""
    user_ids: Sequence[str] | None = None
    """
    Employees' ids. In doubt: Tables say an array of int64, samples and swagger carry strings.
    Strings are believed. The curl sample has a trailing comma in the list and is not valid JSON as
    printed.
    """


@attrs.frozen(kw_only=True)
class AccountUser(Model):
    """
    An employee of a shop, as GetAccountUsers lists it.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
    """

    account_id: str = ""
    """Id of the account that owns the shop."""
    deleted: bool | None = None
    """Whether the employee is deleted."""
    department_id: str = ""
    """In the sample only; not described."""
    email: str = ""
    """Email address."""
    full_name: str = ""
    """Employee's name."""
    permissions: Many[str] = ()
    """In the sample only; values not seen."""
    phone: str = ""
    """Employee's phone number."""
    position: str = ""
    """In the sample only; not described."""
    roles: Many[str] = ()
    """In the sample only; values not seen."""
    short_name: str = ""
    """In the sample only; not described."""
    user_id: str = ""
    """Employee's id."""

    def __attrs_post_init__(self) -> None:
        if self.permissions is NULL:
            set_blank(self, "permissions", ())
        if self.roles is NULL:
            set_blank(self, "roles", ())


@attrs.frozen(kw_only=True)
class CreateExtensionRequest(Model):
    """
    The extension to create.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension
    """

    hotline_id: str
    """Hotline's id."""
    extension_number: int
    """Number of the extension, e.g. 1001. The allowed range is not said."""
    user_id: str | None = None
    """Id of the employee the extension is assigned to."""


@attrs.frozen(kw_only=True)
class Extension(Model):
    """
    An extension (máy nhánh) of a tenant.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension
    """

    id: str = ""
    """Extension's id."""
    user_id: str = ""
    """
    Id of the employee the extension is assigned to; "0" when there is none (seen in a white label's sample).
    """
    account_id: str = ""
    """Account's id."""
    extension_number: str = ""
    """Number of the extension. A string here, an integer in the request of CreateExtension."""
    extension_password: Secret | None = None
    """SIP password, in clear."""
    tenant_id: str = ""
    """Tenant's id."""
    tenant_domain: str = ""
    """SIP domain of the tenant."""
    hotline_id: str = ""
    """Id of the hotline that the extension is on."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    When it expires, e.g. 2021-03-10T17:07:19+07:00; 0001-01-01T00:00:00Z when it does not (seen in
    a white label's sample).
    """
    subscription_id: str = ""
    """
    Subscription's id. In doubt: The tables of both languages type it as a date-time string; its
    description is an id, and a white label's swagger types it int64 in a string. The id is
    believed.
    """
    state: ExtensionState | None = None
    """State of the extension."""


@attrs.frozen(kw_only=True)
class GetExtensionInfoRequest(Model):
    """
    The extension to look up.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information
    """

    extension_number: str
    """
    Number of the extension. A string here, an integer in the request of CreateExtension. In doubt:
    The table marks it as required, the swagger has all three fields optional. Whether email or
    phone can take its place is not said.
    """
    email: str | None = None
    """Email."""
    phone: str | None = None
    """Phone number of the extension."""


@attrs.frozen(kw_only=True)
class ExtensionLogin(Model):
    """
    What a softphone logs in with as an extension; not the record of the extension.

    The SIP URI is sip:{extension_number}@{tenant_domain}.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information
    """

    extension_number: str = ""
    """Number of the extension."""
    extension_password: Secret | None = None
    """SIP password, in clear."""
    tenant_domain: str = ""
    """SIP domain of the tenant."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the extension expires, e.g. 2021-03-10T17:07:19+07:00."""


@attrs.frozen(kw_only=True)
class GetExtensionsRequest(Model):
    """
    Which part of the list of extensions to answer.

    There is no filter.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-list
    """

    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class AssignUserToExtensionRequest(Model):
    """
    The extension, and the employee who gets it.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user
    """

    extension_id: str
    """Extension's id."""
    user_id: str
    """Employee's id."""


@attrs.frozen(kw_only=True)
class ExtensionChangeResult(Model):
    """
    Whether a change of an extension was done.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user
    """

    updated: int | None = None
    """
    Records changed. 1: succeeded; 0: failed. In doubt: On RemoveUserOfExtension's page the only
    table is headed as the request body but holds updated, which the samples show in the answer. The
    samples are believed.
    """


@attrs.frozen(kw_only=True)
class UpdateHotlineForExtensionRequest(Model):
    """
    The extension to move, and its new hotline.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/thay-doi-hotline-cho-may-nhanh
    """

    extension_id: str | None = None
    """
    Extension's id. In doubt: Not marked as required. Presumably the extension is found by
    extension_id or by user_id, but the page does not say so, nor what happens with both or neither.
    """
    hotline_id: str
    """Id of the new hotline."""
    user_id: str | None = None
    """
    Employee's id. In doubt: Not marked as required. Presumably the extension is found by
    extension_id or by user_id, but the page does not say so, nor what happens with both or neither.
    """


@attrs.frozen(kw_only=True)
class RemoveUserOfExtensionRequest(Model):
    """
    The extension to take away, and the employee who has it.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/remove-user-of-extension
    """

    extension_id: str | None = None
    """
    Extension's id. Not described on this page. In doubt: The page has no table for the request, so
    what is required is not said. Sending both, as the sample does, is the safe form.
    """
    user_id: str | None = None
    """
    Employee's id. Not described on this page. In doubt: The page has no table for the request, so
    what is required is not said. Sending both, as the sample does, is the safe form.
    """


@attrs.frozen(kw_only=True)
class ListCallLogsRequest(Model):
    """
    Which calls to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    filter: CallLogFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class CallLogFilter(Model):
    """
    Which calls a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    call_number: str | None = None
    """
    Phone number of the call; whether it matches caller, callee or both is not said. In doubt: The
    request table has no such row but a second row named extension_ids, a string (the calling
    number), which is believed to be this one: the samples have it.
    """
    call_state: CallState | str | None = None
    """State of the call."""
    date_from: datetime | None = None
    """From this time on, e.g. 2021-03-10T17:07:19+07:00."""
    date_to: datetime | None = None
    """Up to this time, e.g. 2021-03-10T17:07:19+07:00."""
    department_id: str | None = None
    """In the sample only; not described."""
    direction: CallDirection | str | None = None
    """Direction of the call. In doubt: Only unknown and in were seen in a filter."""
    duration: CallDurationFilter | None = None
    """How long the call lasted."""
    extension_ids: Sequence[str] | None = None
    """
    Extensions' ids. In doubt: The request table has two rows of this name; the one that is a string
    is believed to be call_number. Tables say string[], the curl sample <int64>, the swagger sample
    strings: strings of int64 are believed.
    """
    external_id: str | None = None
    """Id that the web or mobile client got when it made the call."""
    external_session_id: str | None = None
    """Session id that the web or mobile client got when it made the call."""
    hotline_ids: Sequence[str] | None = None
    """
    Hotlines' ids. In doubt: Tables say string[], the curl sample <int64>, the swagger sample
    strings: strings of int64 are believed.
    """
    user_id: str | None = None
    """In the sample only; not described."""


@attrs.frozen(kw_only=True)
class CallDurationFilter(Model):
    """
    What a call's duration is compared with.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    comparison: DurationComparison | str | None = None
    """How to compare the call's duration."""
    value: int | None = None
    """Unit not documented. Duration to compare with."""


@attrs.frozen(kw_only=True)
class CallLog(Model):
    """
    One call.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    call_state: CallState | None = None
    """State of the call. In doubt: The values are from the filter's row."""
    call_status: CallStatus | None = None
    """Status of the call. In the sample only."""
    call_targets: Many[CallTarget] = ()
    """The extensions the call reached."""
    callee: str = ""
    """
    Number that was called. In doubt: The response table names a row silence (recipient's phone
    number), a machine translation of callee, which the samples have.
    """
    caller: str = ""
    """Number that called."""
    contact_id: str = ""
    """Contact's id. In the sample only; not described."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created. In the sample only."""
    direction: CallDirection | None = None
    """Direction of the call."""
    duration: int | None = None
    """Unit not documented. How long the call lasted; in the sample only."""
    ended_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the call ended. In the sample only."""
    extension_id: str = ""
    """Extension's id."""
    external_id: str = ""
    """Id that the web or mobile client got when it made the call. In the sample only here; see the filter."""
    external_session_id: str = ""
    """
    Session id that the web or mobile client got when it made the call. In the sample only here; see
    the filter.
    """
    id: str = ""
    """Call log's id. In the sample only."""
    note: str = ""
    """Note. In the sample only."""
    recording_urls: Many[str] = ()
    """
    Addresses of the recording files. How long they stay good, and whether fetching them needs a
    key, is not said.
    """
    started_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the call started. In the sample only."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed. In the sample only."""
    user_id: str = ""
    """Employee's id. In the sample only."""

    def __attrs_post_init__(self) -> None:
        if self.call_targets is NULL:
            set_blank(self, "call_targets", ())
        if self.recording_urls is NULL:
            set_blank(self, "recording_urls", ())


@attrs.frozen(kw_only=True)
class CallTarget(Model):
    """
    An extension that a call reached.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    add_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was added. In the sample only; not described."""
    answered_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it answered. In the sample only; not described."""
    end_reason: str = ""
    """In the sample only; values not seen."""
    ended_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it ended. In the sample only; not described."""
    fail_code: int | None = None
    """In the sample only; values not seen."""
    ring_duration: int | None = None
    """Unit not documented. How long it rang; in the sample only."""
    ring_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it rang. In the sample only; not described."""
    status: str = ""
    """In the sample only; values not seen."""
    target_number: str = ""
    """Number that was reached. In the sample only; not described."""
    trunk_name: str = ""
    """Name of the trunk. In the sample only; not described."""
