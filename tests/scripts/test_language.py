"""What commands print and refuse is there in Chinese, whole, and in English where nobody wishes otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import StrEnum
from itertools import count
from typing import Any

import pytest
from typer.testing import CliRunner

from api.language import translations
from api.staff.sentences import told as told_on_pages
from scripts import main
from scripts.bench import backfills, clue_chances, clues, encode_report
from scripts.bench.phone_photos import SIZES
from scripts.bench.stages import STAGES
from scripts.evaluation import command, labelled
from scripts.invented.distortion import NAME_RATES, PLACE_RATES
from scripts.language import HOLE, _patterns, catalogue, cell, is_chinese, listed, refused, told
from scripts.manual import _signs
from tests.house import House
from tests.scripts import spoken, typed
from tracing import consistency, guarding
from tracing.consistency import Consistency
from tracing.coverage import SearchedBy, Unsearched, UnsearchedByClues
from tracing.domain import (
    Analysis,
    CaseKind,
    CaseState,
    Change,
    Channel,
    GenerationState,
    LegalBasis,
    ListPurpose,
    PairState,
    Relation,
    Role,
    Sex,
    Standing,
    Start,
    Unit,
)
from tracing.errors import Invalid, UnreadablePhoto
from tracing.evaluation.card import By
from tracing.evaluation.scores import Pooling
from tracing.evidence import Band
from tracing.expiry.policy import Kept
from tracing.importing.runs import COUNTS
from tracing.messages.messages import Messages
from tracing.messages.rules import Happening
from tracing.quality.components import SEVERITY
from tracing.store.backup import folder
from tracing.store.rotation import Rotation
from tracing.validation import Report, Validation

HAN = re.compile(r"[\u4e00-\u9fff]")
LETTERS = re.compile(r"[A-Za-z]")
CELLS: tuple[type[StrEnum], ...] = (
    *(Analysis, Band, CaseKind, CaseState, Change, Channel, GenerationState, Happening, Kept, LegalBasis, ListPurpose),
    *(PairState, Relation, Role, SearchedBy, Sex, Standing, Start, Unit, Unsearched, UnsearchedByClues),
)
"""Lists of the domain of which values stand in tables of commands."""
LISTED = {
    *(word for kind in (GenerationState, Happening, Start, Unit) for word in (value.replace("_", " ") for value in kind)),
    *("no gallery", "none", "encoder", "detector"),
    *("address", "event", "roles", "stations", "held", "text"),
    *("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    *("dir", "path"),
}
"""Words that come from elsewhere: values that the pages do not show, headings made of keys, days of a week, kinds of files."""

NOT_AS_ROOT = {"%(label)s %(loc)s is not readable."}
"""Who may read everything is never told this."""


def passed_on() -> set[str]:
    """What commands pass on from use cases, which say it in English."""
    phrases = (Consistency, consistency._unledgered, Report, Validation, Rotation._reason, Messages._due, folder._fault)
    phrases += (command._findings, labelled.groups_of)
    return {
        *(text for each in phrases for text in spoken.within(each) if " " in text),
        *(text for text in spoken.within(guarding.refuse_unsafe) if text.startswith(("the ", "put "))),
        *("read", "files", "rows", "gallery", "searches", "clues", "audit", "missing", "altered"),
        *(name.replace("_", " ") for names in COUNTS.values() for name in names),
    }


def measured() -> set[str]:
    """What the measuring commands call the things that they measure; in their JSON these stay as they are."""
    ways = clues.FACES, clues.TRIGRAMS, clues.WORDS, clues.MANY, clues.CLUES, clues.MARKED, clues.SAID
    return {
        *(
            *STAGES,
            encode_report.BESIDE["network"],
            "face_encodings without it",
            "drawn people",
            *(size.name for size in SIZES),
        ),
        *(*backfills.SIDES, *ways, *NAME_RATES, *PLACE_RATES, *(name for name, *_ in clue_chances.rows([]))),
        *(*SEVERITY, "chance", "ideal"),
        *(*By, command.PLAIN, *(f"%(enrol)s, {pooling}" for pooling in Pooling), *(band.replace("_", " ") for band in Band)),
    }


def wanted() -> set[str]:
    """Every sentence and word, but for those that the pages have, and those without a letter of their own."""
    chinese = translations("zh_CN").gettext
    pages = {text for text in spoken.refused() if told_on_pages(chinese, HOLE.sub("7", text)) != HOLE.sub("7", text)}
    found = spoken.said() | (spoken.refused() - pages) | passed_on() | measured() | LISTED | of_the_manual()
    return {text for text in found if LETTERS.search(HOLE.sub("", text))}


def of_the_manual() -> set[str]:
    """What `--help` says, and what is said of each mistake in typing."""
    found = {text for both in typed.mistakes() for text in both} | typed.signs()
    return typed.helps() | set(_signs().values()) | {entry(text) for text in found} | NOT_AS_ROOT


def entry(said: str) -> str:
    """The text of the catalogue by which it is known; itself where there is none."""
    return said if said in catalogue() else next((text for pattern, text in _patterns() if pattern.fullmatch(said)), said)


def numbered(text: str) -> str:
    """What is put in counts by its place, whatever it is called."""
    places = count(1)
    return HOLE.sub(lambda _: f"%({next(places)})s", text)


def test_everything_that_commands_say_and_refuse_has_its_chinese_and_nothing_is_left_over() -> None:
    there, asked = {numbered(text) for text in catalogue()}, {numbered(text) for text in wanted()}
    assert sorted(asked - there) == []
    assert sorted(there - asked) == []
    assert len(there) > 400
    for english, chinese in catalogue().items():
        assert set(HOLE.findall(english)) == set(HOLE.findall(chinese)), english
        assert HAN.search(HOLE.sub("", chinese)), english


def test_nothing_is_printed_that_is_not_said_in_the_language_of_the_process() -> None:
    assert {text for text in spoken.untold() if LETTERS.search(HOLE.sub("", text))} == {"[bold red]tracing:[/]"}


@pytest.mark.parametrize("kind", CELLS)
def test_every_value_that_stands_in_a_table_has_its_word(kind: type[StrEnum], monkeypatch: pytest.MonkeyPatch) -> None:
    english = [cell(value) for value in kind]
    assert english == [value.value for value in kind]
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    assert [value for value in kind if value.value not in ("", "dna") and not HAN.search(cell(value))] == []


def test_a_comma_is_of_the_language_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert listed(["1", "2"]) == "1, 2"
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    assert listed(["1", "2"]) == "1，2"


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": ""}, True),
        ({"LANG": "en_US.UTF-8", "TRACING_LOCALE": "zh_CN"}, True),
        ({"LANG": "zh_CN.UTF-8", "TRACING_LOCALE": "en"}, False),
    ],
)
def test_the_operator_chooses_and_else_the_terminal(environment: dict[str, str], chinese: bool) -> None:
    assert is_chinese(environment) is chinese


@pytest.fixture
def in_chinese(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints on both streams, over the services of a house."""
    settings = house.services.settings
    for name, value in {"DATA_DIR": settings.data_dir, "ENCODER": settings.encoder, "LOCALE": "zh_CN"}.items():
        monkeypatch.setenv(f"TRACING_{name}", str(value))

    def run(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(main.app, list(words))
        assert done.exit_code == status, done.output
        return str(done.output)

    return run


def test_commands_speak_chinese_and_their_json_does_not_change(
    house: House, in_chinese: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open(CaseKind.MISSING, names=("[/b]王小红[red]",))
    assert "走失人员" in in_chinese("cases", "list")
    assert "[/b]王小红[red]" in in_chinese("cases", "list"), "what was typed is no command to the terminal"
    assert "全部一致" in in_chinese("check")
    assert "审计完整" in in_chinese("audit", "verify")
    assert "未做任何变更" in in_chinese("purge", "--dry-run")
    assert "人脸信息已撤回" in in_chinese("cases", "withdraw-face", case.reference, "--reason", "asked")
    as_json: list[Any] = [json.loads(in_chinese("cases", "list", "--json"))]
    monkeypatch.setenv("TRACING_LOCALE", "en")
    as_json.append(json.loads(in_chinese("cases", "list", "--json")))
    assert as_json[0] == as_json[1]
    assert "missing" in in_chinese("cases", "list")


def test_refusals_are_said_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = Invalid("There is no account named x."), UnreadablePhoto("odd", "unreadable")
    assert [refused(error) for error in errors] == [str(error) for error in errors]
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    assert refused(errors[0]) == "没有名为 x 的账号。"
    assert HAN.search(refused(errors[1]))
    assert refused(Invalid("Write the month as year and month, such as 2026-10.")) == translations("zh_CN").gettext(
        "Write the month as year and month, such as 2026-10."
    ), "what the pages say is said as they do"
    assert refused("something that nobody foresaw") == "something that nobody foresaw"
    assert told("12 of 30") == "30 中的 12"
    assert told("a queue of people of the town") == "a queue of people of the town"


def test_a_refusal_keeps_its_brackets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> None:
        raise Invalid("TRACING_NOTIFY_RULES needs more packages: pip install 'family-tracing[notify]'")

    monkeypatch.setattr(main, "app", refuse)
    with pytest.raises(SystemExit):
        main.main()
    assert "family-tracing[notify]" in capsys.readouterr().err.replace("\n", "")
