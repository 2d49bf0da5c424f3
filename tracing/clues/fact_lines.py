"""Lines from facts of two cases: what agrees, what contradicts, and what has to be known before a decision."""

from __future__ import annotations

from math import log2

from tracing.clues import chances
from tracing.clues.lines import Line, Side, Topic
from tracing.clues.profile import Profile, Source
from tracing.facts import Veto, birth_years, veto


def fact_lines(one: Profile, other: Profile) -> list[Line]:
    lines = [_sex(one, other), _age(one, other), _height(one, other), _order(one, other), _twin(one, other)]
    return [line for line in lines if line is not None]


def _sex(one: Profile, other: Profile) -> Line | None:
    mine, theirs = one.facts.sex, other.facts.sex
    if mine is None or theirs is None:
        return None
    m, u = chances.SEX_AGREES if mine is theirs else chances.SEX_DIFFERS
    return _line(Topic.SEX, "same" if mine is theirs else "differs", mine.value, theirs.value, "sex", log2(m / u))


def _age(one: Profile, other: Profile) -> Line | None:
    mine, theirs = birth_years(one.facts), birth_years(other.facts)
    if mine is None or theirs is None:
        return None
    texts = _years(mine), _years(theirs)
    if veto(one.facts, other.facts) is Veto.BIRTH_YEAR:
        return _line(Topic.AGE, "impossible", *texts, "birth_years", chances.IMPOSSIBLE)
    gap = max(mine[0] - theirs[1], theirs[0] - mine[1], 0)
    if gap == 0:
        width = mine[1] - mine[0] + theirs[1] - theirs[0] + 1
        return _line(Topic.AGE, "fits", *texts, "birth_years", max(log2(0.7 / min(width / chances.LIFETIMES, 0.7)), 0.01))
    below = 0
    for reach, m in chances.AGE_GAPS:
        if gap <= reach:
            return _line(
                Topic.AGE, "apart", *texts, "birth_years", min(log2(m / (2 * (reach - below) / chances.LIFETIMES)), -0.1)
            )
        below = reach
    return None


def _years(span: tuple[int, int]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def _height(one: Profile, other: Profile) -> Line | None:
    mine, theirs = one.facts.height_cm, other.facts.height_cm
    if mine is None or theirs is None or _grew(one, other):
        return None
    apart = abs(mine - theirs)
    m, u = next((m, u) for reach, m, u in chances.HEIGHT_GAPS if apart <= reach)
    return _line(Topic.HEIGHT, "fits" if m > u else "apart", str(mine), str(theirs), "height_cm", log2(m / u))


def _grew(one: Profile, other: Profile) -> bool:
    """Whether the person may have grown between the two accounts: then heights cannot be compared."""
    youngest = max((years[1] for each in (one, other) if (years := birth_years(each.facts)) is not None), default=None)
    seen = [each.facts.seen_at.year if each.facts.seen_at else each.facts.opened_at.year for each in (one, other)]
    return youngest is not None and min(seen) - youngest < 20 and abs(seen[0] - seen[1]) > 1


def _order(one: Profile, other: Profile) -> Line | None:
    if veto(one.facts, other.facts) is not Veto.TIME_ORDER:
        return None
    return _line(
        Topic.TIME, "impossible", str(one.facts.seen_at), str(other.facts.seen_at or ""), "seen_at", chances.IMPOSSIBLE
    )


def _twin(one: Profile, other: Profile) -> Line | None:
    """A twin looks the same and has the same home: two cases may be two people although everything agrees."""
    return _line(Topic.TWIN, "noted", one.twin, other.twin, "twin", 0.0) if one.twin or other.twin else None


def _line(topic: Topic, reason: str, mine: str, theirs: str, field: str, weight: float) -> Line:
    return Line(topic, reason, Side(mine, Source(field)), Side(theirs, Source(field)), weight)
