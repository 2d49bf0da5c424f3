"""A right request with one odd thing in it: each text, number, question and id in turn, so that all else is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.hostile.texts import NUMBERS, SHARP, TEXTS

Place = tuple[str | int, ...]
LONGEST_ADDRESS: Final = 2_000
"""Characters; what is longer a server refuses before it looks at it."""
IN_ADDRESSES: Final = (*SHARP, "../../etc/passwd", "-1", "NaN", "9" * 400, "٣٤", "")


def bodies(body: Any) -> Iterator[Any]:
    """Of JSON: what cuts deepest wherever a text stands, the other texts at one place each, numbers wherever one stands."""
    texts, numbers = list(places(body, str)), list(places(body, int | float))
    for turn, text in enumerate(TEXTS if texts else ()):
        for place in texts if text in SHARP else [texts[turn % len(texts)]]:
            yield put(body, place, text)
    for number in NUMBERS:
        for place in numbers:
            yield put(body, place, number)


def addresses(right: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Of what stands in a path or behind a question mark, one at a time."""
    for name in right:
        for odd in IN_ADDRESSES:
            yield {**right, name: spelled(odd)}


def places(value: Any, kind: Any) -> Iterator[Place]:
    """Where in JSON something of the kind stands; a boolean is no number."""
    inside: Sequence[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    elif isinstance(value, kind) and not isinstance(value, bool):
        yield ()
    for name, each in inside:
        yield from ((name, *rest) for rest in places(each, kind))


def put(value: Any, place: Place, new: Any) -> Any:
    """A copy with this at the place."""
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = put(value[place[0]], place[1:], new)
    return copy


def spelled(odd: str) -> str:
    """As it goes into an address: halves of characters have no bytes there."""
    return odd.encode("utf-8", "replace").decode()[:LONGEST_ADDRESS]
