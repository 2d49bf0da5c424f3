"""Lists handed in as the page does it, for tests."""

from __future__ import annotations

import io
from contextlib import ExitStack
from typing import Any
from zipfile import ZipFile

from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Actor, CaseKind, HandedList, ImportRun, LegalBasis, ListHit, ListPurpose, Role
from tracing.importing.handing_in import Told

LIST = "编号,姓名,性别,备注\n1,王建国,男,\n2,李梅,女,\n"


def hand_in(
    house: House,
    table: str | bytes = LIST,
    photos: dict[str, bytes] | None = None,
    purpose: ListPurpose = ListPurpose.IMPORT,
    actor: Actor | None = None,
    **told: Any,
) -> HandedList:
    """In pieces, as it arrives."""
    lists, actor = house.services.handed_lists, actor or house.intake
    said = {"source": "Police", "kind": CaseKind.MISSING, "legal_basis": LegalBasis.STATUTORY_DUTY, "file_name": "list.csv"}
    list_id = lists.expect(actor)
    with ExitStack() as arriving:
        rows = arriving.enter_context(lists.arriving(list_id, "table"))
        rows.write(table.encode() if isinstance(table, str) else table)
        pictures = arriving.enter_context(lists.arriving(list_id, "photos")) if photos is not None else None
        if pictures is not None:
            pictures.write(zipped(photos or {}))
    return lists.take(actor, list_id, Told(purpose=purpose, **said | told), rows, pictures)


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def checked(house: House, handed: HandedList, **said: str) -> HandedList:
    """Its columns said, and read to its end."""
    house.services.handed_lists.say_columns(house.intake, handed.list_id, said, handed.version)
    house.services.worker.work_off()
    return house.services.handed_lists.look(house.intake, handed.list_id).handed


def brought(house: House, handed: HandedList, **said: str) -> ImportRun:
    """To the end of its run."""
    ready = checked(house, handed, **said)
    run = house.services.handed_lists.start(house.intake, ready.list_id, ready.version)
    house.services.worker.work_off()
    return house.services.list_runs.look(house.intake, run.run_id).run


def put(house: House, *hits: ListHit, portrait: bytes = b"") -> ListHit:
    """What a comparison has found; the first one, with the face of its record."""
    with house.services.store.transaction() as records:
        records.hits.put(hits, {hits[0].hit_id: portrait} if portrait else {})
    return hits[0]


def two_stations(house: House) -> Actor:
    """Somebody at another station; until now there was none set up."""
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    account, _ = house.services.accounts.add(SYSTEM, "ning", Role.INTAKE, station_id="north")
    return Actor(account.account_id, account.name, account.role, "north")
