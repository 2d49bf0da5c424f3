"""What is written about the project is true of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from api.language import translations
from api.metrics import Metrics
from api.staff.words import SAID
from scripts.main import COMMANDS, app, whole
from tests.house import House
from tracing.access import SYSTEM
from tracing.config import Settings
from tracing.consistency import Fault
from tracing.embeddings.manifest import encoder_facts
from tracing.evaluation.card import Card
from tracing.evaluation.normalised import Switch
from tracing.evidence import Band

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_stands_in_the_readme_with_its_description(name: str) -> None:
    row = re.search(rf"^\| `TRACING_{name.upper()}` \|.*$", README, re.MULTILINE)
    assert row, f"the README's table lacks TRACING_{name.upper()}"
    assert str(Settings.model_fields[name].description) in row[0]


def test_the_readme_lists_no_setting_that_is_gone() -> None:
    listed = {name.lower() for name in re.findall(r"^\| `TRACING_([A-Z_]+)` \|", README, re.MULTILINE)}
    assert listed == set(Settings.model_fields)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_introduced_and_has_help(command: str) -> None:
    assert f"`tracing {command}" in README
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_says_of_each_what_it_says_itself(command: str) -> None:
    first = whole(command).help.split("\n\n")[0].replace("\n", " ")
    assert COMMANDS[command][1] == first


def unknown_words(said: str) -> list[str]:
    """Of a command line that a page shows, after `tracing`: the commands and options in it that there are not."""
    first, *rest = (each.strip(".,;:)]['\"").partition("=")[0] for each in said.split())
    if first not in COMMANDS:
        return [first]
    command = whole(first)
    while rest and rest[0].split("|")[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0).split("|")[0]]
    command = getattr(command, "commands", {}).get("make", command)  # `tracing backup DIR`
    if hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        return rest[:1]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    return [word for word in rest if word.lstrip("[").startswith("--") and word.lstrip("[") not in known]


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.name)
def test_each_command_that_a_page_shows_is_there_with_its_options(page: Path) -> None:
    shown = re.findall(r"(?:(?<=`)|\.venv/bin/)tracing ([a-z][^`\n#&|>]*)", page.read_text("utf-8"))
    assert {said: unknown for said in shown if (unknown := unknown_words(said))} == {}


def test_a_command_or_an_option_that_is_gone_is_noticed() -> None:
    assert unknown_words("backup /backup/tracing --keys /safe") == unknown_words("keys rotate --master") == []
    assert unknown_words("sweep --all") == ["sweep"]
    assert unknown_words("users forget NAME") == ["forget"]
    assert unknown_words("worker --retry-all") == ["--retry-all"]


def test_the_command_begins_as_a_process_of_its_own() -> None:
    shown = subprocess.run([sys.executable, "-m", "scripts", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage:" in shown.stdout


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http|#)([^)#]+)", README))))
def test_each_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_map_names_what_is_there() -> None:
    drawn = README.split("## The map")[1]
    named = re.findall(r"^((?:tracing|api|scripts|models|tests|docs)[\w/]*)(?:/| )", drawn, re.MULTILINE)
    assert named
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()] == []


@pytest.mark.parametrize("fault", list(Fault))
def test_operators_are_told_what_to_do_about_each_fault(fault: Fault) -> None:
    assert f"`{fault}`" in OPERATIONS


RULES = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text("utf-8"))["groups"]
ALERTS = [rule for group in RULES for rule in group["rules"]]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_operators_are_told_what_to_do_at_each_alert(rule: dict[str, Any]) -> None:
    (row,) = re.findall(
        rf"^\| `{rule['alert']}` \|.*\|.*\|$", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(row) > 60


def test_each_alert_is_about_a_number_that_the_service_tells(house: House) -> None:
    metrics = Metrics(house.services)
    metrics.answered("GET", "/", 200, 0.1)
    told = set(re.findall(r"^(?:# HELP )?(\w+)", metrics.exposition(SYSTEM).decode(), re.MULTILINE))
    asked = {name for rule in ALERTS for name in re.findall(r"(?:tracing|process)_\w+", re.sub(r"\{[^}]*\}", "", rule["expr"]))}
    assert len(asked) > 10
    assert asked - told == set()


@pytest.mark.parametrize("switch", list(Switch))
def test_what_each_way_to_score_brought_is_told(switch: Switch) -> None:
    assert f"{switch}`" in (ROOT / "docs" / "evaluation.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "models" / "cards").glob("*.json")), ids=lambda path: path.stem)
def test_each_model_card_is_of_a_model_we_know_and_says_the_same_to_people_and_to_the_service(path: Path) -> None:
    card, page = Card.from_dict(json.loads(path.read_text("utf-8"))), path.with_suffix(".md").read_text("utf-8")
    facts = encoder_facts(card.encoder_id)
    assert path.stem == card.encoder_id
    assert facts.model.consequences in page
    assert f"missed: **{card.misses.value:.3f} (" in page
    assert all(f"| {group.name} | {group.mated:,} | {group.misses.value:.3f} (" in page for group in card.groups)


@pytest.mark.parametrize("band", list(Band))
def test_each_band_is_explained_in_both_languages(band: Band) -> None:
    english = SAID["Band"][band]
    chinese = str(translations("zh_CN").gettext(english))
    table = (ROOT / "docs" / "calibration.md").read_text("utf-8")
    assert f"| {english} | {chinese} |" in table
    assert chinese.removeprefix("从人脸看，") in (ROOT / "docs" / "staff.zh.md").read_text("utf-8")
