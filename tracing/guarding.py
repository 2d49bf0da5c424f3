"""What the service refuses to start with: keys, photos or records that others can read, and secrets that are none."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import unquote

from tracing.config import Settings
from tracing.errors import Misconfigured
from tracing.store.database import SqlRecordStore
from tracing.store.key_files import MasterKey
from tracing.store.placeholders import is_placeholder


def refuse_unsafe(settings: Settings) -> None:
    """Before anything is opened or made. Each refusal is a ``Misconfigured`` that says what to do about it."""
    for folder, what in (
        (settings.photo_dir, "the photo folder"),
        (settings.gallery_dir, "the folder of galleries"),
        (settings.list_dir, "the folder of lists"),
        (settings.spool_dir, "the folder of what waits for the audit"),
        (settings.key_dir, "the key folder"),
    ):
        _refuse_open(folder, what, 0o077, "700")
    _refuse_open(settings.data_dir, "the data folder", 0o002, "700", "put files of theirs into")
    if settings.notify_rules is not None:
        _refuse_open(settings.notify_rules, "the rules of the messages, whose addresses hold passwords", 0o077, "600")
    if not settings.database_url:
        for beside in ("", "-wal", "-shm"):
            _refuse_open(settings.data_dir / f"tracing.sqlite{beside}", "the database", 0o077, "600")
    _refuse_misplaced(settings)
    secret = settings.secret_key.get_secret_value()
    if secret and is_placeholder(secret):
        raise Misconfigured(
            "TRACING_SECRET_KEY is a placeholder or a pattern. Set it to random characters (openssl rand -base64 48), "
            "or leave it empty."
        )


def refuse_key_in_address(settings: Settings, master: MasterKey) -> None:
    """The address of the database stands in configuration, process lists and logs of others."""
    address = unquote(settings.database_url)
    spelled = [each for key in master.held() for each in spellings(key)]
    if any(each in address for each in (*spelled, settings.secret_key.get_secret_value()) if each):
        raise Misconfigured(
            "TRACING_DATABASE_URL holds a key of this service. Give the database a password of its own, and change the key: "
            "tracing keys rotate --master"
        )


def refuse_key_in_database(store: SqlRecordStore, master: MasterKey) -> None:
    """Who steals the database would have the key to it as well."""
    keys = master.held()
    if found := store.table_with([each for key in keys for each in spellings(key)], keys):
        store.close()
        raise Misconfigured(
            f"The master key stands in the database, in the table {found}. Delete it there, and change the key: "
            "tracing keys rotate --master"
        )


def spellings(key: bytes) -> tuple[str, ...]:
    """As people write a key down: some leave out what fills base64 up."""
    filled = base64.b64encode(key), base64.urlsafe_b64encode(key)
    return *(each.decode().rstrip("=") for each in filled), key.hex(), key.hex().upper()


def _refuse_open(path: Path, what: str, bits: int, mode: str, can: str = "read") -> None:
    try:
        opened = path.exists() and path.stat().st_mode & bits
    except OSError as error:
        raise Misconfigured(f"Cannot look at {what} {path}: {error.strerror}. Check its owner and permissions.") from error
    if opened:
        raise Misconfigured(f"Other users can {can} {what}. Run: chmod {mode} {path}")


def _refuse_misplaced(settings: Settings) -> None:
    key_file = settings.master_key_file.resolve()
    if key_file.is_relative_to(settings.photo_dir.resolve()):
        raise Misconfigured(f"The master key {key_file} lies among the photos that it protects. Move it to {settings.key_dir}.")
