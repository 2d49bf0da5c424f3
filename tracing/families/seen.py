"""People of a station read what informants have seen of their cases, and write down as a clue what is worth it."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass, replace

from tracing.access import Permission, require
from tracing.clues.interviews import Interviews
from tracing.domain import Actor, Case, HandedPhoto, Sighting, SightingState, Told
from tracing.errors import Stale, WrongState
from tracing.families.photos import chosen
from tracing.ports import Clock, NewId, PhotoStore, RecordStore
from tracing.records import Records
from tracing.stations.scope import counted_station, own_case


@dataclass(frozen=True, slots=True)
class SightingView:
    sighting: Sighting
    case: Case
    photos: tuple[HandedPhoto, ...]


class SeenSightings:
    """Of the own station's cases, for those who read contacts: informants give theirs."""

    def __init__(self, store: RecordStore, photos: PhotoStore, interviews: Interviews, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._photos = photos
        self._interviews = interviews
        self._clock = clock
        self._new_id = new_id

    def find(
        self, actor: Actor, states: Some[SightingState], limit: int, offset: int = 0, case_id: str = ""
    ) -> tuple[list[SightingView], int]:
        """The newest first, of all cases or of one, and how many there are."""
        require(actor, Permission.READ_REPORTS)
        with self._store.reading() as records:
            if case_id:
                own_case(records, actor, case_id)
            found, total = records.sightings.find(states, counted_station(records, actor), limit, offset, case_id)
            cases = records.cases.by_ids({each.case_id for each in found})
            photos = records.handed.of_sightings({each.sighting_id for each in found})
            return [
                SightingView(
                    each,
                    cases[each.case_id],
                    tuple(photo for photo in photos if photo.sighting_id == each.sighting_id),
                )
                for each in found
            ], total

    def waiting(self, actor: Actor) -> int:
        """How many nobody has read yet."""
        return self.find(actor, [SightingState.NEW], 0)[1]

    def of_case(self, actor: Actor, case_id: str) -> int:
        """How many nobody has read yet of one case, for its page; of another station's case none."""
        require(actor, Permission.READ_REPORTS)
        with self._store.reading() as records:
            return records.sightings.find([SightingState.NEW], counted_station(records, actor), 0, 0, case_id)[1]

    def view(self, actor: Actor, sighting_id: str) -> SightingView:
        require(actor, Permission.READ_REPORTS)
        with self._store.reading() as records:
            sighting = _own(records, actor, sighting_id)
            photos = records.handed.of_sightings([sighting_id])
            return SightingView(sighting, records.cases.get(sighting.case_id), tuple(photos))

    def photo(self, actor: Actor, sighting_id: str, handed_id: str) -> tuple[HandedPhoto, bytes]:
        require(actor, Permission.READ_REPORTS)
        with self._store.reading() as records:
            _own(records, actor, sighting_id)
            photos = records.handed.of_sightings([sighting_id])
        found = chosen(photos, handed_id)
        return found, self._photos.get(found.photo_key)

    def mark_read(self, actor: Actor, sighting_id: str, version: int) -> Sighting:
        """Somebody has read it, and it is nothing that the case has to know."""
        require(actor, Permission.READ_REPORTS)
        with self._store.transaction() as records:
            before = _known(records, actor, sighting_id, version)
            read = replace(before, state=SightingState.READ, read_by=actor.account_id, read_at=self._clock())
            saved = records.sightings.save(read)
            records.audit.append(actor, "mark_sighting", saved.case_id, {"sighting_id": sighting_id})
        return saved

    def note(self, actor: Actor, sighting_id: str, version: int, said: str) -> str:
        """Write it down as a clue of the case, in the words of the person who does, who has heard or seen nothing themselves;
        the clue's id. Whoever sent it is not named in it."""
        require(actor, Permission.READ_REPORTS)
        with self._store.transaction() as records:
            before = _known(records, actor, sighting_id, version)
            if before.state is SightingState.NOTED:
                raise WrongState("This was written down as a clue already.")
            clue_id = before.clue_id or self._new_id()
            # The number first: whatever is interrupted, the same sighting makes one clue.
            saved = records.sightings.save(replace(before, clue_id=clue_id))
        self._interviews.record(actor, saved.case_id, Told(said, said_at=saved.sent_at, language=saved.language), clue_id)
        with self._store.transaction() as records:
            noted = replace(saved, state=SightingState.NOTED, read_by=actor.account_id, read_at=self._clock())
            records.sightings.save(noted)
            records.audit.append(actor, "note_sighting", saved.case_id, {"sighting_id": sighting_id, "clue_id": clue_id})
        return clue_id


def _own(records: Records, actor: Actor, sighting_id: str) -> Sighting:
    sighting = records.sightings.get(sighting_id)
    own_case(records, actor, sighting.case_id)
    return sighting


def _known(records: Records, actor: Actor, sighting_id: str, version: int) -> Sighting:
    sighting = _own(records, actor, sighting_id)
    if sighting.version != version:
        raise Stale("Somebody else has gone on with this sighting since you opened it; look at it again.")
    return sighting
