"""The keyring: what it seals only it opens, and a key file is made once and for one account alone."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.errors import Damaged, Misconfigured
from tracing.store.key_files import MasterKey
from tracing.store.keys import Keyring

OLD, NEW = (hashlib.sha256(name).digest() for name in (b"old", b"new"))
RING = Keyring(NEW, [OLD])


def load_keyring(setting: str | None, file: Path) -> Keyring:
    """The master key of a service that begins."""
    master = MasterKey(setting, file)
    master.make()
    return master.ring()


def as_text(*keys: bytes) -> str:
    return "\n".join(base64.b64encode(key).decode() for key in keys)


@given(data=st.binary(max_size=200), context=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_was_sealed_is_opened(data: bytes, context: str) -> None:
    assert RING.open(RING.seal(data, context), context) == data


@given(data=st.binary(max_size=50), where=st.integers(0), bit=st.integers(0, 7))
def test_a_single_altered_bit_is_noticed(data: bytes, where: int, bit: int) -> None:
    sealed = bytearray(RING.seal(data, "context"))
    sealed[where % len(sealed)] ^= 1 << bit
    with pytest.raises(Damaged):
        RING.open(bytes(sealed), "context")


@given(st.binary(max_size=60))
def test_bytes_that_were_never_sealed_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        RING.open(data, "context")


@given(st.integers(0, 60))
def test_cut_off_bytes_are_damaged(length: int) -> None:
    sealed = RING.seal(b"a face template", "context")
    with pytest.raises(Damaged):
        RING.open(sealed[: min(length, len(sealed) - 1)], "context")


def test_sealed_bytes_cannot_stand_in_for_others() -> None:
    with pytest.raises(Damaged):
        RING.open(RING.seal(b"phone of a mother", "contact:1"), "contact:2")


def test_the_same_data_are_sealed_differently_each_time() -> None:
    assert RING.seal(b"same", "context") != RING.seal(b"same", "context")


def test_an_older_key_opens_and_the_current_one_seals() -> None:
    by_old = Keyring(OLD).seal(b"data", "context")
    assert RING.open(by_old, "context") == b"data"
    assert RING.knows(by_old)
    by_new = RING.seal(b"data", "context")
    assert not Keyring(OLD).knows(by_new)
    with pytest.raises(Damaged, match="not here"):
        Keyring(OLD).open(by_new, "context")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(Misconfigured):
        Keyring(b"short")


def test_keys_come_from_the_setting_first_one_current(tmp_path: Path) -> None:
    ring = load_keyring(as_text(NEW, OLD), tmp_path / "unused")
    assert ring.open(Keyring(OLD).seal(b"data", "c"), "c") == b"data"
    assert Keyring(NEW).open(ring.seal(b"data", "c"), "c") == b"data"
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("text", ["not base64!", as_text(b"short"), "changeme", f"{as_text(NEW)} x", "钥匙"])
def test_a_setting_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured):
        load_keyring(text, tmp_path / "unused")


@pytest.mark.parametrize("setting", [None, "", "  "])
def test_a_missing_key_file_is_made_for_this_account_alone(tmp_path: Path, setting: str | None) -> None:
    path = tmp_path / "keys" / "photo.key"
    sealed = load_keyring(setting, path).seal(b"data", "context")
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_keyring(setting, path).open(sealed, "context") == b"data"
    assert [each.name for each in path.parent.iterdir()] == ["photo.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "photo.key"
    load_keyring(None, path)
    path.chmod(mode)
    with pytest.raises(Misconfigured, match=f"chmod 600 {path}"):
        load_keyring(None, path)


def test_a_key_file_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate([b"", b"\xff\xfe", b"hello"]):
        path = tmp_path / f"{number}.key"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(Misconfigured):
            load_keyring(None, path)


def test_a_place_where_no_key_file_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured):
        load_keyring(None, tmp_path / "file" / "photo.key")


def test_processes_that_start_at_once_end_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "photo.key"
    program = (
        "import sys; from pathlib import Path; from tests.store.test_keys import load_keyring;"
        f"sys.stdin.read(1); print(load_keyring(None, Path({str(path)!r})).seal(b'data', 'context').hex())"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        process.stdin.write("g")
        process.stdin.flush()
    sealed = [process.communicate(timeout=60)[0] for process in processes]
    ring = load_keyring(None, path)
    assert [ring.open(bytes.fromhex(each), "context") for each in sealed] == [b"data"] * 4
