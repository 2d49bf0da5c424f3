"""`tracing sign-on`, against a provider on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from scripts.opening import services
from tests.provider import CLIENT, SECRET, Provider, a_provider
from tracing.domain import Identity
from tracing.errors import Misconfigured, ProviderUnavailable

RUNNER = CliRunner()
HERE = "https://tracing.example.cn"


def run(*words: str, refused: type[Exception] | None = None) -> Result:
    result = RUNNER.invoke(app, words)
    assert (result.exit_code == 0) == (refused is None), f"{result.output}\n{result.exception!r}"
    assert refused is None or isinstance(result.exception, refused), repr(result.exception)
    return result


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with a_provider(f"{HERE}/sign-on/back", f"{HERE}/login") as found:
        monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
        monkeypatch.setenv("TRACING_PUBLIC_URL", HERE)
        monkeypatch.setenv("TRACING_SIGN_ON_ISSUER", found.url)
        monkeypatch.setenv("TRACING_SIGN_ON_CLIENT", CLIENT)
        monkeypatch.setenv("TRACING_SIGN_ON_SECRET", SECRET)
        monkeypatch.setenv("COLUMNS", "200")
        yield found


def test_the_check_says_what_the_provider_is_and_has_to_know(provider: Provider) -> None:
    told = json.loads(run("sign-on", "check", "--json").stdout)
    assert told["redirect_uri"] == f"{HERE}/sign-on/back"
    assert told["keys"] == "first (EC)"
    assert SECRET not in run("sign-on", "check").stdout


def test_the_check_says_what_is_wrong(provider: Provider) -> None:
    provider.says = {"issuer": "https://login.example.gov.cn/"}
    assert "it calls itself 'https://login.example.gov.cn/'" in str(run("sign-on", "check", refused=Misconfigured).exception)
    provider.answers = lambda path: (500, b"")
    run("sign-on", "check", refused=ProviderUnavailable)


def test_a_code_is_linked_and_unlinked(provider: Provider) -> None:
    run("users", "add", "lin", "--role", "intake", "--by-provider")
    with services() as found:
        assert found.sign_on is not None
        request = found.sign_on.request()
        place = httpx2.get(request.address, trust_env=False).headers["location"]
        waiting = found.sign_on.arrive(parse_qs(urlsplit(place).query)["code"][0], request)
        assert isinstance(waiting, Identity)
    run("sign-on", "link", "lin", waiting.code)
    assert json.loads(run("sign-on", "list", "--json").stdout)[0]["linked"] is True
    run("sign-on", "unlink", "lin")
    assert json.loads(run("sign-on", "list", "--json").stdout)[0]["linked"] is False


def test_without_a_provider_the_command_says_where_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    assert "TRACING_SIGN_ON_ISSUER" in str(run("sign-on", "list", refused=Misconfigured).exception)
