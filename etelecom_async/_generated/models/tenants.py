"""
Models of `tenants` (eTelecom: tenants and hotlines).

Written by `python -m codegen` from tenants.openapi.yaml and overlay.toml (sha256 8b781f442cbf); do
not edit.
"""

from __future__ import annotations

from typing import Literal

import attrs

from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum
from etelecom_async._core.model import Model, Moment, to_moment
from etelecom_async.paging import Paging


class ConnectionMethod(OpenEnum):
    """
    Connection method of a tenant or a hotline.

    The pages say no more. In doubt: The pages of tenants and hotlines show only unknown. The other
    values come from the pages of the Zalo accounts (inferred here).
    """

    UNKNOWN = "unknown"
    """The only value that the pages of tenants and hotlines show."""
    BUILTIN = "builtin"
    """Not described; seen on the Zalo pages only."""
    DIRECT = "direct"
    """Not described; seen on the Zalo pages only."""
    TOPSHIP = "topship"
    """Deprecated; seen in the schema of ConnectOA only."""


class TenantStatus(CompleteEnum):
    """State of a tenant or of a hotline."""

    NEW = "Z"
    """Newly created."""
    ENABLED = "P"
    """Enabled."""
    DISABLED = "N"
    """Disabled."""


class MobileNetwork(CompleteEnum):
    """
    Mobile carrier of a hotline's number.

    The service's own name for this set is tcMobileNetwork.
    """

    UNKNOWN = "unknown"
    """Unknown."""
    MOBIFONE = "mobifone"
    """MobiFone."""
    VINAPHONE = "vinaphone"
    """VinaPhone."""
    VIETTEL = "viettel"
    """Viettel."""
    OTHER = "other"
    """Any other carrier."""


@attrs.frozen(kw_only=True, repr=False)
class GetPartnerTenantListRequest(Model):
    """
    Request to list tenants.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
    """

    filter: TenantFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class TenantFilter(Model):
    """
    Filter for tenants.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
    """

    name: str | None = None
    """Tenant name to match. The page does not say whether the match is exact or partial."""
    owner_id: str | None = None
    """
    Id of the owner. In doubt: The sample shows a string. The type int64 comes from the owner_id of a tenant.
    """


@attrs.frozen(kw_only=True, repr=False)
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
    it. In doubt: The English table says string, the Vietnamese string<int64>. Assumed: the
    Vietnamese.
    """
    connection_method: ConnectionMethod | None = None
    """Connection method."""
    status: TenantStatus | None = None
    """State of the tenant."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    Time of the last change. In doubt: GetTenant's table says string; the samples show a time.
    Assumed: a time.
    """

    @property
    def tenant_id(self) -> str:
        """The id, by the name that requests use."""
        return self.id


@attrs.frozen(kw_only=True, repr=False)
class PartnerAddHotlineRequest(Model):
    """
    The hotline to create.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-add-hotline
    """

    hotline: str
    """
    The phone number to create. In doubt: The tables mark hotline and name as required; the schema
    block marks every field optional. Assumed: the tables.
    """
    name: str
    """
    Name of the hotline. In doubt: The tables mark hotline and name as required; the schema block
    marks every field optional. Assumed: the tables.
    """
    description: str | None = None
    """Description of the hotline."""
    is_free_charge: bool | None = None
    """True: calls go out without a balance check. False: with one."""
    network: MobileNetwork | Literal["unknown", "mobifone", "vinaphone", "viettel", "other"] | None = None
    """Mobile carrier of the number."""
    owner_id: str | None = None
    """
    Id of the user who owns the hotline. In doubt: The sample and the schema block have it, but the
    request table does not. This SDK keeps it as optional.
    """


@attrs.frozen(kw_only=True, repr=False)
class Hotline(Model):
    """
    A hotline: a phone number in the system.

    It does not show the tenant that it is attached to.

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
    The phone number. In doubt: The tables say string<int64>; the samples show a plain string.
    Assumed: a plain string, because a phone number may start with 0.
    """
    description: str = ""
    """Description of the hotline."""
    network: MobileNetwork | None = None
    """Mobile carrier of the number."""
    is_free_charge: bool | None = None
    """True: calls go out without a balance check. False: with one."""
    connection_id: str = ""
    """Id of the telephony connection (the English pages say Session ID)."""
    connection_method: ConnectionMethod | None = None
    """Connection method."""
    status: TenantStatus | None = None
    """State of the hotline."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    Time of the last change. In doubt: GetPartnerHotlineList's English table says string; the
    samples show a time. Assumed: a time.
    """

    @property
    def hotline_id(self) -> str:
        """The id, by the name that requests use."""
        return self.id


@attrs.frozen(kw_only=True, repr=False)
class GetPartnerHotlineListRequest(Model):
    """
    Request to list hotlines.

    There is no filter.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-hotline-list
    """

    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class PartnerActivateTenantRequest(Model):
    """
    The tenant to activate, with its owner, connection and hotline.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant
    """

    tenant_id: str
    """
    Tenant's id, from CreateTenant or GetPartnerTenantList. In doubt: The tables mark connection_id,
    owner_id and tenant_id as required; the schema block marks only hotline_id. It is not known
    which one is right. This SDK requires all four, because a request with all four satisfies both.
    """
    owner_id: str
    """
    Id of its owner, from CreateTenant or GetPartnerTenantList. In doubt: The tables mark
    connection_id, owner_id and tenant_id as required; the schema block marks only hotline_id. It is
    not known which one is right. This SDK requires all four, because a request with all four
    satisfies both.
    """
    connection_id: str
    """
    Id of its connection, from CreateTenant or GetPartnerTenantList. The schema block says that the
    PortSIP direct connection is the default. In doubt: The tables mark connection_id, owner_id and
    tenant_id as required; the schema block marks only hotline_id. It is not known which one is
    right. This SDK requires all four, because a request with all four satisfies both.
    """
    hotline_id: str
    """
    Hotline's id. In doubt: The tables mark connection_id, owner_id and tenant_id as required; the
    schema block marks only hotline_id. It is not known which one is right. This SDK requires all
    four, because a request with all four satisfies both.
    """


@attrs.frozen(kw_only=True, repr=False)
class PartnerActivateTenantResult(Model):
    """
    Result of activating a tenant.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant
    """

    updated: int | None = None
    """
    Number of changed records. The page does not explain it; its samples show 0 and 1. In doubt: 0
    in the curl sample, 1 in the schema sample; both are placeholders.
    """


@attrs.frozen(kw_only=True, repr=False)
class PartnerAddHotlineToTenantRequest(Model):
    """
    The hotline to attach, and the tenant to attach it to.

    Inferred, not documented. In doubt: It is also inferred that the ids are required: the call
    makes no sense without them.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai
    """

    hotline_id: str
    """Hotline's id."""
    tenant_id: str
    """Tenant's id."""


@attrs.frozen(kw_only=True, repr=False)
class HotlineChangeResult(Model):
    """
    Result of attaching, detaching or deleting a hotline.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai
    """

    updated: int | None = None
    """Number of changed records."""


@attrs.frozen(kw_only=True, repr=False)
class PartnerRemoveHotlineFromTenantRequest(Model):
    """
    The hotline to detach, and its tenant.

    Inferred, not documented. In doubt: It is also inferred that the ids are required: the call
    makes no sense without them.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-go-hotline-ra-khoi-tong-dai
    """

    hotline_id: str
    """Hotline's id."""
    tenant_id: str
    """Tenant's id."""


@attrs.frozen(kw_only=True, repr=False)
class PartnerRemoveHotlineRequest(Model):
    """
    The hotline to delete.

    Inferred, not documented. In doubt: It is also inferred that the ids are required: the call
    makes no sense without them.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-xoa-hotline-ra-khoi-he-thong
    """

    hotline_id: str
    """Hotline's id."""


@attrs.frozen(kw_only=True, repr=False)
class GetHotlinesRequest(Model):
    """
    Request to list hotlines.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-danh-sach-hotline
    """

    paging: Paging | None = None
    """Inferred from the other lists."""
