"""Readers of what lies on the machine or comes with a disk: keys, rules, lists of models, labels, backups and ledgers."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from tests.factories import NOON, FixedClock, a_card, an_id
from tests.hostile.samples import samples

ROOT = Path(__file__).resolve().parents[2]


class Reader(NamedTuple):
    """``read`` takes any bytes and may raise our own errors alone; ``seeds`` are good files to begin with."""

    read: Callable[[bytes], Any]
    seeds: Callable[[], Sequence[bytes]]


@cache
def _folder() -> Path:
    """Of this process; tests and fuzzers run each reader in one."""
    return Path(mkdtemp(prefix="tracing-readers-"))


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _rules(data: bytes) -> None:
    """With the working days that come of them."""
    from tracing.clocks.calendars.working_days import CountryCalendar
    from tracing.clocks.jurisdictions import parse

    jurisdiction = parse(text_of(data))
    calendar = CountryCalendar.of(jurisdiction)
    for day in (date(2025, 10, 1), date(2026, 2, 17)):
        calendar.is_working(day)


def _times(data: bytes) -> None:
    from tracing.expiry.policy import parse

    parse(text_of(data))


def _models(data: bytes) -> None:
    from tracing.embeddings import manifest

    file = _file("manifest.toml", data)
    for model in manifest.known_models(file):
        manifest.model_facts(model.model_id, file)
    for encoder_id in manifest.known_encoders(file):
        manifest.encoder_facts(encoder_id, file)


def _card(data: bytes) -> None:
    from tracing.embeddings.cards import card_on_file

    card_on_file("some", [_file("cards/some.json", data).parents[1]])


def _master_key(data: bytes) -> None:
    """In a file, and as a setting."""
    from tracing.errors import TracingError
    from tracing.store.key_files import MasterKey

    with suppress(TracingError):
        MasterKey(None, _file("photo.key", data)).held()
    MasterKey(text_of(data), _folder() / "none.key").held()


@cache
def _master() -> Any:
    from tracing.store.key_files import MasterKey

    return MasterKey(base64.b64encode(A_KEY).decode(), _folder() / "none.key")


def _data_keys(data: bytes) -> None:
    from tracing.store.data_keys import FILE, DataKeyFile

    DataKeyFile(_file(FILE, data).parent, _master(), FixedClock()).read()


def _some_data_keys() -> Sequence[bytes]:
    from tracing.store.data_keys import FILE, DataKeyFile

    (_folder() / FILE).unlink(missing_ok=True)
    DataKeyFile(_folder(), _master(), FixedClock()).ensure()
    return [(_folder() / FILE).read_bytes()]


def _manifest(data: bytes) -> None:
    from tracing.store.backup.manifest import FILE, read_manifest

    read_manifest(_file(f"{SOME_MANIFEST['backup_id']}/{FILE}", data).parent)


def _photo_lines(data: bytes) -> None:
    """Nothing that they name lies outside of the backup, or of the folder that it is brought back into."""
    from tracing.store.backup.manifest import PHOTOS, photo_lines

    for line in photo_lines(_file(PHOTOS, data).parent):
        assert ".." not in line.key + line.file
        assert not line.key.startswith("/")
        assert not line.file.startswith("/")


SOME_MANIFEST = {
    **{"format": 1, "backup_id": "20260301-120000-ab12", "point": NOON.isoformat(), "database": "records.sqlite"},
    **{"tables": {"cases": {"rows": 1, "digest": "0" * 64}}, "photos": 1, "photo_bytes": 7, "gone": 0},
    **{"master": "00000000", "files": dict.fromkeys(("records.sqlite", "photos.jsonl", "data.keys"), "0" * 64)},
}
SOME_LINE = {"key": "ab" * 16, "file": f"ab/ab/{'ab' * 16}.{'0' * 16}", "size": 7, "sha256": "0" * 64}
SOME_STEP = {"seq": 7, "at": NOON.isoformat(), "action": "erase_case", "case_id": "0" * 32, "kept_out": False}
SOME_EVENT = {"at": NOON.isoformat(), "actor": "lin", "action": "open_case", "subject": "0" * 32, "detail": {}}
A_KEY = hashlib.sha256(b"a key of the fuzzers").digest()


def _lines(*told: Any) -> Callable[[], Sequence[bytes]]:
    return lambda: [b"".join(json.dumps(each).encode() + b"\n" for each in told)]


def _ledger(data: bytes) -> None:
    """As a restore reads it, and as it is gone on with."""
    from tracing.errors import TracingError
    from tracing.store.backup.ledger import add_lines, every_step_in, steps_in

    file = _file("erased.jsonl", data)
    with suppress(TracingError):
        every_step_in(file)
    add_lines(file, list(steps_in(file)))


def _spool(data: bytes) -> None:
    from tracing.errors import TracingError
    from tracing.store.keys import Keyring
    from tracing.store.spool import AuditSpool

    spool, name = AuditSpool(_folder(), Keyring(bytes(32))), an_id()
    _file(f"{name}.events", data)
    with suppress(TracingError):
        spool.events(name)
    _file(f"{name}.events", Keyring(Keyring(bytes(32)).derive("audit spool")).seal(data, f"spool:{name}"))
    spool.events(name)


def _labels(data: bytes) -> None:
    """A table of photos whose people are known."""
    from scripts.evaluation.labelled import LABELS, read_labels

    folder = _folder() / "labelled"
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_bytes(samples()["png"])
    (folder / LABELS).write_bytes(data)
    for label in read_labels(folder):
        assert label.path.resolve().is_relative_to(folder.resolve()), "a label leads out of its folder"


OPERATORS_FILES: Mapping[str, Reader] = {
    "rules of clocks": Reader(_rules, lambda: [(ROOT / "tracing/clocks/jurisdictions/china.toml").read_bytes()]),
    "times for which things are kept": Reader(_times, lambda: [(ROOT / "tracing/expiry/usual.toml").read_bytes()]),
    "lists of models": Reader(_models, lambda: [(ROOT / "models/manifest.toml").read_bytes()]),
    "model cards": Reader(_card, lambda: [json.dumps(a_card("some").to_dict()).encode()]),
    "master keys": Reader(_master_key, lambda: [base64.b64encode(A_KEY)]),
    "data keys": Reader(_data_keys, _some_data_keys),
    "manifests of backups": Reader(_manifest, _lines(SOME_MANIFEST)),
    "lists of photos in backups": Reader(_photo_lines, _lines(SOME_LINE, SOME_LINE)),
    "ledgers of erasures": Reader(_ledger, _lines(SOME_STEP, SOME_STEP)),
    "rows that wait for the audit": Reader(_spool, _lines({"events": [SOME_EVENT]})),
    "labelled photos": Reader(_labels, lambda: [b"identity,image,source_set,age,sex\nwang,a.png,x,40,male\n"]),
}
