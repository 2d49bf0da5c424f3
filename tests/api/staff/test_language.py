"""Chinese and English: which one a page speaks, and that both are whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import api.staff
from api.language import FOLDER
from api.staff.words import SAID
from tests.api.staff.conftest import Browser, text_of
from tests.fakes import crowded_photo
from tests.house import House
from tracing.domain import CaseKind, NoFaceReason
from tracing.quality import HINTS

Browsers = Callable[..., Browser]
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
PAGES = Path(api.staff.__file__).parents[1]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
ENCODER = {"dlib", "resnet", "asianfaces", "fgnet", "FG", "NET"}
DATA = {
    "lin",
    "chen",
    "sun",
    "English",
    "main",
    "JPEG",
    "PNG",
    "WebP",
    "HEIC",
    "TIFF",
    "BMP",
    "GIF",
    "DNA",
    "cm",
    "CSV",
    "PDF",
    "wang",
    "jianguo",
    "wjg",
    "Esc",
    "Ctrl",
} | ENCODER


def wanted() -> set[str | tuple[str, ...]]:
    return {message for _, _, message, _, _ in extract_from_dir(PAGES, METHODS)}


def test_every_text_has_its_chinese_and_no_translation_is_left_over() -> None:
    with (FOLDER / "zh_CN" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = [message for message in read_po(file, locale="zh_CN", abort_invalid=True) if message.id]
    assert {message.id for message in catalogue} == wanted()
    for message in catalogue:
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(texts), message.id
        assert not message.fuzzy
        names = set(re.findall(r"%\(\w+\)s", message.id if isinstance(message.id, str) else message.id[1]))
        assert all(set(re.findall(r"%\(\w+\)s", text)) == names for text in texts), message.id
    assert len(catalogue) > 300


def test_colons_and_commas_are_of_the_language_too() -> None:
    found = []
    for path in PAGES.rglob("*.html"):
        tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text("utf-8"))
        outright = (each.data for each in tree.find_all(nodes.TemplateData))
        found += [(path.name, text) for text in outright if re.search(r"(?:^|>)[:,;]\s", text)]
    assert found == []


SCOPES = (nodes.Macro, nodes.Block, nodes.AssignBlock)
TAG = re.compile(r"<[a-z][^>]*>")
BETWEEN_TAGS = re.compile(r">([^<>]*)<")
READ_OUT = re.compile(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"')


def said_outright(template: str) -> list[str]:
    """Words that people would read in every language: between tags, or in what is read out."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(template)
    found = []
    for scope in (tree, *tree.find_all(SCOPES)):
        text = unescape("\0".join(_own_text(scope)))
        told = [*BETWEEN_TAGS.findall(text), *(each for tag in TAG.findall(text) for each in READ_OUT.findall(tag))]
        found += [word for each in told for word in (*LATIN.findall(each), *HAN.findall(each))]
    return found


def _own_text(node: nodes.Node) -> Iterator[str]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif not isinstance(child, SCOPES):
            yield from _own_text(child)


def test_no_template_says_anything_without_asking_the_catalogue() -> None:
    templates = sorted(PAGES.glob("*/templates/*.html"))
    assert len(templates) > 60
    assert {each.name: found for each in templates if (found := said_outright(each.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{{ _('Hello') }}</p><img alt='' title=\"Look {{ x }}\">", ["Look"]),
        ("{% block main %}<p>{% if x %}<b>{{ x }}</b> 你好{% endif %}</p>{% endblock %}", ["你", "好"]),
        ("{% block width %}narrow{% endblock %}<p>&nbsp;{{ _('Hello') }}</p>", []),
    ],
)
def test_words_that_are_said_outright_are_seen(template: str, words: list[str]) -> None:
    assert said_outright(template) == words


def test_every_hint_and_every_reason_has_its_sentence() -> None:
    assert set(SAID["hint"]) == set(HINTS)
    for kind in CaseKind:
        assert set(SAID[f"no_face_{kind}"]) == set(NoFaceReason)


@pytest.mark.parametrize(
    ("asked", "locale"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.4, zh;q=0.6", "zh-CN"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
        ("*;q=nonsense,;;;,en;q=2", "zh-CN"),
    ],
)
def test_the_browser_chooses_and_the_station_s_language_is_the_fallback(asked: str, locale: str, browsers: Browsers) -> None:
    assert f'<html lang="{locale}">' in browsers(language=asked).see("/login")


@pytest.mark.parametrize("said", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_site_chooses_nobodys_language(said: dict[str, str], browsers: Browsers) -> None:
    visitor = browsers().client
    visitor.get("/language/zh_CN", headers=said, follow_redirects=False)
    assert visitor.cookies.get("tracing_language") is None


def test_the_switch_is_remembered_and_leads_back(browsers: Browsers) -> None:
    lin = browsers("lin", language="zh-CN")
    page = lin.see("/cases?kind=missing")
    link = re.search(r'href="(/language/en\?next=[^"]+)"', page)
    assert link is not None
    assert '<html lang="en">' in lin.see(link[1].replace("&amp;", "&"))
    assert lin.url == "/cases?kind=missing"
    assert '<html lang="en">' in lin.see("/cases/new")


@pytest.fixture
def pages(house: House, browsers: Browsers) -> Callable[[str], Iterator[tuple[str, str]]]:
    """Every page in a language: its path and what a person reads there, without any data in it."""
    house.measured()
    missing, sheltered = house.missing(7, age_min=5, age_max=5), house.sheltered(7)
    pair = house.pair(missing, sheltered)
    two = house.photograph(house.open(missing.kind), 9, faces=2).photo
    crowd = house.services.intake.add_photo(house.intake, house.open(sheltered.kind).case_id, crowded_photo())
    house.services.intake.analyse(crowd.photo_id)
    house.examiner.no_face = NoFaceReason.BLURRED
    none = house.photograph(house.open(missing.kind), 9, faces=0).photo
    dim = house.photograph(house.open(sheltered.kind), 9, faces=0).photo
    cases = [f"/cases/{each.case_id}" for each in (missing, two, none, dim, crowd)]

    def read(language: str) -> Iterator[tuple[str, str]]:
        lin, chen, sun = (browsers(name, language) for name in ("lin", "chen", "sun"))
        for path in (
            "/",
            "/tasks",
            "/coverage",
            "/cases",
            "/cases/new?kind=missing",
            "/cases/new",
            *cases,
            f"{cases[0]}/edit",
            "/nowhere",
        ):
            yield path, text_of(lin.client.get(path).text)
        for path in ("/", "/review", "/results", f"/pairs/{pair.pair_id}", "/cases/new"):
            yield path, text_of(chen.client.get(path).text)
        yield "/enquiry", text_of(lin.client.get("/enquiry").text)
        yield "asked", text_of(lin.send("/enquiry", words="Nowhere 42"))
        yield "/figures", text_of(sun.client.get("/figures").text)
        yield "/figures/report", text_of(sun.client.get("/figures/report").text)
        yield "mistake", text_of(lin.send("/cases/new", 422, kind="missing", height_cm="1", legal_basis="none"))
        yield "judged", text_of(chen.send(f"/pairs/{pair.pair_id}/decisions", judgement="same_likely", reason="4"))

    return read


def test_the_english_pages_hold_no_chinese(pages: Callable[[str], Iterator[tuple[str, str]]]) -> None:
    for path, text in pages("en"):
        assert HAN.findall(text.replace("中文", "")) == [], path


def test_the_chinese_pages_hold_no_english(pages: Callable[[str], Iterator[tuple[str, str]]]) -> None:
    for path, text in pages("zh-CN"):
        assert set(LATIN.findall(text)) - DATA == set(), path
