"""
The tables of the state.

A record is stored as the JSON text of its response (`doc`). Other columns are for filters and order, or hold
values that the JSON does not show. Old releases of SQLite support all statements. Handlers reject a number
in use, not the tables, because a sandbox can allow duplicates.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 6
"""Version of the tables. Increase it with every change; files of other versions are rejected."""

RECORDS: Final = (
    "shop", "tenant", "hotline", "account_user", "extension", "call_log", "webhook", "oa", "follower",
    "oa_message", "upload", "consent", "zns_template", "journey", "zns_message", "sms_template",
    "sms_message",
)  # fmt: skip
"""The tables of records, which `count_records` counts."""

TABLES: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE due (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL, record_id INTEGER NOT NULL,
    changes TEXT NOT NULL, columns TEXT NOT NULL);
CREATE INDEX due_at ON due (at, id);

CREATE TABLE shop (
    id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, email TEXT NOT NULL, api_key TEXT NOT NULL UNIQUE,
    shop_key TEXT UNIQUE, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX shop_email ON shop (email);

CREATE TABLE sign_in (
    token TEXT PRIMARY KEY, shop_id INTEGER, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    redirect_url TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE tenant (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL UNIQUE, owner_id INTEGER NOT NULL,
    search_name TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX tenant_created ON tenant (created_at, id);

CREATE TABLE hotline (
    id INTEGER PRIMARY KEY, tenant_id INTEGER, number TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX hotline_number ON hotline (number);
CREATE INDEX hotline_created ON hotline (created_at, id);
CREATE INDEX hotline_tenant ON hotline (tenant_id, created_at, id);

CREATE TABLE account_user (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, phone TEXT NOT NULL, search_name TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX account_user_phone ON account_user (shop_id, phone);
CREATE INDEX account_user_created ON account_user (shop_id, created_at, id);

CREATE TABLE extension (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, tenant_id INTEGER NOT NULL, hotline_id INTEGER NOT NULL,
    user_id INTEGER, number TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX extension_number ON extension (number, tenant_id);
CREATE INDEX extension_created ON extension (shop_id, created_at, id);
CREATE INDEX extension_user ON extension (user_id);

CREATE TABLE call_log (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    caller TEXT NOT NULL, callee TEXT NOT NULL, direction TEXT NOT NULL, call_state TEXT NOT NULL,
    duration INTEGER NOT NULL, extension_id INTEGER NOT NULL, hotline_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL, department_id INTEGER NOT NULL,
    external_id TEXT NOT NULL, external_session_id TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX call_log_created ON call_log (shop_id, created_at, id);
CREATE INDEX call_log_updated ON call_log (shop_id, updated_at, id);

CREATE TABLE webhook (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX webhook_account ON webhook (account_id, id);

CREATE TABLE receiver (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, retried INTEGER NOT NULL, due_at INTEGER NOT NULL,
    last_sent_at TEXT, last_error TEXT) WITHOUT ROWID;

CREATE TABLE queued_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX queued_event_receiver ON queued_event (receiver, id);

CREATE TABLE oa_link (
    token TEXT PRIMARY KEY, shop_id INTEGER NOT NULL, app_id TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    oa_id INTEGER, expires_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE oa_code (
    code TEXT PRIMARY KEY, shop_id INTEGER NOT NULL, app_id TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    oa_id INTEGER NOT NULL, state INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE oa (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, redirect_uri TEXT NOT NULL, package INTEGER NOT NULL,
    search_name TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX oa_created ON oa (shop_id, created_at, id);

CREATE TABLE follower (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, oa_id INTEGER NOT NULL, zl_user_id TEXT NOT NULL,
    interacted_at INTEGER NOT NULL, search_name TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL, UNIQUE (oa_id, zl_user_id));
CREATE INDEX follower_created ON follower (shop_id, created_at, id);
CREATE INDEX follower_phone ON follower (json_extract(doc, '$.phone'));

CREATE TABLE oa_message (
    id INTEGER PRIMARY KEY, oa_id INTEGER NOT NULL, follower_id INTEGER NOT NULL, quota_type TEXT NOT NULL,
    created_at INTEGER NOT NULL, content TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX oa_message_package ON oa_message (oa_id, quota_type, created_at);
CREATE INDEX oa_message_reply ON oa_message (follower_id, quota_type, created_at);

CREATE TABLE upload (
    token TEXT PRIMARY KEY, oa_id INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
    content_type TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, expires_at INTEGER NOT NULL)
    WITHOUT ROWID;

CREATE TABLE consent (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, granted_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX consent_created ON consent (shop_id, created_at, id);
CREATE INDEX consent_phone ON consent (json_extract(doc, '$.phone'));

CREATE TABLE zns_template (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, search_name TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX zns_template_created ON zns_template (shop_id, created_at, id);

CREATE TABLE journey (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, oa_id INTEGER NOT NULL, fee INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX journey_created ON journey (shop_id, created_at, id);
CREATE INDEX journey_name ON journey (json_extract(doc, '$.journey_id'));

CREATE TABLE zns_message (
    id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL, submitted_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX zns_message_created ON zns_message (shop_id, created_at, id);
CREATE INDEX zns_message_updated ON zns_message (shop_id, updated_at, id);
CREATE INDEX zns_message_name ON zns_message (json_extract(doc, '$.msg_id'));
CREATE INDEX zns_message_tracking ON zns_message (json_extract(doc, '$.tracking_id'));
CREATE INDEX zns_message_journey ON zns_message (json_extract(doc, '$.journey_id'));

CREATE TABLE sms_template (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, doc TEXT NOT NULL);

CREATE TABLE sms_message (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);
"""
