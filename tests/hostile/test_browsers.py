"""People who type anything at all into any form break nothing, and nothing of it is taken for ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.figures import TellFigures
from tests.hostile import planted
from tests.hostile.browsers import EACH, MARK, Page, attack, written_down
from tests.hostile.texts import TEXTS


def test_what_is_not_escaped_is_found() -> None:
    assert Page(f"<p><{MARK}></p>").foreign
    assert Page(f"<input value='' onfocus={MARK}>").foreign
    assert Page("<a href='javascript:alert(1)'>").foreign
    assert Page(f"<p>&lt;{MARK}&gt; onfocus={MARK}</p><a href='/cases'>").foreign == []


def test_the_fields_of_a_form_are_found_with_what_stands_in_them() -> None:
    source = (
        "<form method=post action=/x><input type=hidden name=csrf value=t><input name=a value=1><textarea name=b></textarea>"
        "<input type=file name=photos></form><form method=get><input name=q></form>"
    )
    (form,) = Page(source).forms
    assert (form.action, form.fields, form.free, form.files) == (
        "/x",
        [("csrf", "t"), ("a", "1"), ("b", "")],
        {"a", "b"},
        {"photos"},
    )


def test_every_route_that_takes_a_form_is_among_them() -> None:
    assert len({form.action for form in written_down({})}) > 30
    assert len(TEXTS) == len(set(TEXTS))


@pytest.mark.long
def test_a_page_that_shows_what_was_typed_as_it_was_typed_is_found(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.hostile.planted"]
    outcome = attack(tmp_path / "var", 7, 12, only=[planted.SHOWS_WHAT_WAS_TYPED], program=program)
    assert outcome.kinds["markup"] > 0, outcome.faults


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_whatever_is_typed_into_the_forms_breaks_nothing_and_is_shown_as_text(
    tmp_path: Path, tell_figures: TellFigures
) -> None:
    outcome = attack(tmp_path / "var", 7, EACH)
    tell_figures("hostile browsers", outcome.figures())
    assert outcome.faults == []
    assert outcome.sent > 200
    assert {"intake", "reviewer", "manager"} == set(outcome.by_role)
    assert {200, 403, 404, 422} <= set(outcome.by_status)
