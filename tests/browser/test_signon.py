"""Sign-in by a provider in a real browser, whose rules about cookies, redirects and policies no other test has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.trial import free_port
from tests.browser.axe import axe, fits
from tests.browser.conftest import PATIENCE, PHONE, complains
from tests.provider import CLIENT, SECRET, Provider, a_provider
from tests.server import Service

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Service, Provider]]:
    """A server of its own, and the provider that it sends people to; on another port, which is another site's origin."""
    port = free_port()
    monkeypatch.setattr("tests.server.free_port", lambda: port)
    here = f"http://127.0.0.1:{port}"
    with a_provider(f"{here}/sign-on/back", f"{here}/login") as provider:
        settings = {"public_url": here, "sign_on_issuer": provider.url, "sign_on_client": CLIENT, "sign_on_secret": SECRET}
        service = Service(tmp_path / "var", **settings, sign_on_name="省政务平台", server_works="false")
        service.command("users", "add", "lin", "--role", "intake", "--by-provider")
        with service.server():
            yield here, service, provider


@pytest.fixture
def page(chromium: Browser, town: tuple[str, Service, Provider]) -> Iterator[Page]:
    """What its console complains of, such as a policy that is broken, is a failure."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=town[0], viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    found = context.new_page()
    found.set_default_timeout(PATIENCE)
    found.on("console", lambda said: complaints.append(said.text) if complains(said.type, said.text) else None)
    yield found
    context.close()
    assert complaints == []


def test_a_browser_goes_to_the_provider_and_back_and_out_again(
    page: Page, town: tuple[str, Service, Provider], axe: str
) -> None:
    here, service, provider = town
    page.goto("/tasks")
    fits(page, axe, "sign-on-login")
    page.get_by_role("link", name="用省政务平台登录").click()
    expect(page.get_by_role("heading", name="哪个账号是您的？")).to_be_visible()
    fits(page, axe, "sign-on-code")
    service.command("sign-on", "link", "lin", page.locator("code").inner_text())
    page.goto("/tasks")
    page.get_by_role("link", name="用省政务平台登录").click()
    page.wait_for_url(f"{here}/tasks")
    with page.expect_request(f"{provider.url}/end?**"):
        page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{here}/login")
    assert provider.asked[-1] == "/end"
    page.goto("/tasks")
    expect(page.get_by_role("link", name="用省政务平台登录")).to_be_visible()
