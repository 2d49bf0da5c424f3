"""Keep-outs and the photos that are held because of them: look at them, let a photo in, lift a keep-out, let it run out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, Case, HeldPhoto, Keepout, Photo
from tracing.errors import Conflict, NotFound, WrongState
from tracing.likeness import Likeness
from tracing.ports import Clock, RecordStore
from tracing.stations.scope import own_case, reach_of
from tracing.verdict import checked_reason


@dataclass(frozen=True, slots=True)
class KeepoutView:
    """``compared``: the encoders, of those it has a template by, that tell likenesses; ``blind``: those in use that it has
    no template by, and by which alone a photo does not show the person."""

    keepout: Keepout
    compared: tuple[str, ...]
    blind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldView:
    held: HeldPhoto
    case: Case
    photo: Photo


class Suppressing:
    """A likeness is never more than a question to a person: nobody is refused, nor let in, because of a score."""

    def __init__(self, store: RecordStore, likeness: Likeness, clock: Clock) -> None:
        self._store = store
        self._likeness = likeness
        self._clock = clock

    def all(self, actor: Actor) -> list[KeepoutView]:
        """Those that hold now, the oldest first."""
        require(actor, Permission.ERASE)
        now = self._clock()
        with self._store.reading() as records:
            tells, live = self._likeness.tells(records), records.generations.live_encoders()
            found = [each for each in records.keepouts.all() if each.expires_at > now]
        return [
            KeepoutView(
                each,
                tuple(encoder_id for encoder_id in each.encoders if encoder_id in tells),
                tuple(encoder_id for encoder_id in live if each.encoders and encoder_id not in each.encoders),
            )
            for each in found
        ]

    def lift(self, actor: Actor, keepout_id: str, reason: str) -> None:
        """The person may be kept and searched again; photos that were held because of it are looked at."""
        require(actor, Permission.ERASE)
        checked_reason(reason)
        with self._store.transaction() as records:
            if not records.keepouts.drop([keepout_id]):
                raise NotFound("There is no such keep-out; it may have run out.")
            records.audit.append(actor, "lift_keepout", keepout_id)

    def expire(self) -> int:
        """Remove those that have run out; how many there were."""
        now = self._clock()
        with self._store.reading() as records:
            over = [each.keepout_id for each in records.keepouts.all() if each.expires_at <= now]
        if not over:
            return 0
        with self._store.transaction() as records:
            gone = records.keepouts.drop(over)
            records.audit.append(SYSTEM, "expire_keepouts", "", {"keepouts": gone})
        return gone

    def held(self, actor: Actor) -> list[HeldView]:
        """Photos of the person's own station that wait for a decision, the oldest first."""
        require(actor, Permission.ERASE)
        with self._store.reading() as records:
            reach, waiting = reach_of(records, actor), records.keepouts.waiting()
            cases = records.cases.by_ids({each.case_id for each in waiting})
            owned = {case_id: case for case_id, case in cases.items() if reach.owns(case)}
            return [
                HeldView(each, owned[each.case_id], records.photos.get(each.photo_id))
                for each in waiting
                if each.case_id in owned
            ]

    def let_in(self, actor: Actor, photo_id: str, reason: str) -> None:
        """A person has looked and says that this is somebody else: the photo is looked at, and searched, as any other.

        Where it is the person who asked not to be searched, erase the case, or withdraw its face.
        """
        require(actor, Permission.ERASE)
        said = checked_reason(reason)
        with self._store.transaction() as records:
            photo = records.photos.get(photo_id)
            own_case(records, actor, photo.case_id)
            held = records.keepouts.held(photo_id)
            if held is None:
                raise WrongState("This photo is not held.")
            decided = replace(held, cleared_at=self._clock(), cleared_by=actor.account_id, reason=said)
            if not records.keepouts.clear(decided):
                raise Conflict("Somebody has decided about this photo already.")
            records.audit.append(actor, "let_photo_in", photo.case_id, {"photo_id": photo_id})
