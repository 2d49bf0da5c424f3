"""Everyone who comes in is searched, by face and by clues: how far that holds, and why not where it does not (凡进必核)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tracing.access import Permission, require
from tracing.disguise import Disguise, searched_when_open
from tracing.domain import Actor, Analysis, Case, LegalBasis, Photo
from tracing.ports import RecordStore
from tracing.records import Records, StationCoverage
from tracing.stations.scope import counted_station

MOST: Final = 500
"""Cases whose reasons are counted; where there are more, the first of them tell enough."""


class SearchedBy(StrEnum):
    """What people are searched by."""

    FACES = "faces"
    CLUES = "clues"


class Unsearched(StrEnum):
    """Why an open case has no completed search in the active generation."""

    NO_BASIS = "no_basis"
    NO_PHOTO = "no_photo"
    CHOOSE_FACE = "choose_face"
    NO_FACE = "no_face"
    """Photos, but no face in any that can be read."""
    FACE_WITHDRAWN = "face_withdrawn"
    HELD = "held"
    """A photo may show somebody who asked not to be searched; a person has to decide."""
    BEING_ANALYSED = "being_analysed"
    STUCK = "stuck"
    """The analysis failed as often as it is tried."""
    SEARCH_DUE = "search_due"
    """A search is running, or about to."""


class UnsearchedByClues(StrEnum):
    """Why an open case was not searched by clues as it is now."""

    NO_BASIS = "no_basis"
    NOTHING_KNOWN = "nothing_known"
    """No clue, and nothing in the description that people could be found by."""
    SEARCH_DUE = "search_due"


@dataclass(frozen=True, slots=True)
class Gap:
    case: Case
    reason: Unsearched | UnsearchedByClues


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

    @property
    def reasons(self) -> Mapping[Unsearched | UnsearchedByClues, int]:
        """How many of ``gaps`` have each reason, the commonest first."""
        return dict(Counter(gap.reason for gap in self.gaps).most_common())


def share_of(counted: StationCoverage | CoverageReport) -> float:
    return counted.searched / counted.open if counted.open else 1.0


class Coverage:
    """``max_attempts`` is the number of failed analyses after which a photo is stuck; ``has_keys`` tells whether a case can be
    found by clues, as it is described."""

    def __init__(self, store: RecordStore, max_attempts: int, has_keys: Callable[[Records, str], bool]) -> None:
        self._store = store
        self._max_attempts = max_attempts
        self._has_keys = has_keys

    def report(
        self,
        actor: Actor,
        station_id: str = "",
        limit: int = 0,
        offset: int = 0,
        by: SearchedBy = SearchedBy.FACES,
        whole_house: bool = False,
    ) -> CoverageReport:
        """Of one station, or of all that are the person's to read (``scope.counted_station``).

        With ``whole_house`` the numbers of all stations; the cases that were not searched are never but the person's.
        """
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            disguise = Disguise.of(records, actor)
            reopened = [disguise.case(case) for case in disguise.reopened.values()]
            own = counted_station(records, actor)
            listed = station_id if own is None else own
            if station_id not in ("", listed):
                limit = 0
            if by is SearchedBy.FACES:
                stations, gaps = self._by_faces(records, reopened, listed, limit, offset)
            else:
                stations, gaps = self._by_clues(records, reopened, listed, limit, offset)
        if own is not None and not whole_house:
            stations = [each for each in stations if each.station_id == own]
        return CoverageReport(tuple(each for each in stations if station_id in ("", each.station_id)), tuple(gaps))

    def _by_faces(
        self, records: Records, reopened: Sequence[Case], station_id: str, limit: int, offset: int
    ) -> tuple[list[StationCoverage], list[Gap]]:
        generation_id = records.generations.active().generation_id
        stations = _with(records.coverage.by_station(generation_id), [(case, True) for case in reopened])
        limit = min(limit, _missing(stations, station_id))
        cases = records.coverage.unsearched(generation_id, station_id, limit, offset) if limit else []
        photos = records.photos.of_cases([case.case_id for case in cases])
        return stations, [Gap(case, self._reason(case, photos.get(case.case_id, ()))) for case in cases]

    def _by_clues(
        self, records: Records, reopened: Sequence[Case], station_id: str, limit: int, offset: int
    ) -> tuple[list[StationCoverage], list[Gap]]:
        """A case that looks open counts as it did before the match."""
        before = searched_when_open(records, [case.case_id for case in reopened])
        missing = [case for case in reopened if case.case_id not in before or not self._has_keys(records, case.case_id)]
        stations = _with(records.coverage.by_clues(), [(case, case not in missing) for case in reopened])
        if not limit or not _missing(stations, station_id):
            return stations, []
        alike = [case for case in missing if station_id in ("", case.station_id)]
        skipped = 0 if alike else offset
        cases = [*records.coverage.unsearched_by_clues(station_id, offset - skipped + limit, skipped), *alike]
        cases.sort(key=lambda case: (case.opened_at, case.case_id))
        shown = cases[offset - skipped : offset - skipped + limit]
        due = records.coverage.clue_searches_due([case.case_id for case in shown])
        settled = before | {case_id for case_id, times in due.items() if times <= 0}
        return stations, [Gap(case, _reason_by_clues(case, case.case_id in settled)) for case in shown]

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
        if Analysis.WITHDRAWN in found:
            return Unsearched.FACE_WITHDRAWN
        return Unsearched.HELD if Analysis.HELD in found else Unsearched.NO_FACE


def _reason_by_clues(case: Case, settled: bool) -> UnsearchedByClues:
    """``settled``: a search has ended since the last change, and found nothing to look for."""
    if case.legal_basis is LegalBasis.NONE:
        return UnsearchedByClues.NO_BASIS
    return UnsearchedByClues.NOTHING_KNOWN if settled else UnsearchedByClues.SEARCH_DUE


def _missing(stations: Iterable[StationCoverage], station_id: str) -> int:
    return sum(each.open - each.searched for each in stations if station_id in ("", each.station_id))


def _with(stations: Iterable[StationCoverage], reopened: Iterable[tuple[Case, bool]]) -> list[StationCoverage]:
    """Cases that look open to this person alone count as open, and as searched where they were before they were matched."""
    counted = {each.station_id: each for each in stations}
    for case, searched in reopened:
        before = counted.get(case.station_id, StationCoverage(case.station_id, 0, 0))
        counted[case.station_id] = replace(before, open=before.open + 1, searched=before.searched + searched)
    return [counted[station_id] for station_id in sorted(counted)]
