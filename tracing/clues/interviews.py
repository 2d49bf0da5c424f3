"""Interviews: write down what somebody said, word for word, mark what it names, and let the search go by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tracing.access import Permission, require
from tracing.clues.profile import Lexicon
from tracing.domain import Actor, Case, CaseState, Clue, ClueVersion, Mention, MentionKind, Part, Told
from tracing.domain.regions import Place, PlaceGuess
from tracing.errors import Conflict, Invalid, NotFound, Stale, WrongState
from tracing.facts import LONGEST_TEXT
from tracing.ports import Clock, NewId, RecordStore
from tracing.stations.scope import check_readable, own_case, reach_of, readable
from tracing.verdict import checked_reason

MOST_MENTIONS: Final = 50
LONGEST_LINE: Final = 200
LONGEST_AGO: Final = timedelta(days=366 * 50)
AHEAD: Final = timedelta(days=1)
"""Clocks of phones are wrong, and it may be tomorrow already where somebody is heard."""
READ: Final = "read_case"


@dataclass(frozen=True, slots=True)
class MeantPlace:
    """What a place name may stand for."""

    place: Place
    guess: PlaceGuess


@dataclass(frozen=True, slots=True)
class Suggested:
    """Something in what was said that may be worth marking; ``places``, the likeliest first, where it names one."""

    mention: Mention
    places: tuple[MeantPlace, ...] = ()


class Interviews:
    """``search`` is called with the id of a case whose clues have changed, outside of any transaction.

    ``lexicon`` is made when it is first needed.
    """

    def __init__(
        self, store: RecordStore, lexicon: Callable[[], Lexicon], clock: Clock, new_id: NewId, search: Callable[[str], object]
    ) -> None:
        self._store = store
        self._lexicon = lexicon
        self._clock = clock
        self._new_id = new_id
        self._search = search

    def of_case(self, actor: Actor, case_id: str) -> list[ClueVersion]:
        """What counts of a case, in the order in which it was said; that it was read stays in the audit."""
        require(actor, Permission.READ_CASES)
        with self._store.transaction() as records:
            reach_of(records, actor).shown(records.cases.get(case_id))
            records.audit.append(actor, READ, case_id, {"clues": True})
            return records.clues.of_cases(readable(records, actor, [case_id], Part.CLUES)).get(case_id, [])

    def of_cases(self, actor: Actor, case_ids: Some[str]) -> dict[str, list[ClueVersion]]:
        """As they stand now, for a page that has told the audit already who looks at it; cases without any are left out."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            return records.clues.of_cases(readable(records, actor, case_ids, Part.CLUES))

    def current(self, actor: Actor, case_id: str, clue_id: str) -> ClueVersion:
        """A clue of this case as it stands now; ``NotFound`` where it belongs to another one."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            version = records.clues.get(clue_id)
        if version.clue.case_id != case_id:
            raise NotFound("There is no such clue.")
        return version

    def history(self, actor: Actor, clue_id: str) -> list[ClueVersion]:
        """Every version of a clue, the first one first."""
        require(actor, Permission.READ_CASES)
        with self._store.transaction() as records:
            case_id = records.clues.get(clue_id).clue.case_id
            check_readable(records, actor, case_id, Part.CLUES)
            records.audit.append(actor, READ, case_id, {"clue_id": clue_id})
            return records.clues.history(clue_id)

    def suggest(self, actor: Actor, said: str) -> list[Suggested]:
        """What in these words may name a place, a person, an occupation or an event; a person accepts it or does not."""
        require(actor, Permission.READ_CASES)
        _check_text(said)
        found: list[Suggested] = []
        within: list[str] = []
        for mention in self._lexicon().mentions(said):
            meant: tuple[MeantPlace, ...] = ()
            if mention.kind is MentionKind.PLACE:
                guesses = [
                    (self._lexicon().place(guess.code), guess) for guess in self._lexicon().resolve(mention.text, within)
                ]
                meant = tuple(MeantPlace(place, guess) for place, guess in guesses if place is not None)
                within += [each.guess.code for each in meant[:1]]
            found.append(Suggested(mention, meant))
        return found

    def place(self, code: str) -> Place | None:
        """The division with this code."""
        return self._lexicon().place(code)

    def record(self, actor: Actor, case_id: str, told: Told, clue_id: str | None = None) -> ClueVersion:
        """Keep what was said, as it was said, by the person who heard it. The search by clues follows.

        With a ``clue_id`` of the caller's (32 hexadecimal digits, at random), the same request sent again, by the same person,
        answers with the clue that the first one kept.
        """
        require(actor, Permission.EDIT_CASES)
        now = self._clock()
        mentions = self._checked(told, now)
        with self._store.transaction() as records:
            _check_open(own_case(records, actor, case_id))
            if clue_id is not None and (before := records.clues.history(clue_id)):
                if before[0].recorded_by != actor.account_id or before[0].clue.case_id != case_id:
                    raise Conflict("Somebody else was faster, or this is there already.")
                return before[-1]
            clue = Clue(
                clue_id or self._new_id(),
                case_id,
                told.said.strip(),
                told.said_at or now,
                actor.account_id,
                told.language.strip(),
                told.dialect.strip(),
                mentions,
            )
            version = ClueVersion(clue, 1, actor.account_id, now)
            records.clues.add(version)
            detail = {"clue_id": clue.clue_id, "mentions": len(mentions)}
            records.audit.append(actor, "record_clue", case_id, detail)
        self._search(case_id)
        return version

    def revise(self, actor: Actor, clue_id: str, told: Told, reason: str, version: int) -> ClueVersion:
        """Write down better what was said; what stood there before is kept. ``Stale`` where somebody else was faster.

        What was shown on a board and pointed at is not put into other words: ``WrongState``.
        """
        require(actor, Permission.EDIT_CASES)
        now = self._clock()
        mentions = self._checked(told, now)
        return self._follow(
            actor,
            clue_id,
            version,
            "revise_clue",
            checked_reason(reason),
            lambda clue: replace(
                clue,
                said=told.said.strip(),
                said_at=told.said_at or clue.said_at,
                language=told.language.strip(),
                dialect=told.dialect.strip(),
                mentions=mentions,
            ),
        )

    def mark(self, actor: Actor, clue_id: str, mentions: Sequence[Mention], version: int) -> ClueVersion:
        """Mark what the words name, in place of what was marked before; the words stay as they are."""
        require(actor, Permission.EDIT_CASES)

        def marked(clue: Clue) -> Clue:
            told = Told(clue.said, clue.said_at, clue.language, clue.dialect, tuple(mentions))
            return replace(clue, mentions=self._checked(told, self._clock()))

        return self._follow(actor, clue_id, version, "mark_clue", "", marked)

    def withdraw(self, actor: Actor, clue_id: str, reason: str, version: int) -> ClueVersion:
        """Let a clue count for nothing from now on, with the reason; it is kept, and what people have judged stays as it is."""
        require(actor, Permission.EDIT_CASES)
        return self._follow(actor, clue_id, version, "withdraw_clue", checked_reason(reason), lambda clue: clue, True)

    def _follow(
        self,
        actor: Actor,
        clue_id: str,
        version: int,
        action: str,
        reason: str,
        changed: Callable[[Clue], Clue],
        withdrawn: bool = False,
    ) -> ClueVersion:
        with self._store.transaction() as records:
            before = records.clues.get(clue_id)
            _check_open(own_case(records, actor, before.clue.case_id))
            if before.version != version:
                raise Stale("Somebody else has changed this clue since you opened it; look at it again.")
            if before.withdrawn:
                raise WrongState("This clue was withdrawn; write down anew what was said.")
            if before.clue.shown and not withdrawn:
                raise WrongState("What was shown and pointed at is not rewritten; withdraw it, and ask again.")
            after = ClueVersion(
                changed(before.clue), before.version + 1, actor.account_id, self._clock(), reason, withdrawn=withdrawn
            )
            records.clues.add(after)
            detail = {"clue_id": clue_id, "mentions": len(after.clue.mentions)}
            records.audit.append(actor, action, before.clue.case_id, detail)
        self._search(before.clue.case_id)
        return after

    def _checked(self, told: Told, now: datetime) -> tuple[Mention, ...]:
        """The mentions in the order of the words; ``Invalid`` for what cannot have been said so."""
        _check_text(told.said)
        for field in ("language", "dialect"):
            if len(getattr(told, field)) > LONGEST_LINE:
                raise Invalid(f"At most {LONGEST_LINE} characters fit here.", field)
        if told.said_at is not None and not now - LONGEST_AGO <= told.said_at <= now + AHEAD:
            raise Invalid("The date lies in the future or too far in the past.", "said_at")
        if len(told.mentions) > MOST_MENTIONS:
            raise Invalid(f"At most {MOST_MENTIONS} parts of a clue can be marked.", "mentions")
        said = told.said.strip()
        ordered = tuple(sorted(told.mentions, key=lambda each: (each.start, each.end)))
        end = 0
        for mention in ordered:
            if not end <= mention.start < mention.end <= len(said) or said[mention.start : mention.end] != mention.text:
                raise Invalid("What is marked has to be a part of what was said, and no two marks overlap.", "mentions")
            if mention.place_code and self._lexicon().place(mention.place_code) is None:
                raise Invalid("There is no place with this code.", "mentions")
            end = mention.end
        return ordered


def kept_marks(mentions: Sequence[Mention], said: str) -> tuple[Mention, ...]:
    """The marks that still stand in words that were corrected: each whose text is there, after the one before it."""
    kept: list[Mention] = []
    end = 0
    for mention in sorted(mentions, key=lambda each: each.start):
        start = said.find(mention.text, end)
        if start >= 0:
            end = start + len(mention.text)
            kept.append(replace(mention, start=start, end=end))
    return tuple(kept)


def _check_text(said: str) -> None:
    if not said.strip():
        raise Invalid("Write down what was said.", "said")
    if len(said) > LONGEST_TEXT:
        raise Invalid(f"At most {LONGEST_TEXT} characters fit here.", "said")


def _check_open(case: Case) -> None:
    if case.state is CaseState.CLOSED:
        raise WrongState("The case is closed; reopen it before you write down what was said.")
