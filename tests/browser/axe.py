"""axe-core, the checker of accessible pages: from the npm registry, for tests only, one version whose content is known."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import keep
from tests.conftest import missing

RELEASE: Final = "axe-core@4.14.1"
SHA256: Final = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
"""Of ``axe.min.js`` in that release: whatever the registry hands out otherwise is not run."""

FOUND: Final = """async () => (await axe.run()).violations.map(
  (each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`)"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        missing("browser", "npm is not here: apt-get install npm")
    packed: Any = subprocess.run(
        [str(npm), "pack", "--silent", "--ignore-scripts", RELEASE], cwd=folder, capture_output=True, text=True, timeout=120
    )
    if packed.returncode != 0:
        missing("browser", f"npm cannot get {RELEASE}: {packed.stderr.strip()[:200]}")
    return _script(folder / packed.stdout.strip())


def _script(package: Path) -> str:
    with tarfile.open(package) as files:
        member = files.extractfile("package/axe.min.js")
        assert member is not None
        data = member.read()
    assert hashlib.sha256(data).hexdigest() == SHA256, f"this is not {RELEASE} as we know it"
    return data.decode()


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds wrong with the page once it is there; evaluated from outside, so that the page's policy stays on."""
    page.wait_for_load_state()
    page.evaluate(axe)
    found: list[str] = page.evaluate(FOUND)
    return found


def fits(page: Page, axe: str, name: str) -> None:
    """Nothing is wider than the screen, and axe has nothing to say; with a picture for people.

    A click returns when the next page begins, which has no content yet: so this waits until the page is there.
    """
    page.wait_for_load_state()
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    assert violations(page, axe) == [], name
    keep(page, f"{name}-{size['width']}-{page.locator('html').get_attribute('lang')}")
