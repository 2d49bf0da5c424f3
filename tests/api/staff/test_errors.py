"""What a person reads when something is wrong, and that programs go on reading problem documents."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import tracing.errors
from api.language import translations
from api.security import POLICY
from api.staff.sentences import GENERAL, sentence
from tests.api.staff.conftest import HERE, Browser, text_of
from tests.house import House
from tracing.domain import CaseKind
from tracing.errors import Misconfigured, Unavailable

PACKAGE = Path(tracing.errors.__file__).parent
HOSTILE = "<script>alert('x')</script>\"'&\u202eevil\u202c{{7*7}}"


def test_what_is_not_there_is_a_page_with_a_way_back(lin: Browser) -> None:
    for path in ("/nowhere", "/cases/0", "/pairs/0", "/photos/0/image", "/language/xx", "/cases/new?kind=robot"):
        page = lin.see(path, 404)
        assert 'href="/"' in page, path
        assert "<h1>" in page


def test_programs_go_on_reading_problem_documents(app: FastAPI) -> None:
    with TestClient(app, base_url=HERE) as client:
        for path in ("/api/v1/cases/0", "/api/v1/nowhere", "/health/nowhere"):
            assert client.get(path).headers["content-type"] == "application/problem+json", path


def test_a_fault_of_ours_says_nothing_of_its_inside(
    app: FastAPI, lin: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, status in ((Misconfigured("secret path"), 500), (KeyError("secret"), 500), (Unavailable("secret"), 503)):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(type(house.services.desk), "waiting", fail)
        quiet = TestClient(app, base_url=HERE, raise_server_exceptions=False, cookies=lin.client.cookies)
        answer = quiet.get("/")
        assert (answer.status_code, "secret" in answer.text) == (status, False)
        assert "text/html" in answer.headers["content-type"]
        assert answer.headers["content-security-policy"] == POLICY
        assert ("retry-after" in answer.headers) == (status == 503)


def test_every_page_carries_the_headers_and_no_style_or_script_of_its_own(lin: Browser, chen: Browser, house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.pair(missing, sheltered)
    photo = house.photograph(house.open(CaseKind.SHELTERED), 1, faces=3).photo
    pages = {"/": lin, "/cases": lin, "/cases/new": lin, f"/cases/{photo.case_id}": lin, f"/cases/{missing.case_id}/edit": lin}
    pages |= {"/review": chen, f"/pairs/{pair.pair_id}": chen}
    for path, browser in pages.items():
        answer = browser.client.get(path)
        assert answer.headers["content-security-policy"] == POLICY, path
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        source = answer.text.lower()
        assert " style=" not in source, path
        assert "<style" not in source, path
        assert not [part for part in source.split("<script")[1:] if " src=" not in part.split(">")[0]], path
        assert " onclick" not in source
        assert "http://" not in source.replace(HERE, ""), path
        assert "https://" not in source, path


def test_hostile_words_are_shown_as_they_are_and_do_nothing(lin: Browser, chen: Browser, house: House) -> None:
    said = dict.fromkeys(("ethnic_group", "accent", "clothing", "seen_place", "circumstances"), HOSTILE) | dict.fromkeys(
        ("names", "languages", "marks"), (HOSTILE,)
    )
    missing, sheltered = house.missing(7, **said), house.sheltered(7, **said)
    pair = house.pair(missing, sheltered)
    pages = [browser.see(path) for browser in (lin, chen) for path in ("/", "/cases", f"/cases/{missing.case_id}")]
    pages += [lin.see(f"/cases/{missing.case_id}/edit"), chen.see("/review"), chen.see(f"/pairs/{pair.pair_id}")]
    house.judge(house.second, pair)
    lin.see(f"/cases/{missing.case_id}")
    pages.append(lin.send(f"/cases/{missing.case_id}/close", 422, reason=HOSTILE, outcome=HOSTILE))
    chen.see(f"/pairs/{pair.pair_id}")
    pages.append(chen.send(f"/pairs/{pair.pair_id}/decisions", reason=HOSTILE, judgement="same_likely"))
    pages.append(lin.see(f"/cases?text={HOSTILE.replace('&', '%26')}"))
    for page in pages:
        assert "<script>alert" not in page
        assert "alert('x')" not in page, "the quote is escaped as well"
        assert "49" not in text_of(page).replace("2026", ""), "nothing is taken for a template"
        assert "&lt;script&gt;alert" in page


def test_an_account_with_a_hostile_name_is_shown_as_it_is(house: House, browsers: Callable[..., Browser]) -> None:
    house.hire("<b>wu</b>", house.intake.role)
    page = browsers("<b>wu</b>").see("/")
    assert "&lt;b&gt;wu&lt;/b&gt;" in page
    assert "<b>wu" not in page


def test_every_fixed_sentence_of_the_use_cases_has_its_chinese() -> None:
    """The tree is walked in the sources: a new sentence without a translation is found here."""
    chinese = translations("zh_CN").gettext
    general = {chinese(text) for _, text in GENERAL} | {sentence(chinese, None)}
    without = [
        f"{file.name}: {text}"
        for file in sorted(PACKAGE.rglob("*.py"))
        if not str(file.relative_to(PACKAGE)).startswith(TO_OPERATORS)
        for kind, text in raised(ast.parse(file.read_text()))
        if kind not in AT_THE_START and sentence(chinese, kind(text)) in general
    ]
    assert without == []


TO_OPERATORS = (
    *("embeddings/", "evaluation/", "index/", "store/backup/", "store/migrations/"),
    *("validation.py", "messages/messages.py", "clocks/jurisdictions/"),
)
"""What only the command line does, in the language of the command line."""
AT_THE_START = (tracing.errors.Misconfigured, tracing.errors.Damaged, tracing.errors.UnreadablePhoto)
"""Said to the operator; a photo's problem has a word of its own (``test_language``)."""
FOR_OPERATORS = ("There is no account named", "A name has between", "A password has between", "Send an API key", "The API key")
"""Said on the command line or to programs."""
MADE_UP = {
    "expected": "male or female",
    "role": "intake",
    "OLDEST": "125",
    "LONGEST_TEXT": "4000",
    "MOST_ITEMS": "50",
    "LONGEST_REASON": "4000",
}


def raised(tree: ast.AST) -> list[tuple[type[tracing.errors.TracingError], str]]:
    """Error class and sentence of each refusal; what varies in it is made up."""
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        kind = getattr(tracing.errors, node.func.id, None)
        text = plain(node.args[0])
        refusal = isinstance(kind, type) and issubclass(kind, tracing.errors.TracingError)
        if refusal and text is not None and not text.startswith(FOR_OPERATORS):
            found.append((kind, text))
    return found


def made_up(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return MADE_UP.get(ast.unparse(part.value), "open")
    return str(ast.literal_eval(part))


def plain(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(made_up(part) for part in node.values)
    return None
