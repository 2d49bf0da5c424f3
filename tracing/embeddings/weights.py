"""The files of the models on this machine: where they are, whether they are what the manifest describes, how they get here."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from tracing.embeddings.dlib_models import package_file
from tracing.embeddings.manifest import FileFacts, ModelFacts
from tracing.errors import EncoderUnavailable, Invalid, Unavailable

BLOCK: Final = 1 << 20
FETCH_SECONDS: Final = 60.0
"""After so long without a byte a download is given up."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights as it is on this machine; ``problem`` is empty, ``missing`` or ``altered``."""

    facts: FileFacts
    path: Path | None
    problem: str


class ModelFolders:
    """Where model files are looked for, in this order; the last one belongs to the service, which writes there only."""

    def __init__(self, *folders: Path) -> None:
        self._folders = tuple(dict.fromkeys(folders))

    @property
    def own(self) -> Path | None:
        return self._folders[-1] if self._folders else None

    def find(self, name: str) -> Path | None:
        return next((path for path in (folder / name for folder in self._folders) if path.is_file()), None)

    def located(self, facts: FileFacts) -> Path | None:
        return package_file(facts.package, facts.file) if facts.package else self.find(facts.name)

    def has(self, model: ModelFacts) -> bool:
        return all(self.located(file) is not None for file in model.files)

    def required(self, model: ModelFacts, role: str) -> Path:
        """The path of a model's file; ``EncoderUnavailable``, with the command that brings it, where it is not here."""
        facts = model.file(role)
        path = self.located(facts)
        if path is None:
            way = "run 'make setup' again" if facts.package else f"run 'tracing models pull {model.model_id}'"
            raise EncoderUnavailable(f"The file {facts.name} of {model.model_id} is missing; {way}.")
        return path

    def verified(self, model: ModelFacts) -> list[WeightsFile]:
        """Every file of the model, with its digest compared (reads up to some hundred MB)."""
        return [self._verified(file) for file in model.files]

    def _verified(self, facts: FileFacts) -> WeightsFile:
        path = self.located(facts)
        if path is None:
            return WeightsFile(facts, None, "missing")
        return WeightsFile(facts, path, "" if digest_of(path) == expected_digest(facts, path) else "altered")


def expected_digest(facts: FileFacts, path: Path) -> str:
    """The manifest's, or the one that was named when the file was pulled."""
    return facts.sha256 or _noted_digest(path)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pull(facts: FileFacts, origin: str, into: Path, sha256: str = "", report: Callable[[int], None] = lambda _: None) -> Path:
    """Copy or fetch a file, and keep it only if its digest is the expected one; the path it has then.

    ``origin`` is a folder, a file, or an http(s) address of the file itself or of the folder that holds it (ending in ``/``).
    ``sha256`` is the digest where the manifest has none. ``report`` hears the size of each block. ``Invalid`` for a wrong
    digest or origin, ``Unavailable`` where the other side does not answer.
    """
    wanted = facts.sha256 or sha256.lower()
    if not wanted:
        raise Invalid(f"The publisher of {facts.name} gives no digest; name the one you trust with --sha256.", "sha256")
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen, done = hashlib.sha256(), 0
    with written_whole(into / facts.name) as target:
        for block in _blocks(origin, facts.name):
            seen.update(block)
            done += len(block)
            if facts.bytes and done > facts.bytes:
                raise Invalid(f"{facts.name} from {origin} is larger than the {facts.bytes} bytes of the manifest.", "from")
            target.write(block)
            report(len(block))
        if seen.hexdigest() != wanted:
            raise Invalid(f"{facts.name} from {origin} is not the described file: its SHA-256 is {seen.hexdigest()}.", "from")
    if not facts.sha256:
        _digest_note(into / facts.name).write_text(f"{wanted}  {facts.name}\n", "ascii")
    return into / facts.name


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name once the block has ended without an exception, and not at all otherwise."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _blocks(origin: str, name: str) -> Iterator[bytes]:
    """The bytes of the file; only what goes wrong on that side is translated."""
    if urlsplit(origin).scheme in ("http", "https"):
        yield from _fetched(origin + name if origin.endswith("/") else origin)
        return
    path = Path(origin)
    path = path / name if path.is_dir() else path
    try:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.", "from") from error


def _fetched(address: str) -> Iterator[bytes]:
    from http.client import HTTPException  # with ssl half as long to import as numpy, and no process for photos needs them
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=FETCH_SECONDS) as answer:  # noqa: S310 - the caller has looked at the scheme
            yield from iter(lambda: answer.read(BLOCK), b"")
    except (OSError, HTTPException) as error:  # URLError, HTTPError, timeouts, answers that break off
        raise Unavailable(f"{address} cannot be fetched: {error}.") from error


def _digest_note(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _noted_digest(path: Path) -> str:
    try:
        return _digest_note(path).read_text("ascii").split()[0]
    except (OSError, IndexError, ValueError):
        return ""
