"""From what was typed into a form to the values of the domain; what makes no sense names its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from api.staff.visit import Posted
from tracing.domain import Case, CaseKind, Description, LegalBasis, PartialDate, Sex
from tracing.errors import Invalid
from tracing.opening import ContactDraft

DATE: Final = "Write a date as 2024, 2024-03 or 2024-03-15."
NUMBER: Final = "Write a whole number, such as 45."
CHOICE: Final = "Choose one of the answers offered."
CONTACT_ROLES: Final = {CaseKind.MISSING: "reporter", CaseKind.SHELTERED: "custodian"}

_SLOPPY_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]?\s*(?:(\d{1,2})\s*[-/.月]?\s*(?:(\d{1,2})\s*日?)?)?", re.ASCII)
_BETWEEN_NAMES: Final = re.compile(r"[\n,，、;；/]")
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")

Choice = TypeVar("Choice", bound=StrEnum)


def partial(form: Posted, field: str) -> PartialDate | None:
    """A date as far as it is known; 2024年3月 and 2024/3/5 are understood as well."""
    typed = form.text(field).translate(_FULL_WIDTH)
    if not typed:
        return None
    found = _SLOPPY_DATE.fullmatch(typed)
    try:
        if found is None:
            raise ValueError(typed)
        return PartialDate.parse("-".join(part.zfill(2) for part in found.groups() if part))
    except ValueError as error:
        raise Invalid(DATE, field) from error


def whole_day(typed: str) -> str:
    """A date as it is stored, from 2024/3/5 or 2024年3月5日; what is none is given back as it was typed."""
    found = _SLOPPY_DATE.fullmatch(typed.translate(_FULL_WIDTH))
    return "-".join(part.zfill(2) for part in found.groups() if part) if found is not None else typed


def moment_in(typed: str, zone: ZoneInfo | None) -> datetime:
    """A moment in UTC from what was typed, by the station's clock unless it names a zone; ``ValueError`` where it is none."""
    try:
        told = datetime.fromisoformat(typed)
        return (told.replace(tzinfo=zone) if zone is not None and told.tzinfo is None else told).astimezone(UTC)
    except (OverflowError, OSError) as error:  # a year that no clock reaches
        raise ValueError(typed) from error


def number(form: Posted, field: str) -> int | None:
    typed = form.text(field).translate(_FULL_WIDTH)
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6):
        raise Invalid(NUMBER, field)
    return int(typed)


def choice(words: type[Choice], form: Posted, field: str) -> Choice | None:
    """The value chosen, None where nothing was."""
    typed = form.text(field)
    if not typed:
        return None
    try:
        return words(typed)
    except ValueError as error:
        raise Invalid(CHOICE, field) from error


def demanded(words: type[Choice], form: Posted, field: str) -> Choice:
    found = choice(words, form, field)
    if found is None:
        raise Invalid(CHOICE, field)
    return found


def description(form: Posted) -> Description:
    return Description(
        names=_parts(_BETWEEN_NAMES.split(form.text("names"))),
        sex=choice(Sex, form, "sex"),
        birth_date=partial(form, "birth_date"),
        age_min=number(form, "age_min"),
        age_max=number(form, "age_max"),
        ethnic_group=form.text("ethnic_group"),
        languages=_parts(_BETWEEN_NAMES.split(form.text("languages"))),
        accent=form.text("accent"),
        height_cm=number(form, "height_cm"),
        marks=_parts(form.text("marks").splitlines()),
        clothing=form.text("clothing"),
        seen_at=partial(form, "seen_at"),
        seen_place=form.text("seen_place"),
        circumstances=form.text("circumstances"),
    )


def contact(form: Posted, kind: CaseKind) -> ContactDraft | None:
    name, phone, place = (form.text(f"contact_{part}") for part in ("name", "phone", "place"))
    if not (name or phone or place):
        return None
    if not name:
        raise Invalid("Write the name of the person to call, or leave the phone and the place empty too.", "contact_name")
    return ContactDraft(CONTACT_ROLES[kind], name, phone, place)


def legal_basis(form: Posted) -> LegalBasis:
    return demanded(LegalBasis, form, "legal_basis")


def typed(case: Case) -> Mapping[str, str]:
    """The description as somebody would have typed it into the form."""
    said = case.description
    lists = {"names": "、".join(said.names), "languages": "、".join(said.languages), "marks": "\n".join(said.marks)}
    single = {
        name: "" if (value := getattr(said, name)) is None else str(value)
        for name in Description.__dataclass_fields__
        if name not in lists
    }
    return {**single, **lists, "legal_basis": case.legal_basis, "version": str(case.version)}


def _parts(items: list[str]) -> tuple[str, ...]:
    return tuple(item.strip() for item in items if item.strip())
