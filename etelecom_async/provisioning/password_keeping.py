"""Keep the passwords of a job: before its calls are sent, and while the responses come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from etelecom_async._client import ShopClient
from etelecom_async.bulk.events import Ended, Event
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.report import Report
from etelecom_async.bulk.states import NOT_EXECUTED, State
from etelecom_async.errors import EtelecomError, JournalError
from etelecom_async.models import Extension
from etelecom_async.provisioning import passwords
from etelecom_async.provisioning.changes import CREATES, Change, Kind
from etelecom_async.provisioning.credentials import Credential, CredentialsFile, PasswordState

_PAGE_SIZE: Final = 100
_UNCONFIRMED: Final = (
    "The response was lost, and the user was found by its phone. The login may have another password."
)
_NO_PASSWORD: Final = "The extension's password could not be read. Run the job again."  # noqa: S105 - a text


def keep_before(file: CredentialsFile, changes: Iterable[Change], records: Mapping[str, Record]) -> None:
    """Put the passwords of all users that will be created on the disk; keep those that may be in use."""
    planned: list[Credential] = []
    lost: list[str] = []
    for change in changes:
        if change.kind is not Kind.CREATE_USER:
            continue
        before, record = file.credentials.get(change.key), records.get(change.key)
        was_started = record is not None and record.state not in NOT_EXECUTED
        if before is None and was_started:
            lost.append(change.key)
        elif before is not None and (
            was_started or (record is None and before.state is not PasswordState.PLANNED)
        ):
            continue
        else:
            generated = passwords.generate() if before is None else before.password
            credential = Credential(
                key=change.key,
                shop=change.shop,
                row=change.row,
                full_name=change.full_name,
                phone=change.phone,
                password=change.password or generated,
                state=PasswordState.PLANNED,
            )
            if credential != before:
                planned.append(credential)
    if lost:
        raise JournalError(
            f"{file.path} lacks the passwords of {len(lost)} users of this job. Use the file of the earlier "
            f"runs, or another journal."
        )
    file.add(planned)
    for key, record in records.items():
        # The state is in the file before the journal says "done", except after a read-back.
        if record.state is State.DONE and key in file.credentials and _may_be_sent(file.credentials[key]):
            file.mark(key, PasswordState.UNCONFIRMED)


def _may_be_sent(credential: Credential) -> bool:
    return credential.state in (PasswordState.PLANNED, PasswordState.SENT)


class PasswordKeeper:
    """
    Keeps the passwords while the run goes on.

    Args:
        file: The file of credentials.
        changes: The changes of the job, by their keys.
        on_event: Gets each event of the run.
    """

    def __init__(
        self,
        file: CredentialsFile,
        changes: Mapping[str, Change],
        on_event: Callable[[Event], object] | None,
    ) -> None:
        self._file: Final = file
        self._changes: Final = changes
        self._on_event: Final = on_event

    async def before_call(self, key: str) -> None:
        """Say that a user may have its password from now on."""
        if self._changes[key].kind is Kind.CREATE_USER:
            self._file.mark(key, PasswordState.SENT)

    async def on_result(self, key: str, result: Any) -> None:
        """Keep what a response says."""
        change = self._changes[key]
        if change.kind is Kind.CREATE_USER:
            self._file.mark(key, PasswordState.CONFIRMED)
        elif change.kind is Kind.CREATE_EXTENSION:
            self._keep_extension(change, result)

    def on_event(self, event: Event) -> None:
        """Keep what a read-back has shown, and pass the event on."""
        if isinstance(event, Ended):
            self._hear(event, self._changes[event.key])
        if self._on_event is not None:
            self._on_event(event)

    def _hear(self, event: Ended, change: Change) -> None:
        if change.kind is Kind.CREATE_EXTENSION:
            if isinstance(event.result, Extension):
                self._keep_extension(change, event.result)
        elif change.kind is Kind.CREATE_USER and _may_be_sent(self._file.credentials[event.key]):
            if event.state is State.DONE:
                self._file.mark(event.key, PasswordState.UNCONFIRMED)
            elif event.state is State.FAILED:
                self._file.mark(event.key, PasswordState.PLANNED)

    def _keep_extension(self, change: Change, extension: Extension) -> None:
        if not extension.extension_password:
            return
        credential = Credential(
            key=change.key,
            shop=change.shop,
            row=change.row,
            full_name=change.full_name,
            phone=change.phone,
            extension_number=change.extension_number,
            domain=extension.tenant_domain or None,
            password=extension.extension_password,
            state=PasswordState.CONFIRMED,
        )
        if credential != self._file.credentials.get(change.key):
            self._file.put(credential)

    async def read_passwords(self, shops: Mapping[str, ShopClient], records: Mapping[str, Record]) -> None:
        """Read the passwords of extensions that no response has brought. A failed read is no error."""
        missing: dict[str, dict[str, Change]] = {}
        for change in self._without_password(records):
            identifier = str(records[change.key].kept.get("id"))
            missing.setdefault(change.shop, {})[identifier] = change
        for shop, changes in missing.items():
            with suppress(EtelecomError):
                async for extension in shops[shop].extensions.list(limit=_PAGE_SIZE):
                    if (created := changes.pop(extension.id, None)) is not None:
                        self._keep_extension(created, extension)
                    if not changes:
                        break

    def _without_password(self, records: Mapping[str, Record]) -> Iterator[Change]:
        for key, change in self._changes.items():
            is_done = records[key].state is State.DONE
            if is_done and change.kind is Kind.CREATE_EXTENSION and key not in self._file.credentials:
                yield change

    def remarks(self, report: Report) -> dict[str, str]:
        """Return what to say about the passwords of what was created, by the keys of the changes."""
        left = {line.key for line in report.lines}
        remarks: dict[str, str] = {}
        for key, change in self._changes.items():
            found = self._file.credentials.get(key)
            if key in left or change.kind not in CREATES:
                continue
            if found is None:
                remarks[key] = _NO_PASSWORD
            elif found.state is PasswordState.UNCONFIRMED:
                remarks[key] = _UNCONFIRMED
        return remarks
