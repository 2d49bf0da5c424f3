"""The service does not start where a promise cannot be kept, and says what to do about it."""

from __future__ import annotations

import base64
import secrets
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.main import main
from scripts.trial import free_port
from tests.factories import FixedClock
from tests.fakes import FakeExaminer
from tests.house import House, a_house
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.errors import Misconfigured
from tracing.store.placeholders import is_placeholder, refuse_weak

GOOD = base64.b64encode(secrets.token_bytes(32)).decode()


def start(folder: Path, **settings: Any) -> None:
    build(Settings(data_dir=folder, **settings), clock=FixedClock(), examiner=FakeExaminer(DEFAULT_ENCODER)).close()


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """The data folder of a service that has run."""
    with a_house(tmp_path / "var") as house:
        house.missing(1)
        house.services.shelving.shelve()
    for name in ("galleries", "lists", "spool"):
        (tmp_path / "var" / name).mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "var" / "tracing.sqlite-wal").touch(mode=0o600)
    return tmp_path / "var"


OPEN = {
    "photos": ("700", 0o755),
    "galleries": ("700", 0o750),
    "keys": ("700", 0o755),
    "keys/photo.key": ("600", 0o640),
    "photos/data.keys": ("600", 0o644),
    "tracing.sqlite": ("600", 0o640),
    "tracing.sqlite-wal": ("600", 0o644),
    "lists": ("700", 0o755),
    "spool": ("700", 0o750),
}


@pytest.mark.parametrize("name", OPEN)
def test_l6_what_others_can_read_stops_the_service_and_it_says_the_command(var: Path, name: str) -> None:
    right, wrong = OPEN[name]
    (var / name).chmod(wrong)
    with pytest.raises(Misconfigured, match=f"Run: chmod {right} {var / name}$"):
        start(var)
    (var / name).chmod(int(right, 8))
    start(var)


def test_a_data_folder_where_others_can_put_keys_and_photos_of_theirs_is_refused(var: Path) -> None:
    var.chmod(0o757)
    with pytest.raises(Misconfigured, match=f"put files of theirs into the data folder. Run: chmod 700 {var}$"):
        start(var)
    var.chmod(0o755)
    start(var)


@pytest.mark.parametrize("name", ["data", "file", "file/data"], ids=["not mounted", "a file", "below one"])
def test_a_data_folder_that_is_none_is_said_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").symlink_to(tmp_path / "disk" / "data")
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="no folder, nor a link that leads to one"):
        start(tmp_path / name)


@pytest.mark.parametrize(
    "key",
    [bytes(32), b"\xff" * 32, bytes(range(32)), b"changemechangemechangemechangeme", b"abcd" * 8, b"\x01\x02" * 16],
    ids=["zeros", "ones", "counted", "typed", "letters", "pattern"],
)
def test_a_master_key_that_no_generator_made_is_refused(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(Misconfigured, match="openssl rand -base64 32"):
        start(tmp_path / "var", photo_key=base64.b64encode(key).decode())
    (tmp_path / "other" / "keys").mkdir(parents=True, mode=0o700)
    file = tmp_path / "other" / "keys" / "photo.key"
    file.touch(mode=0o600)
    file.write_bytes(base64.b64encode(key))
    with pytest.raises(Misconfigured, match="placeholder"):
        start(tmp_path / "other")


def test_random_keys_and_secrets_are_never_taken_for_placeholders() -> None:
    for _ in range(10_000):
        refuse_weak(secrets.token_bytes(32), "a test")
        assert not is_placeholder(secrets.token_hex(24))
    assert not any(is_placeholder(base64.b64encode(secrets.token_bytes(48)).decode()) for _ in range(1000))
    assert not is_placeholder(secrets.token_urlsafe(48))


PLACEHOLDERS = (
    "changeme" * 5,
    "your-secret-key-goes-here-please-replace",
    "0" * 40,
    "abcabcabc" * 5,
    "0123456789abcdef0123456789abcdef",
    "insecure-dev-key-do-not-use-in-prod!!",
    "TODO-fill-me-in-with-something-random-32",
    "<random 32 characters go in this place>",
    "a1b2c3d4e5f6g7a1b2c3d4e5f6g7a1b2c3d4",
)


@pytest.mark.parametrize("secret", PLACEHOLDERS)
def test_a_placeholder_as_secret_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(Misconfigured, match="TRACING_SECRET_KEY is a placeholder"):
        start(tmp_path / "var", secret_key=secret)
    assert not (tmp_path / "var").exists(), "nothing is made before"


def test_a_key_in_the_address_of_the_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="TRACING_DATABASE_URL holds a key"):
        start(
            tmp_path / "var", photo_key=GOOD, database_url=f"postgresql://tracing:{GOOD.replace('/', '%2F')}@localhost/tracing"
        )


def test_a_key_file_among_the_photos_is_refused(var: Path) -> None:
    (var / "keys" / "photo.key").rename(var / "photos" / "photo.key")
    (var / "keys").rmdir()
    (var / "keys").symlink_to(var / "photos")
    with pytest.raises(Misconfigured, match="among the photos"):
        start(var)


@pytest.mark.parametrize("spelled", ["base64", "unfilled", "hex", "bytes"])
def test_a_key_inside_the_database_is_refused(house: House, spelled: str) -> None:
    key = base64.b64decode(house.services.settings.master_key_file.read_bytes())
    filled = base64.b64encode(key).decode()
    value = {"base64": filled, "unfilled": filled.rstrip("="), "hex": f"key={key.hex()}", "bytes": key}[spelled]
    with sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite") as connection:
        connection.execute("CREATE TABLE settings (name TEXT, value)")
        connection.execute("INSERT INTO settings VALUES ('photo_key', ?)", [value])
    connection.close()
    with pytest.raises(Misconfigured, match="stands in the database, in the table settings"):
        start(house.services.settings.data_dir)


@pytest.mark.postgres
def test_a_key_in_a_row_of_postgresql_is_refused(tmp_path: Path, postgres_url: str) -> None:
    with (
        a_house(tmp_path / "var", photo_key=GOOD, database_url=postgres_url) as house,
        house.services.store.transaction() as records,
    ):
        account = records.accounts.by_name("lin")
        assert account is not None
        records.accounts.save(replace(account, name=f"lin {GOOD}"))
    with pytest.raises(Misconfigured, match="in the table accounts"):
        start(tmp_path / "var", photo_key=GOOD, database_url=postgres_url)


@pytest.mark.parametrize(
    "command", [["serve", "--port", str(free_port())], ["worker", "--once"], ["check"], ["keys", "list"], ["users", "list"]]
)
def test_every_command_refuses(
    var: Path, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (var / "photos").chmod(0o755)
    monkeypatch.setenv("TRACING_DATA_DIR", str(var))
    monkeypatch.setattr("sys.argv", ["tracing", *command])
    with pytest.raises((SystemExit, Misconfigured)) as ended:
        main()
    told = capsys.readouterr().err + str(ended.value)
    assert "chmod 700" in told.replace("\n", " ")


CORE = """
import resource, sys
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
from scripts.main import main
sys.argv = ["tracing", "--help"]
try:
    main()
finally:
    print("left at a crash:", resource.getrlimit(resource.RLIMIT_CORE)[0], "of", most)
"""


def test_l6_no_process_of_ours_leaves_what_it_has_in_memory_at_a_crash() -> None:
    done = subprocess.run([sys.executable, "-c", CORE], capture_output=True, text=True, check=True)
    assert "left at a crash: 0 of" in done.stdout
