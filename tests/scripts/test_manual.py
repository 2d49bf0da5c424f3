"""`--help` and what is said of mistakes in typing are Chinese where that is wished for, whole, and English elsewhere."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from rich.cells import cell_len
from typer import rich_utils
from typer.testing import CliRunner

from scripts.chinese_lines import NOT_FIRST, breaks
from scripts.language import catalogue
from scripts.main import COMMANDS, app, whole
from scripts.manual import FIXED
from tests.scripts import typed

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = re.compile(
    r"`[^`]*`|'[^']*'|<[^>]*\|[^>]*>|\{[\w]+\}|\[default: |--?[\w-]+|\b[A-Z][\w-]*\b|[\w.-]*[_/.:*][\w./:*-]*|python -m scripts"
)
"""What is written alike in every language: calls, values, options, names in capitals, files and addresses."""
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
PATHS = [path for path, _ in typed.commands()]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints of itself, in a terminal of so many columns."""

    def run(*words: str, language: str = "zh_CN", columns: int = 80, status: int = 0) -> str:
        monkeypatch.setenv("TRACING_LOCALE", language)
        monkeypatch.setenv("COLUMNS", str(columns))
        done = CliRunner().invoke(app, list(words), prog_name="tracing")
        assert done.exit_code == status, done.output
        return str(done.output)

    return run


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_the_help_of_each_command_is_chinese_and_whole(path: tuple[str, ...], shown: Callable[..., str]) -> None:
    page = shown(*path, "--help")
    words = NAMES.sub("·", page.replace(" ".join(path), "·"))
    assert SENTENCE.findall(words) == []
    assert all(HAN.search(line) for line in page.splitlines() if re.search(r"─ \S+ ─", line)), "the titles of its panels"
    assert "…" not in page
    together = re.sub(r"[\s│]", "", page)
    _, command = next(each for each in typed.commands() if each[0] == path)
    for said in (command.help or "").split("\n\n"):
        assert re.sub(r"\s", "", catalogue()[" ".join(said.split())]) in together


def test_a_process_speaks_as_it_is_asked(shown: Callable[..., str]) -> None:
    english = shown("purge", "--help", language="en")
    assert "用法：tracing purge [选项]" in shown("purge", "--help")
    assert shown("purge", "--help", language="en") == english
    assert not HAN.search(english)
    assert "╭─ Options ─" in english
    assert "Say what would go, and change nothing." in english


def test_mistakes_in_typing_are_told_in_chinese(shown: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "'--port' 的值无效：应为整数" in shown("serve", "--port", "x", status=2)
    assert "没有选项 --prt（可能是：--port）" in shown("serve", "--prt", status=2)
    assert "缺少参数 'GENERATION'。" in shown("reindex", "backfill", status=2)
    assert "用 'tracing reindex backfill --help' 查看帮助。" in shown("reindex", "backfill", status=2)
    assert "您是否要用 'reindex'？" in shown("reindxe", status=2)
    assert "比对需要两者" in shown("recheck", "--source", "民政局", status=2)
    english = shown("serve", "--port", "x", language="en", status=2)
    assert "Invalid value for '--port': Input should be a valid integer" in english
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    left = {text for text, _ in typed.mistakes() if SENTENCE.search(NAMES.sub("·", re.sub(r"（.*）$", "", text)))}
    assert left == set()


def test_a_group_that_is_called_by_itself_shows_its_help(shown: Callable[..., str]) -> None:
    assert "╭─ 命令 ─" in shown("audit", status=2)
    assert "╭─ 错误 ─" not in shown("audit", status=2)


def test_no_command_loads_the_catalogue_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    catalogue.cache_clear()
    for name in COMMANDS:
        whole(name)
    assert catalogue.cache_info().misses == 0


def test_every_word_that_typer_would_translate_is_put_up() -> None:
    found = {
        target.id
        for node in ast.parse(inspect.getsource(rich_utils)).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "_"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert found == set(FIXED)


@pytest.mark.parametrize("width", [8, 13, 20, 33])
def test_lines_of_chinese_break_between_characters_and_begin_with_no_comma(width: int) -> None:
    text = "用 --source 和 --table 时：把其他部门名单中的每条记录，按照片和文字（两者）与本地所有人比对。\n完。"
    starts = [0, *breaks(text, width), len(text)]
    lines = [line for start, end in pairwise(starts) for line in text[start:end].split("\n")]
    assert "".join(lines) == text.replace("\n", "")
    assert all(cell_len(line.rstrip()) <= width for line in lines if " --" not in line[1:])
    assert not any(line[:1] in NOT_FIRST for line in lines)
    assert len(lines) < len(text) / (width / 2 - 2)
