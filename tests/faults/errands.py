"""Kills in the middle of what operators do: new keys, backups and their return, what is over, and lists that come in."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from tests.fakes import painted_photo
from tests.faults.ledger import Evidence, Sent
from tests.faults.lost import Lost
from tests.faults.shaken import eventually
from tracing.access import SYSTEM
from tracing.domain import Channel, Outcome

if TYPE_CHECKING:
    from tests.faults.kills import ShakenHouse

RULES: Final = "closed_missing = 10\nclosed_sheltered = 10\n"
"""For how long a house keeps its cases; the others are kept as usual."""
OVER: Final = timedelta(days=30)
CLOSED: Final = 4
"""Cases that are over at one time."""
ROWS, WITH_PHOTO = 40, 6
"""Of a list that comes in."""
PEOPLE: Final = 50_000
"""Their faces begin here: nobody else's."""


class Errands:
    """``fresh`` gives the address of an empty database, or nothing where it is a file of the data folder."""

    def __init__(self, shaken: ShakenHouse, fresh: Callable[[], str]) -> None:
        self._shaken = shaken
        self._house = shaken.house
        self._fresh = fresh
        self._disk, self._safe = self._house.folder / "disk", self._house.folder / "safe"
        self._made: list[str] = []
        self._numbers = count(1)
        self._keys = cycle(("data", "master"))
        self.ways: dict[str, Callable[[], bool]] = {
            "keys": self.keys,
            "backup": self.backup,
            "restore": self.restore,
            "purge": self.purge,
            "import": self.bring_in,
        }

    def keys(self) -> bool:
        """The data key and the master key by turns, while people are at work."""
        which = next(self._keys)
        words = ("keys", "rotate", "--json") if which == "data" else ("keys", "rotate", "--master", "--json")
        with self._shaken.shelter.at_work(self._shaken.up(), uploaders=2):
            killed = self._shaken.killed(f"keys rotate {which}", *words) is None
        self._shaken.compare()
        self._house.check()
        self._shaken.down()
        self._house.done(*words)
        listed = told(self._house.done("keys", "list", "--json"))
        if len([each for each in listed if each["current"]]) != 2:
            raise Lost(f"not one data key and one master key are in use: {listed}")
        if which == "data" and (left := [each for each in listed if not each["current"] and each["rows"] + each["photos"]]):
            raise Lost(f"a finished rotation has left something sealed with another key: {left}")
        return killed

    def backup(self) -> bool:
        """People are at work; the next run makes a whole one, and those that were acknowledged stay whole."""
        words = ("backup", str(self._disk), "--keys", str(self._safe), "--json")
        with self._shaken.shelter.at_work(self._shaken.up(), uploaders=2):
            said = self._shaken.killed("backup", *words)
        killed = said is None
        self._made.append(told(self._house.done(*words) if said is None else said)["backup_id"])
        if len(self._made) > 2:
            oldest = self._made.pop(0)
            if self._shaken.killed("backup forget", "backup", "forget", str(self._disk), oldest) is None:
                killed = True
                self._forgotten(oldest)
        self._all_whole()
        return killed

    def _forgotten(self, backup_id: str) -> None:
        """It is there, or set aside and still in the register, or gone; where it is not gone, it can be forgotten again."""
        if backup_id in self._listed() or backup_id in self._known():
            self._house.done("backup", "forget", str(self._disk), backup_id)

    def _known(self) -> set[str]:
        """To the service; more than are listed only while one is being made or forgotten."""
        with self._shaken.services.store.reading() as records:
            return {each.backup_id for each in records.backups.since()}

    def _listed(self) -> list[str]:
        return [each["backup_id"] for each in told(self._house.done("backup", "list", str(self._disk), "--json"))]

    def _all_whole(self) -> None:
        listed = self._listed()
        if lost := set(self._made) - set(listed):
            raise Lost(f"backups that were acknowledged are lost: {lost}")
        for each in listed:
            self._house.done("backup", "verify", str(self._disk), each)
        known = self._known()
        if known != set(listed):
            raise Lost(f"the service knows the backups {sorted(known)}, and there are {sorted(listed)}")

    def restore(self) -> bool:
        """Nobody is at work, so that everything that was ever acknowledged is in it."""
        self._shaken.down()
        words = ("backup", str(self._disk), "--keys", str(self._safe), "--json")
        self._made.append(told(self._house.done(*words))["backup_id"])
        new = self._house.folder / f"restored-{next(self._numbers)}"
        words = ("restore", str(self._disk), "--keys", str(self._safe), "--json")
        machine = self._machine(new)
        killed = self._shaken.killed("restore", *words, **machine) is None
        if killed:
            if (new / "restoring").exists():
                refused = self._house.done("check", status=1, **machine)
                if "was not finished" not in " ".join(refused.split()):  # its lines are wrapped
                    raise Lost("half of a restore lets a service start")
            shutil.rmtree(new, ignore_errors=True)
            machine = self._machine(new)
            self._house.done(*words, **machine)
        self._house.check(**machine)
        evidence = Evidence(machine["TRACING_DATABASE_URL"] or f"sqlite:///{new / 'tracing.sqlite'}", new / "photos")
        try:
            ledger = replace(self._shaken.ledger, doubtful={}, turn=Lock())
            if losses := [*evidence.losses(ledger), *evidence.stray_files(ledger)]:
                raise Lost("brought back without:\n" + "\n".join(losses[:20]))
        finally:
            evidence.close()
        shutil.rmtree(new)
        return killed

    def _machine(self, folder: Path) -> dict[str, str]:
        return {"TRACING_DATA_DIR": str(folder), "TRACING_DATABASE_URL": self._fresh()}

    def purge(self) -> bool:
        """Nobody is at work, and no worker, who would be faster."""
        eventually(lambda: bool(self._shaken.up() and self._at_hand()), why="there are cases to be closed")
        self._shaken.down()
        over = {case_id: self._shaken.evidence.keys_of(case_id) for case_id in self._at_hand()[:CLOSED]}
        closing = self._shaken.services.casework
        for case_id in over:
            kind = closing.get(SYSTEM, case_id).kind
            outcome = Outcome.WITHDRAWN if kind == "missing" else Outcome.SELF_LEFT
            closing.close(SYSTEM, case_id, outcome, "it is over", Channel.OTHER)
        self._shaken.evidence.make_older(over, OVER)
        killed = self._shaken.killed("purge", "purge", "--json") is None
        self._shaken.ledger.doubtful |= over
        self._shaken.compare()
        self._house.check()
        self._house.done("purge")
        self._shaken.ledger.erased |= over
        return killed

    def _at_hand(self) -> list[str]:
        """Cases with a photo that nothing holds open."""
        return self._shaken.evidence.loose(self._shaken.erasable())

    def bring_in(self) -> bool:
        """A list with photos, sent again after the kill: each row once, each photo once."""
        number = next(self._numbers)
        people = [f"{number}-{row}" for row in range(ROWS)]
        photos = {each: painted_photo(PEOPLE + number * WITH_PHOTO + place) for place, each in enumerate(people[:WITH_PHOTO])}
        file, folder = self._house.folder / f"list-{number}.csv", self._house.folder / f"photos-{number}"
        folder.mkdir()
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows([("编号", "姓名"), *((each, f"王{each}") for each in people)])
        for each, photo in photos.items():
            (folder / f"{each}.png").write_bytes(photo)
        words = ("import", str(file), "--source", f"list {number}", "--photos", str(folder), "--json")
        with self._shaken.shelter.at_work(self._shaken.up(), uploaders=1):
            said = self._shaken.killed("import", *words)
            run = told(self._house.done(*words) if said is None else said)
        kept = run["run"]
        # All are new; or none is, where the kill came after the last row and before the command's end.
        whole = (kept["new"], kept["unchanged"]) in ({(ROWS, 0)} if said else {(ROWS, 0), (0, ROWS)})
        if run["rows"] != ROWS or not whole or kept["finished_at"] is None:
            raise Lost(f"the list has {ROWS} rows, and the import says: {run}")
        self._came_in(f"list {number}", people, photos)
        return said is None

    def _came_in(self, source: str, people: list[str], photos: dict[str, bytes]) -> None:
        cases = self._shaken.evidence.sent_by(source)
        if sorted(cases) != sorted(people):
            raise Lost(f"{len(people)} rows were brought in, and there are {len(cases)} cases of {source}")
        for each, case_id in cases.items():
            there = self._shaken.evidence.photos_of(case_id)
            wanted = [hashlib.sha256(photos[each]).hexdigest()] if each in photos else []
            if [sha256 for _, sha256 in there] != wanted:
                raise Lost(f"row {each} of {source} came with {len(wanted)} photos, and there are {len(there)}")
            with self._shaken.ledger.turn:
                self._shaken.ledger.cases.add(case_id)
                self._shaken.ledger.photos |= {photo_id: Sent(case_id, sha256) for photo_id, sha256 in there}


def told(said: str) -> Any:
    """The JSON that a command has printed, whatever its log says before it."""
    lines = said.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(("{", "[")))
    return json.JSONDecoder().raw_decode("\n".join(lines[start:]))[0]
