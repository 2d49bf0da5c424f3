"""The JSON bodies of the help with an interview: a board to point at, and what was pointed at."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.v1.fields import Body
from tracing.clues.boards import Board, BoardKind, Choice
from tracing.clues.interview_help import MOST_SHOWN, Help, Pointed
from tracing.domain import Reply

SHOWN: Final = ["place:340000", "place:410000", "place:510000"]
AN_ANSWER: Final[dict[str, Any]] = {"kind": "place", "shown": SHOWN, "reply": "yes", "pointed_at": ["place:340000"]}
Key = Annotated[str, StringConstraints(max_length=60, pattern=r"^(place|surname|word):[0-9A-Za-z._]+$")]
Keys = Annotated[list[Key], Field(max_length=MOST_SHOWN)]


class PointedBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [AN_ANSWER]})

    kind: BoardKind
    shown: Keys = Field(min_length=2, description="The keys of the choices, in the order in which they were shown.")
    reply: Reply = Field(description="`no`: none of these; `unknown`: does not know, or does not answer.")
    pointed_at: Keys = Field(default_factory=list, description="With `yes` only; several on a board of pictures.")

    def pointed(self) -> Pointed:
        return Pointed(self.kind, tuple(self.shown), self.reply, tuple(self.pointed_at))


class ChoiceAnswer(BaseModel):
    key: str
    text: str = Field(description="What is shown or read aloud, in Chinese.")
    latin: str = Field(description="The same in Latin letters: pinyin of places and surnames, English under pictures.")
    place_code: str = Field(description="Of a place (GB/T 2260).")
    wider: str = Field(description="In which places a place lies.")

    @classmethod
    def of(cls, choice: Choice) -> Self:
        return cls(key=choice.key, text=choice.text, latin=choice.latin, place_code=choice.code, wider=choice.wider)


class BoardAnswer(BaseModel):
    kind: BoardKind
    several: bool = Field(description="Whether one may point at more than one.")
    within: str = Field(description="The code of the place in which the places lie.")
    choices: list[ChoiceAnswer] = Field(description="In the order in which to show them, which says nothing of what is likely.")

    @classmethod
    def of(cls, board: Board) -> Self:
        choices = [ChoiceAnswer.of(choice) for choice in board.choices]
        return cls(kind=board.kind, several=board.several, within=board.within, choices=choices)


class HelpAnswer(BaseModel):
    board: BoardAnswer | None = Field(description="What to show next; null where everything was shown.")
    kinds: list[BoardKind] = Field(description="Of which kinds there is a board.")
    answered: int = Field(description="How many boards were shown on this case so far.")

    @classmethod
    def of(cls, found: Help) -> Self:
        board = None if found.board is None else BoardAnswer.of(found.board)
        return cls(board=board, kinds=list(found.kinds), answered=len(found.shown))
