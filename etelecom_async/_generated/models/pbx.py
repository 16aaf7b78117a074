"""
Models of `pbx` (eTelecom: users, extensions, call history).

Written by `python -m codegen` from pbx.openapi.yaml and overlay.toml (sha256 3071d0a74d95); do not
edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum, note_unlisted
from etelecom_async._core.model import NULL, Many, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret
from etelecom_async.paging import Paging


class UserSource(OpenEnum):
    """
    Origin of a user.

    In doubt: In the sample only; other values were not seen.
    """

    UNKNOWN = "unknown"
    """Not described."""


class ExtensionState(CompleteEnum):
    """State of an extension."""

    NEW = "Z"
    """Newly created."""
    VALID = "P"
    """Still valid."""
    EXPIRED = "N"
    """Expired."""


class CallState(CompleteEnum):
    """
    State of a call.

    The page lists the values but does not explain them.
    """

    UNKNOWN = "unknown"
    """Not explained."""
    ANSWERED = "answered"
    """Not explained; by its name, the call was answered."""
    NOT_ANSWERED = "not_answered"
    """Not explained; by its name, the call was not answered."""


class CallDirection(CompleteEnum):
    """
    Direction of a call.

    The page lists the values but does not explain them. In doubt: In a filter, only unknown and in
    were seen; the longer list is that of the response.
    """

    UNKNOWN = "unknown"
    """Not explained."""
    IN = "in"
    """Not explained; by its name, an incoming call."""
    OUT = "out"
    """Not explained; by its name, an outgoing call."""
    EXT = "ext"
    """Not explained; by its name, between extensions."""
    EXT_IN = "ext_in"
    """Not explained."""
    EXT_OUT = "ext_out"
    """Not explained."""


class DurationComparison(OpenEnum):
    """
    Comparison of a call's duration with a value.

    In doubt: The schema sample spells the first value unknow, but all other enums spell it unknown.
    This SDK keeps the printed spelling. Only two values were seen, not the full list.
    """

    UNKNOWN = "unknow"
    """Spelt like this on the wire; presumably the unset value."""
    LESS_THAN_OR_EQUAL_TO = "less_than_or_equal_to"
    """At most the value."""


class CallStatus(OpenEnum):
    """
    Status of a call: a letter.

    Not described. In doubt: In the sample only; values other than Z were not seen.
    """

    ZERO = "Z"
    """Not described."""


@attrs.frozen(kw_only=True, repr=False)
class CreateAccountUserRequest(Model):
    """
    The employee to create.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user
    """

    full_name: str
    """Employee's name."""
    password: Secret = attrs.field(converter=to_secret)
    """
    Password with which the employee logs in. In doubt: A code comment, printed by mistake in the
    swagger block, names a roles field. No sample, table or row has roles in the request, so this
    SDK omits it.
    """
    phone: str
    """Phone number."""


@attrs.frozen(kw_only=True, repr=False)
class User(Model):
    """
    An employee with a login, as CreateAccountUser returns it.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user
    """

    block_reason: str = ""
    """Reason why the user is blocked."""
    blocked_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the user was blocked."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the user was created."""
    email: str = ""
    """
    Email address. In doubt: One rendering of the table lacks the name of this row (because of a
    mail-address filter); others show it. Assumed: email.
    """
    email_verification_sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the verification email was sent."""
    email_verified_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the email was verified."""
    full_name: str = ""
    """Employee's name."""
    id: str = ""
    """Employee's id, for user_id in the extension operations."""
    is_blocked: bool | None = None
    """True if the user is blocked."""
    phone: str = ""
    """Phone number."""
    phone_verification_sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the phone verification was sent."""
    phone_verified_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the phone was verified."""
    ref_aff: str = ""
    """Not described; in the sample only."""
    ref_sale: str = ""
    """Not described; in the sample only."""
    short_name: str = ""
    """Short name."""
    source: UserSource | None = None
    """In the sample only."""
    total_shop: int | None = None
    """Number of shops the user owns."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change of the user."""

    @property
    def user_id(self) -> str:
        """The id, by the name that requests use."""
        return self.id


@attrs.frozen(kw_only=True, repr=False)
class GetAccountUsersRequest(Model):
    """
    Request to list employees.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
    """

    filter: AccountUserFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class AccountUserFilter(Model):
    """
    Filter for employees.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
    """

    extension_number: str | None = None
    """Number of the employee's extension."""
    has_extension: bool | None = None
    """True for employees with an extension, false for employees without. The page says only True / False."""
    name: str | None = None
    """
    Employee's name. In doubt: The tables of both languages describe it as the id of the employee
    who has the extension. That text is a copy of CreateExtension's user_id row. Assumed, from the
    field's name and type: a name.
    """
    phone: str | None = None
    """Employee's phone number."""
    user_ids: Sequence[str] | None = None
    """
    Employees' ids. In doubt: The tables say an array of int64; the samples and the swagger block
    contain strings. Assumed: strings. The curl sample has a trailing comma in the list, so it is
    not valid JSON.
    """


@attrs.frozen(kw_only=True, repr=False)
class AccountUser(Model):
    """
    An employee of a shop, as GetAccountUsers lists it.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
    """

    account_id: str = ""
    """Id of the account that owns the shop."""
    deleted: bool | None = None
    """True if the employee is deleted."""
    department_id: str = ""
    """Not described; in the sample only."""
    email: str = ""
    """Email address."""
    full_name: str = ""
    """Employee's name."""
    permissions: Many[str] = ()
    """In the sample only; the values were not seen."""
    phone: str = ""
    """Employee's phone number."""
    position: str = ""
    """Not described; in the sample only."""
    roles: Many[str] = ()
    """In the sample only; the values were not seen."""
    short_name: str = ""
    """Not described; in the sample only."""
    user_id: str = ""
    """Employee's id."""

    def __attrs_post_init__(self) -> None:
        if self.permissions is NULL:
            set_blank(self, "permissions", ())
        if self.roles is NULL:
            set_blank(self, "roles", ())

    @property
    def id(self) -> str:
        """The user_id, as every result has it."""
        return self.user_id


@attrs.frozen(kw_only=True, repr=False)
class CreateExtensionRequest(Model):
    """
    The extension to create.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension
    """

    hotline_id: str
    """Hotline's id."""
    extension_number: int
    """Number of the extension, e.g. 1001. The page does not give the allowed range."""
    user_id: str | None = None
    """Id of the employee to whom the extension is assigned."""


@attrs.frozen(kw_only=True, repr=False)
class Extension(Model):
    """
    An extension (máy nhánh) of a tenant.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension
    """

    id: str = ""
    """Extension's id."""
    user_id: str = ""
    """
    Id of the employee to whom the extension is assigned; "0" if there is none (seen in a white
    label's sample).
    """
    account_id: str = ""
    """Account's id."""
    extension_number: str = ""
    """Number of the extension. A string here; an integer in the request of CreateExtension."""
    extension_password: Secret | None = None
    """SIP password, in clear."""
    tenant_id: str = ""
    """Tenant's id."""
    tenant_domain: str = ""
    """SIP domain of the tenant."""
    hotline_id: str = ""
    """Id of the extension's hotline."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    Time when the extension expires, e.g. 2021-03-10T17:07:19+07:00. 0001-01-01T00:00:00Z if it does
    not expire (seen in a white label's sample).
    """
    subscription_id: str = ""
    """
    Subscription's id. In doubt: The tables of both languages give it as a date-time string. Its
    description is an id, and a white label's swagger block gives it as int64 in a string. Assumed:
    an id.
    """
    state: ExtensionState | None = None
    """State of the extension."""

    @property
    def extension_id(self) -> str:
        """The id, by the name that requests use."""
        return self.id


@attrs.frozen(kw_only=True, repr=False)
class GetExtensionInfoRequest(Model):
    """
    The extension to look up.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information
    """

    extension_number: str
    """
    Number of the extension. A string here; an integer in the request of CreateExtension. In doubt:
    The table marks it as required; in the swagger block all three fields are optional. The page
    does not say whether email or phone can replace it.
    """
    email: str | None = None
    """Email."""
    phone: str | None = None
    """Phone number of the extension."""


@attrs.frozen(kw_only=True, repr=False)
class ExtensionLogin(Model):
    """
    Login data for a softphone, not the record of the extension.

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
    """Time when the extension expires, e.g. 2021-03-10T17:07:19+07:00."""


@attrs.frozen(kw_only=True, repr=False)
class GetExtensionsRequest(Model):
    """
    Request to list extensions.

    There is no filter.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-list
    """

    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class AssignUserToExtensionRequest(Model):
    """
    The extension, and the employee to assign it to.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user
    """

    extension_id: str
    """Extension's id."""
    user_id: str
    """Employee's id."""


@attrs.frozen(kw_only=True, repr=False)
class ExtensionChangeResult(Model):
    """
    Result of a change of an extension.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user
    """

    updated: int | None = None
    """
    Number of changed records. 1: the change succeeded; 0: it failed. In doubt: On
    RemoveUserOfExtension's page the only table has the title of the request body. It holds updated,
    which the samples show in the response. Assumed: the samples are right.
    """


@attrs.frozen(kw_only=True, repr=False)
class UpdateHotlineForExtensionRequest(Model):
    """
    The extension to move, and its new hotline.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/thay-doi-hotline-cho-may-nhanh
    """

    extension_id: str | None = None
    """
    Extension's id. In doubt: Not marked as required. Presumably extension_id or user_id identifies
    the extension. The page does not say so, and does not say what happens with both or neither.
    """
    hotline_id: str
    """Id of the new hotline."""
    user_id: str | None = None
    """
    Employee's id. In doubt: Not marked as required. Presumably extension_id or user_id identifies
    the extension. The page does not say so, and does not say what happens with both or neither.
    """


@attrs.frozen(kw_only=True, repr=False)
class RemoveUserOfExtensionRequest(Model):
    """
    The extension to unassign, and its employee.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/remove-user-of-extension
    """

    extension_id: str | None = None
    """
    Extension's id. This page does not describe it. In doubt: The page has no table for the request,
    so the required fields are unknown. The sample sends both; to be safe, do the same.
    """
    user_id: str | None = None
    """
    Employee's id. This page does not describe it. In doubt: The page has no table for the request,
    so the required fields are unknown. The sample sends both; to be safe, do the same.
    """


@attrs.frozen(kw_only=True, repr=False)
class ListCallLogsRequest(Model):
    """
    Request to list calls.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    filter: CallLogFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class CallLogFilter(Model):
    """
    Filter for calls.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    call_number: str | None = None
    """
    Phone number of the call. The page does not say whether it matches caller, callee or both. In
    doubt: The request table has no such row. It has a second row named extension_ids, a string (the
    calling number). Assumed: that row is this field, which the samples have.
    """
    call_state: CallState | Literal["unknown", "answered", "not_answered"] | None = None
    """State of the call."""
    date_from: datetime | None = None
    """Earliest time, e.g. 2021-03-10T17:07:19+07:00."""
    date_to: datetime | None = None
    """Latest time, e.g. 2021-03-10T17:07:19+07:00."""
    department_id: str | None = None
    """Not described; in the sample only."""
    direction: CallDirection | Literal["unknown", "in", "out", "ext", "ext_in", "ext_out"] | None = None
    """Direction of the call. In doubt: In a filter, only unknown and in were seen."""
    duration: CallDurationFilter | None = None
    """Duration of the call."""
    extension_ids: Sequence[str] | None = None
    """
    Extensions' ids. In doubt: The request table has two rows of this name. Assumed: the one that is
    a string is call_number. The tables say string[], the curl sample <int64>, the swagger sample
    contains strings. Assumed: strings of int64.
    """
    external_id: str | None = None
    """Id that the web or mobile client received when it made the call."""
    external_session_id: str | None = None
    """Session id that the web or mobile client received when it made the call."""
    hotline_ids: Sequence[str] | None = None
    """
    Ids of hotlines. In doubt: The tables say string[], the curl sample <int64>, the swagger sample
    contains strings. Assumed: strings of int64.
    """
    user_id: str | None = None
    """Not described; in the sample only."""


@attrs.frozen(kw_only=True, repr=False)
class CallDurationFilter(Model):
    """
    Comparison of a call's duration with a value.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    comparison: DurationComparison | str | None = None
    """Kind of comparison."""
    value: int | None = None
    """Unit not documented. Duration to compare with."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(DurationComparison, self.comparison)


@attrs.frozen(kw_only=True, repr=False)
class CallLog(Model):
    """
    One call.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    call_state: CallState | None = None
    """State of the call. In doubt: The values come from the filter's row."""
    call_status: CallStatus | None = None
    """Status of the call. In the sample only."""
    call_targets: Many[CallTarget] = ()
    """The extensions that the call reached."""
    callee: str = ""
    """
    Called number. In doubt: The response table has a row named silence (recipient's phone number).
    It is a machine translation of callee, which the samples have.
    """
    caller: str = ""
    """Calling number."""
    contact_id: str = ""
    """Contact's id. Not described; in the sample only."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation. In the sample only."""
    direction: CallDirection | None = None
    """Direction of the call."""
    duration: int | None = None
    """Unit not documented. Duration of the call; in the sample only."""
    ended_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the call ended. In the sample only."""
    extension_id: str = ""
    """Extension's id."""
    external_id: str = ""
    """
    Id that the web or mobile client received when it made the call. For this object in the sample
    only; see the filter.
    """
    external_session_id: str = ""
    """
    Session id that the web or mobile client received when it made the call. For this object in the
    sample only; see the filter.
    """
    id: str = ""
    """Call log's id. In the sample only."""
    note: str = ""
    """Note. In the sample only."""
    recording_urls: Many[str] = ()
    """
    URLs of the recording files. The page does not say how long they stay valid, or whether a
    download needs a key.
    """
    started_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the call started. In the sample only."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change. In the sample only."""
    user_id: str = ""
    """Employee's id. In the sample only."""

    def __attrs_post_init__(self) -> None:
        if self.call_targets is NULL:
            set_blank(self, "call_targets", ())
        if self.recording_urls is NULL:
            set_blank(self, "recording_urls", ())


@attrs.frozen(kw_only=True, repr=False)
class CallTarget(Model):
    """
    An extension that a call reached.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
    """

    add_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when it was added. Not described; in the sample only."""
    answered_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when it answered. Not described; in the sample only."""
    end_reason: str = ""
    """In the sample only; the values were not seen."""
    ended_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when it ended. Not described; in the sample only."""
    fail_code: int | None = None
    """In the sample only; the values were not seen."""
    ring_duration: int | None = None
    """Unit not documented. Duration of ringing; in the sample only."""
    ring_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when it rang. Not described; in the sample only."""
    status: str = ""
    """In the sample only; the values were not seen."""
    target_number: str = ""
    """Number that the call reached. Not described; in the sample only."""
    trunk_name: str = ""
    """Name of the trunk. Not described; in the sample only."""
