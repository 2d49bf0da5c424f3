"""The files of the models: found, verified, pulled from folders and addresses, and never half there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tracing.embeddings.manifest import FileFacts, ModelFacts
from tracing.embeddings.weights import ModelFolders, expected_digest, pull, written_whole
from tracing.errors import EncoderUnavailable, Invalid, Unavailable

DATA = bytes(range(256)) * 8192
FACTS = FileFacts("net.onnx", "network", len(DATA), hashlib.sha256(DATA).hexdigest())
MODEL = ModelFacts("net", "A net", "arcface", "somewhere", "MIT", "Free.", (FACTS,))


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    (folder / "net.onnx").write_bytes(DATA)
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "models"


class Publisher(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/missing/net.onnx":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        body = {"/endless/net.onnx": DATA + DATA, "/broken/net.onnx": DATA[:1000]}.get(self.path, DATA)
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def publisher() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_is_copied_out_of_a_folder(origin: Path, into: Path) -> None:
    blocks: list[int] = []
    assert pull(FACTS, str(origin), into, report=blocks.append) == into / "net.onnx"
    assert (into / "net.onnx").read_bytes() == DATA
    assert sum(blocks) == len(DATA)
    assert [each.name for each in into.iterdir()] == ["net.onnx"]


def test_a_file_may_be_named_itself(origin: Path, into: Path) -> None:
    (origin / "net.onnx").rename(origin / "other name")
    assert pull(FACTS, str(origin / "other name"), into).read_bytes() == DATA


@pytest.mark.parametrize("address", ["/net.onnx", "/folder/"])
def test_a_file_is_fetched_from_an_address(publisher: str, into: Path, address: str) -> None:
    assert pull(FACTS, publisher + address, into).read_bytes() == DATA


@pytest.mark.parametrize(
    ("address", "refusal"),
    [("/missing/", "404"), ("/broken/", "cannot be fetched|not the described file"), ("/endless/net.onnx", "")],
)
def test_what_cannot_be_fetched_whole_leaves_nothing(publisher: str, into: Path, address: str, refusal: str) -> None:
    try:
        pull(FACTS, publisher + address, into)
    except (Unavailable, Invalid) as error:
        assert refusal
        __import__("re").search(refusal, str(error)) or pytest.fail(str(error))
        assert list(into.iterdir()) == []
    else:  # an answer that sends more than it announced is cut where it announced to end
        assert (into / "net.onnx").read_bytes() == DATA


def test_nobody_listening_is_unavailable(into: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be fetched"):
        pull(FACTS, "http://127.0.0.1:9/", into)


@pytest.mark.parametrize("data", [DATA[:-1], DATA[:-1] + b"x", DATA + b"more", b""])
def test_another_file_is_refused_and_what_was_there_stays(origin: Path, into: Path, data: bytes) -> None:
    pull(FACTS, str(origin), into)
    (origin / "net.onnx").write_bytes(data)
    with pytest.raises(Invalid, match=r"not the described file|larger than"):
        pull(FACTS, str(origin), into)
    assert (into / "net.onnx").read_bytes() == DATA
    assert [each.name for each in into.iterdir()] == ["net.onnx"]


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_a_place_without_the_file_is_invalid(tmp_path: Path, into: Path, place: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        pull(FACTS, str(tmp_path / place), into)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/net.onnx"])
def test_only_http_is_fetched(into: Path, address: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        pull(FACTS, address, into)


def test_a_file_without_a_published_digest_needs_the_one_that_the_operator_trusts(origin: Path, into: Path) -> None:
    unknown = replace(FACTS, sha256="", bytes=0)
    with pytest.raises(Invalid, match="--sha256"):
        pull(unknown, str(origin), into)
    with pytest.raises(Invalid, match="not the described file"):
        pull(unknown, str(origin), into, sha256="0" * 64)
    path = pull(unknown, str(origin), into, sha256=FACTS.sha256.upper())
    assert expected_digest(unknown, path) == FACTS.sha256
    model = replace(MODEL, files=(unknown,))
    assert [file.problem for file in ModelFolders(into).verified(model)] == [""]
    path.write_bytes(b"another one")
    assert [file.problem for file in ModelFolders(into).verified(model)] == ["altered"]


def test_files_are_looked_for_in_the_order_of_the_folders(origin: Path, into: Path) -> None:
    pull(FACTS, str(origin), into)
    assert ModelFolders(origin, into).find("net.onnx") == origin / "net.onnx"
    assert ModelFolders(into, origin).find("net.onnx") == into / "net.onnx"
    assert ModelFolders(origin, into).own == into
    assert ModelFolders().own is None


def test_a_missing_file_is_named_with_the_command_that_brings_it(into: Path) -> None:
    folders = ModelFolders(into)
    assert not folders.has(MODEL)
    with pytest.raises(EncoderUnavailable, match=r"net\.onnx of net is missing; run 'tracing models pull net'"):
        folders.required(MODEL, "network")
    packaged = replace(MODEL, files=(replace(FACTS, package="no_such_package"),))
    with pytest.raises(EncoderUnavailable, match="run 'make setup' again"):
        folders.required(packaged, "network")
    assert [file.problem for file in folders.verified(packaged)] == ["missing"]


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(TypeError), written_whole(path) as file:
        file.writelines([b"half", "no bytes"])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []
    with written_whole(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
