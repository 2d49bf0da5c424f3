"""Everyone who comes in is searched: how far that holds, and why not where it does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tracing.access import Permission, require
from tracing.disguise import Disguise
from tracing.domain import Actor, Analysis, Case, LegalBasis, Photo
from tracing.ports import RecordStore
from tracing.records import StationCoverage
from tracing.scope import counted_station


class Unsearched(StrEnum):
    """Why an open case has no completed search in the active generation."""

    NO_BASIS = "no_basis"
    NO_PHOTO = "no_photo"
    CHOOSE_FACE = "choose_face"
    NO_FACE = "no_face"
    """Photos, but no face in any that can be read."""
    BEING_ANALYSED = "being_analysed"
    STUCK = "stuck"
    """The analysis failed as often as it is tried."""
    SEARCH_DUE = "search_due"
    """A search is running, or about to."""


@dataclass(frozen=True, slots=True)
class Gap:
    case: Case
    reason: Unsearched


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """``gaps`` is a page of them, the longest open first; ``missing`` is how many there are."""

    stations: tuple[StationCoverage, ...]
    gaps: tuple[Gap, ...]

    @property
    def open(self) -> int:
        return sum(station.open for station in self.stations)

    @property
    def searched(self) -> int:
        return sum(station.searched for station in self.stations)

    @property
    def missing(self) -> int:
        return self.open - self.searched

    @property
    def share(self) -> float:
        """1 where there is no open case."""
        return share_of(self)


def _with(stations: Iterable[StationCoverage], reopened: Iterable[Case]) -> list[StationCoverage]:
    """Cases that look open to this person alone count as open, and as searched, which they were before they were matched."""
    counted = {each.station_id: each for each in stations}
    for case in reopened:
        before = counted.get(case.station_id, StationCoverage(case.station_id, 0, 0))
        counted[case.station_id] = replace(before, open=before.open + 1, searched=before.searched + 1)
    return [counted[station_id] for station_id in sorted(counted)]


def share_of(counted: StationCoverage | CoverageReport) -> float:
    return counted.searched / counted.open if counted.open else 1.0


class Coverage:
    """``max_attempts`` is the number of failed analyses after which a photo is stuck."""

    def __init__(self, store: RecordStore, max_attempts: int) -> None:
        self._store = store
        self._max_attempts = max_attempts

    def report(
        self, actor: Actor, station_id: str = "", limit: int = 0, offset: int = 0, whole_house: bool = False
    ) -> CoverageReport:
        """Of one station, or of all that are the person's to read (``scope.counted_station``).

        With ``whole_house`` the numbers of all stations; the cases that were not searched are never but the person's.
        """
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            generation_id = records.generations.active().generation_id
            stations = _with(records.coverage.by_station(generation_id), Disguise.of(records, actor).reopened.values())
            own = counted_station(records, actor)
            listed = station_id if own is None else own
            known = station_id in ("", listed)
            if own is not None and not whole_house:
                stations = [each for each in stations if each.station_id == own]
            cases = records.coverage.unsearched(generation_id, listed, limit, offset) if limit and known else []
            photos = records.photos.of_cases([case.case_id for case in cases])
        return CoverageReport(
            tuple(each for each in stations if station_id in ("", each.station_id)),
            tuple(Gap(case, self._reason(case, photos.get(case.case_id, ()))) for case in cases),
        )

    def _reason(self, case: Case, photos: Sequence[Photo]) -> Unsearched:
        """The nearest to being searched of what its photos say."""
        if case.legal_basis is LegalBasis.NONE:
            return Unsearched.NO_BASIS
        if not photos:
            return Unsearched.NO_PHOTO
        found = {photo.analysis for photo in photos}
        if Analysis.ENROLLED in found:
            return Unsearched.SEARCH_DUE
        if Analysis.CHOOSE_FACE in found:
            return Unsearched.CHOOSE_FACE
        pending = [photo for photo in photos if photo.analysis is Analysis.PENDING]
        if pending:
            stuck = all(photo.attempts >= self._max_attempts for photo in pending)
            return Unsearched.STUCK if stuck else Unsearched.BEING_ANALYSED
        return Unsearched.NO_FACE
