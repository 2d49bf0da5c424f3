"""`tracing import` of a PFIF file: what is in it, and what became of each record."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scripts.language import refused, word
from scripts.lists import photo_set
from scripts.opening import services
from scripts.output import RateColumn, print_json, print_table, progress_bar, say
from tracing.access import SYSTEM
from tracing.errors import Invalid
from tracing.exchange.pfif.reading import MOST_BYTES, Reading, Skipped, read
from tracing.exchange.photo_sets import PhotoSet
from tracing.partners.people import kind_of
from tracing.partners.taking import Sender, Taken

MOST_TOLD: Final = 20
XML: Final = (b"<", "\ufeff<".encode(), "<".encode("utf-16"), "\ufeff<".encode("utf-16-be"))
"""How an XML file begins, in whatever encoding: which of them may be is the reader's to say."""


def is_xml(file: Path) -> bool:
    """Of what is no ordinary file, such as a pipe, not a byte is read: it may never end."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(200).lstrip().startswith(XML)


def import_pfif(file: Path, sender: Sender, photos: Path | None, station: str, preview: bool, as_json: bool) -> None:
    """The whole file, record by record."""
    if file.stat().st_size > MOST_BYTES:
        raise Invalid(f"The file is larger than {MOST_BYTES // 2**20} MiB. Send it in parts.", "file")
    data = file.read_bytes()
    if preview:
        _show_preview(read(data, sender.domain), sender, as_json)
        return
    with ExitStack() as open_files, services() as found:
        sent = photo_set(photos, found.settings.max_photo_mib * 2**20, open_files)
        actor = replace(SYSTEM, station_id=station or found.settings.station)
        with progress_bar(RateColumn(word("people"))) as bar:
            task = bar.add_task(word("Importing"), total=None)
            taken = found.taking.take(
                actor,
                data,
                sender,
                file.name,
                LocalIds(sent) if sent is not None else None,
                lambda done, of: bar.update(task, completed=done, total=of),
            )
        found.ledger.follow()
    _show(taken, as_json)


class LocalIds:
    """The photos of a file: each called after what follows the slash in the id of its record, ``/`` in it written as ``-``."""

    def __init__(self, photos: PhotoSet) -> None:
        self._photos = photos

    def named(self, name: str, source_id: str) -> str | None:
        return self._photos.named(name, _local(source_id))

    def by_number(self, source_ids: Collection[str]) -> tuple[dict[str, list[str]], set[str]]:
        ids = {_local(source_id): source_id for source_id in source_ids}
        found, disputed = self._photos.by_number(ids)
        return {ids[number]: paths for number, paths in found.items()}, {ids[number] for number in disputed}

    def read(self, path: str) -> bytes:
        return self._photos.read(path)


def _local(source_id: str) -> str:
    return source_id.partition("/")[2].replace("/", "-")


def _show_preview(reading: Reading, sender: Sender, as_json: bool) -> None:
    if as_json:
        print_json({"version": reading.version, "persons": reading.persons, "notes": reading.notes, "skipped": reading.skipped})
        return
    now = datetime.now(UTC)
    rows = [
        (
            *(each.person_record_id, "、".join(each.names), each.status),
            word("erased, if it is here") if each.placeholder or each.expired(now) else kind_of(each, sender.kind),
            len(each.notes),
        )
        for each in reading.persons[:MOST_TOLD]
    ]
    print_table(["record", "names", "status", "would be", "notes"], rows, f"PFIF {reading.version}; the first records:")
    _show_skipped(reading.skipped)
    say(
        f"{len(reading.persons)} people, {len(reading.notes)} notes about others, {len(reading.skipped)} that cannot be taken; "
        "nothing was changed."
    )


def _show(taken: Taken, as_json: bool) -> None:
    if as_json:
        print_json(taken)
        return
    _show_skipped(taken.skipped)
    say(
        f"{taken.parsed} records of {taken.run.source}: {taken.written} written, {taken.left} unchanged, "
        f"{taken.erased} erased, {len(taken.skipped)} skipped; {taken.run.photos} new photos."
    )
    say(f"The run is {taken.run.run_id}.")


def _show_skipped(skipped: tuple[Skipped, ...]) -> None:
    if skipped:
        rows = [(each.record_id, refused(each.error)) for each in skipped[:MOST_TOLD]]
        print_table(["record", "why"], rows, f"Skipped: {len(skipped)} records; the first:")
