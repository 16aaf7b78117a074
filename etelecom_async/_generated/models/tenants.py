"""
Models of `tenants` (eTelecom: tenants and hotlines).

Written by `python -m codegen` from tenants.openapi.yaml and overlay.toml (sha256 95e37073fd09); do
not edit.
"""

from __future__ import annotations

import attrs

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import Model, Moment, to_moment
from etelecom_async.paging import Paging


class ConnectionMethod(OpenEnum):
    """
    How a tenant or a hotline is connected.

    The pages say only: connection method. In doubt: The pages of tenants and hotlines show unknown
    only. The other values are from the pages of the Zalo accounts (inferred here).
    """

    UNKNOWN = "unknown"
    """The only value that the pages of tenants and hotlines show."""
    BUILTIN = "builtin"
    """Not described; seen on the Zalo pages only."""
    DIRECT = "direct"
    """Not described; seen on the Zalo pages only."""
    TOPSHIP = "topship"
    """Deprecated; seen in the schema of ConnectOA only."""


class TenantStatus(OpenEnum):
    """State of a tenant or of a hotline."""

    NEW = "Z"
    """Newly created."""
    ENABLED = "P"
    """Enabled."""
    DISABLED = "N"
    """Disabled."""


class MobileNetwork(OpenEnum):
    """
    Mobile carrier of a hotline's number.

    The service's own name of the set is tcMobileNetwork.
    """

    UNKNOWN = "unknown"
    """Not known."""
    MOBIFONE = "mobifone"
    """MobiFone."""
    VINAPHONE = "vinaphone"
    """VinaPhone."""
    VIETTEL = "viettel"
    """Viettel."""
    OTHER = "other"
    """Any other carrier."""


@attrs.frozen(kw_only=True)
class GetPartnerTenantListRequest(Model):
    """
    Which tenants to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
    """

    filter: TenantFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class TenantFilter(Model):
    """
    Which tenants a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
    """

    name: str | None = None
    """Tenant name to match. Whether exactly or in part is not stated."""
    owner_id: str | None = None
    """
    Id of the owner. In doubt: The sample shows a string; that it is an int64 is taken from the
    owner_id of a tenant.
    """


@attrs.frozen(kw_only=True)
class Tenant(Model):
    """
    A tenant: one PBX (tổng đài).

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
    """

    id: str = ""
    """Tenant's id."""
    name: str = ""
    """Tenant's name."""
    domain: str = ""
    """Domain of the tenant."""
    owner_id: str = ""
    """Id of the user who owns or manages the tenant (the English pages say Manager ID)."""
    connection_id: str = ""
    """
    Id of the telephony connection (the English pages say Session ID); PartnerActivateTenant takes
    it. In doubt: The English table says string, the Vietnamese string<int64>, which is believed.
    """
    connection_method: ConnectionMethod | None = None
    """How it is connected."""
    status: TenantStatus | None = None
    """State of the tenant."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    Time of the last change. In doubt: GetTenant's table says string, the samples show a time, which
    is believed.
    """


@attrs.frozen(kw_only=True)
class PartnerAddHotlineRequest(Model):
    """
    The hotline to create.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-add-hotline
    """

    hotline: str
    """
    The phone number to create. In doubt: The tables mark hotline and name as required, the schema
    block marks every field optional. The tables are believed.
    """
    name: str
    """
    Name of the hotline. In doubt: The tables mark hotline and name as required, the schema block
    marks every field optional. The tables are believed.
    """
    description: str | None = None
    """Description of the hotline."""
    is_free_charge: bool | None = None
    """Calls go out without a balance check (true) or with one (false)."""
    network: MobileNetwork | str | None = None
    """Mobile carrier of the number."""
    owner_id: str | None = None
    """
    Id of the user who owns the hotline. In doubt: In the sample and the schema block, missing from
    the request table; kept as optional.
    """


@attrs.frozen(kw_only=True)
class Hotline(Model):
    """
    A hotline: a phone number in the system.

    It does not tell which tenant it is attached to.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-add-hotline
    """

    id: str = ""
    """Hotline's id."""
    owner_id: str = ""
    """Id of the user who owns or manages the hotline (the English pages say Manager ID)."""
    name: str = ""
    """Name of the hotline."""
    hotline: str = ""
    """
    The phone number. In doubt: The tables say string<int64>, the samples a plain string, which is
    believed: a phone number may start with 0.
    """
    description: str = ""
    """Description of the hotline."""
    network: MobileNetwork | None = None
    """Mobile carrier of the number."""
    is_free_charge: bool | None = None
    """Calls go out without a balance check (true) or with one (false)."""
    connection_id: str = ""
    """Id of the telephony connection (the English pages say Session ID)."""
    connection_method: ConnectionMethod | None = None
    """How it is connected."""
    status: TenantStatus | None = None
    """State of the hotline."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    Time of the last change. In doubt: GetPartnerHotlineList's English table says string, the
    samples show a time, which is believed.
    """


@attrs.frozen(kw_only=True)
class GetPartnerHotlineListRequest(Model):
    """
    Which part of the list of hotlines to answer.

    There is no filter.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-hotline-list
    """

    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class PartnerActivateTenantRequest(Model):
    """
    The tenant to activate, with its owner, connection and hotline.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant
    """

    tenant_id: str
    """
    Tenant's id, from CreateTenant or GetPartnerTenantList. In doubt: Tables and schema block
    contradict each other: the tables mark connection_id, owner_id and tenant_id as required, the
    schema block only hotline_id. Neither is known to be right; all four are required here, because
    a request with all four satisfies both.
    """
    owner_id: str
    """
    Id of its owner, from CreateTenant or GetPartnerTenantList. In doubt: Tables and schema block
    contradict each other: the tables mark connection_id, owner_id and tenant_id as required, the
    schema block only hotline_id. Neither is known to be right; all four are required here, because
    a request with all four satisfies both.
    """
    connection_id: str
    """
    Id of its connection, from CreateTenant or GetPartnerTenantList. The schema block says that the
    PortSIP direct connection is the default. In doubt: Tables and schema block contradict each
    other: the tables mark connection_id, owner_id and tenant_id as required, the schema block only
    hotline_id. Neither is known to be right; all four are required here, because a request with all
    four satisfies both.
    """
    hotline_id: str
    """
    Hotline's id. In doubt: Tables and schema block contradict each other: the tables mark
    connection_id, owner_id and tenant_id as required, the schema block only hotline_id. Neither is
    known to be right; all four are required here, because a request with all four satisfies both.
    """


@attrs.frozen(kw_only=True)
class PartnerActivateTenantResult(Model):
    """
    What activating a tenant changed.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant
    """

    updated: int | None = None
    """
    Records changed. The page does not explain it; its samples show 0 and 1. In doubt: 0 in the curl
    sample, 1 in the schema sample; both are placeholders.
    """


@attrs.frozen(kw_only=True)
class PartnerAddHotlineToTenantRequest(Model):
    """
    The hotline to attach, and the tenant.

    Inferred, not documented. In doubt: That the ids are required is inferred too; without them the
    call means nothing.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai
    """

    hotline_id: str
    """Hotline's id."""
    tenant_id: str
    """Tenant's id."""


@attrs.frozen(kw_only=True)
class HotlineChangeResult(Model):
    """
    What attaching, detaching or deleting a hotline changed.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai
    """

    updated: int | None = None
    """Records changed."""


@attrs.frozen(kw_only=True)
class PartnerRemoveHotlineFromTenantRequest(Model):
    """
    The hotline to detach, and the tenant.

    Inferred, not documented. In doubt: That the ids are required is inferred too; without them the
    call means nothing.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-go-hotline-ra-khoi-tong-dai
    """

    hotline_id: str
    """Hotline's id."""
    tenant_id: str
    """Tenant's id."""


@attrs.frozen(kw_only=True)
class PartnerRemoveHotlineRequest(Model):
    """
    The hotline to delete.

    Inferred, not documented. In doubt: That the ids are required is inferred too; without them the
    call means nothing.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-xoa-hotline-ra-khoi-he-thong
    """

    hotline_id: str
    """Hotline's id."""


@attrs.frozen(kw_only=True)
class GetHotlinesRequest(Model):
    """
    Which part of the list of hotlines to answer.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-danh-sach-hotline
    """

    paging: Paging | None = None
    """Inferred from the other lists."""
