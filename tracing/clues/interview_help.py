"""Interview help: the next board to put in front of a person in care, and what they pointed at, kept as a clue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from tracing.access import Permission, require
from tracing.clues.boards import CHOICES, Board, BoardKind, Choice, Known, Showing, board
from tracing.clues.next_questions import Possible
from tracing.clues.possibles import Heard, drawn, heard, possible_cases
from tracing.clues.profile import Lexicon, PlaceTerm, Profile, Standing, profile
from tracing.clues.rarity import Counted, counted
from tracing.clues.weighing import keys
from tracing.domain import Actor, Case, CaseKind, CaseState, Clue, ClueVersion, Mention, MentionKind, Reply, Told
from tracing.domain.regions import ancestry
from tracing.errors import Invalid, WrongState
from tracing.facts import Veto, veto
from tracing.ports import Clock, RecordStore
from tracing.records import CaseFilter, Records, Sought
from tracing.stations.scope import own_case

RESTS: Final = timedelta(hours=20)
"""After this what somebody did not know is asked again: people remember on another day."""
BETWEEN: Final = " / "
POINTED_AT: Final = " → "
NOTHING: Final = "—"
NOT_KNOWN: Final = "?"
MOST_SHOWN: Final = 2 * CHOICES
READ: Final = "read_case"
KINDS_OF_WORDS: Final = {"work": MentionKind.OCCUPATION, "event": MentionKind.EVENT}
Record = Callable[[Actor, str, Told, str | None], ClueVersion]


@dataclass(frozen=True, slots=True)
class Help:
    """``board``: the next one, None where everything was asked. ``kinds``: of which there is one. ``shown``: the boards that
    were shown on this case so far, the last one last."""

    board: Board | None
    kinds: tuple[BoardKind, ...]
    shown: tuple[ClueVersion, ...]


@dataclass(frozen=True, slots=True)
class Pointed:
    """What came of a board: the keys that were ``shown``, in their order, and those that were ``pointed_at``.

    ``reply`` is ``YES`` where something was, ``NO`` where the person said that it is none of these, else ``UNKNOWN``.
    """

    kind: BoardKind
    shown: tuple[str, ...]
    reply: Reply
    pointed_at: tuple[str, ...] = ()


class InterviewHelp:
    """``record`` keeps a clue, and lets the search go by it."""

    def __init__(
        self, store: RecordStore, lexicon: Callable[[], Lexicon], showing: Callable[[], Showing], clock: Clock, record: Record
    ) -> None:
        self._store = store
        self._lexicon = lexicon
        self._showing = showing
        self._clock = clock
        self._record = record

    def next(self, actor: Actor, case_id: str, kind: BoardKind | None = None) -> Help:
        """The board that is expected to tell most about the open missing cases; of this ``kind``, where one is given.

        For whoever may write down what this person says. That it was asked for stays in the audit.
        """
        require(actor, Permission.EDIT_CASES)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            _check_helped(case)
            records.audit.append(actor, READ, case_id, {"clues": True, "interview_help": kind or "any"})
            versions = records.clues.of_cases([case_id]).get(case_id, [])
        clues = [version.clue for version in versions]
        told = profile(case, [clue for clue in clues if not clue.shown], self._lexicon())
        shown = [clue for clue in clues if clue.shown]
        with self._store.reading() as records:
            possibles = self._possibles(records, case, told, shown)
        known, showing = self._known(told, shown), self._showing()
        made = [found for each in BoardKind if (found := board(each, possibles, known, showing)) is not None]
        fitting = [each for each in made if kind in (None, each.kind)]
        best = max(fitting, key=lambda each: each.gain, default=None)
        return Help(best, tuple(each.kind for each in made), tuple(version for version in versions if version.clue.shown))

    def answer(self, actor: Actor, case_id: str, pointed: Pointed, clue_id: str | None = None) -> ClueVersion:
        """Keep what was shown and what was pointed at, as a clue of the case. The search by clues follows.

        ``clue_id`` as in ``Interviews.record``: the same answer sent again is kept once.
        """
        require(actor, Permission.EDIT_CASES)
        with self._store.reading() as records:
            _check_helped(own_case(records, actor, case_id))
        return self._record(actor, case_id, written(pointed, self._choices(pointed)), clue_id)

    def _choices(self, pointed: Pointed) -> list[Choice]:
        """What was shown; ``Invalid`` where it cannot have been, or where what was pointed at was not shown."""
        if not 2 <= len(set(pointed.shown)) == len(pointed.shown) <= MOST_SHOWN:
            raise Invalid(f"A board shows from 2 to {MOST_SHOWN} different choices.", "shown")
        known = [self._showing().choice(key) for key in pointed.shown]
        choices = [each for each in known if each is not None and _kind_of(each.key) is pointed.kind]
        if len(choices) < len(known):
            raise Invalid("Choose one of the answers offered.", "shown")
        several = Board(pointed.kind, ()).several
        if pointed.reply is Reply.YES and not pointed.pointed_at:
            raise Invalid("Tick what was pointed at, or say that it is none of these.", "pointed_at")
        if pointed.reply is not Reply.YES and pointed.pointed_at:
            raise Invalid("Something was pointed at, and it is none of these: only one can be.", "pointed_at")
        if len(pointed.pointed_at) > 1 and not several:
            raise Invalid("Choose one of the answers offered.", "pointed_at")
        if not set(pointed.pointed_at) <= set(pointed.shown):
            raise Invalid("Choose one of the answers offered.", "pointed_at")
        return choices

    def _possibles(self, records: Records, case: Case, told: Profile, shown: Sequence[Clue]) -> list[Possible]:
        answers = [self._heard(clue) for clue in shown if _answered(clue)]
        pointed_at = {key for answer in answers for key in answer.pointed_at}
        counts = records.clues.frequencies(keys(told) | pointed_at)
        rarity: Counted = counted(counts, records.cases.count(CaseFilter()), self._lexicon().usual)
        own = replace(told, places=tuple(term for term in told.places if term.standing is not Standing.FOUND))
        near = {key: counts[key] for key in keys(own) | pointed_at if key in counts}
        stand_for, held = drawn(records, Sought(CaseKind.MISSING, case.description.sex), near, case.case_id)
        facts = records.cases.facts(stand_for)
        fitting = {
            each: times for each, times in stand_for.items() if each in facts and veto(case.facts, facts[each]) is Veto.NONE
        }
        return heard(possible_cases(fitting, held, facts, told, rarity), answers)

    def _known(self, told: Profile, shown: Sequence[Clue]) -> Known:
        """What need not be asked any more on this case."""
        asked = {f"word:{term.key}" for term in told.words}
        homes = [term.guesses[0].code for term in told.places if term.standing is Standing.OWN and _settled(term)]
        settled = {
            BoardKind.SURNAME
            for term in told.names
            if term.standing is Standing.OWN and term.name.surname and term.source.accepted
        }
        for clue in shown:
            if not _answered(clue) and clue.said_at + RESTS < self._clock():
                continue
            answer = self._heard(clue)
            asked |= set(answer.shown)
            homes += [key[6:] for key in answer.pointed_at if key.startswith("place:")]
            settled |= {BoardKind.SURNAME for key in answer.pointed_at if key.startswith("surname:")}
        within = max(homes, key=lambda code: len(ancestry(code)), default="")
        return Known(frozenset(asked), within, frozenset(settled))

    def _heard(self, clue: Clue) -> Heard:
        shown = {mention: key for mention in clue.mentions if (key := _key(mention, self._lexicon()))}
        pointed_at = frozenset(key for mention, key in shown.items() if mention.reply is Reply.YES)
        return Heard(tuple(dict.fromkeys(shown.values())), pointed_at, any(key.startswith("word:") for key in shown.values()))


def written(pointed: Pointed, choices: Sequence[Choice]) -> Told:
    """The board in one line: every choice as it stood there, then an arrow and what was pointed at."""
    said, mentions = "", []
    for choice in choices:
        said += BETWEEN if said else ""
        reply = Reply.NO if pointed.reply is Reply.YES and choice.key not in pointed.pointed_at else pointed.reply
        mentions.append(
            Mention(_mention_kind(choice.key), len(said), len(said) + len(choice.text), choice.text, choice.code, reply)
        )
        said += choice.text
    chosen = [choice.text for choice in choices if choice.key in pointed.pointed_at]
    nothing = NOTHING if pointed.reply is Reply.NO else NOT_KNOWN
    return Told(f"{said}{POINTED_AT}{BETWEEN.join(chosen) or nothing}", mentions=tuple(mentions))


def _key(mention: Mention, lexicon: Lexicon) -> str:
    """What a choice of a board asked about; nothing where the lexicon does not know it any more."""
    match mention.kind:
        case MentionKind.PLACE:
            return f"place:{mention.place_code}"
        case MentionKind.PERSON:
            name = lexicon.name(mention.text)
            return next((key for key in name.keys if key.startswith("surname:")), "") if name is not None else ""
    return next((f"word:{word.key}" for word in lexicon.words(mention.text)), "")


def _kind_of(key: str) -> BoardKind:
    return {"place": BoardKind.PLACE, "surname": BoardKind.SURNAME}.get(key.partition(":")[0], BoardKind.PICTURE)


def _mention_kind(key: str) -> MentionKind:
    match _kind_of(key):
        case BoardKind.PLACE:
            return MentionKind.PLACE
        case BoardKind.SURNAME:
            return MentionKind.PERSON
    return KINDS_OF_WORDS.get(key.removeprefix("word:").partition(".")[0], MentionKind.WORD)


def _answered(clue: Clue) -> bool:
    return any(mention.reply is not Reply.UNKNOWN for mention in clue.mentions)


def _settled(term: PlaceTerm) -> bool:
    """Whether a person has said which place was meant."""
    return term.source.accepted and bool(term.source.clue_id) and term.guesses[0].weight == 1.0


def _check_helped(case: Case) -> None:
    if case.kind is not CaseKind.SHELTERED:
        raise WrongState("Help with the interview is for people in care.")
    if case.state is CaseState.CLOSED:
        raise WrongState("The case is closed; reopen it before you write down what was said.")
