"""Milvus to test on: in a file of this process, and a private server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import missing
from tests.milvus import RELEASE, PrivateMilvus, server_program


@pytest.fixture(scope="session")
def milvus_lite_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for the whole run; tests use collections of their own in it."""
    return str(tmp_path_factory.mktemp("milvus") / "lite.db")


@pytest.fixture(scope="session")
def milvus_uri() -> Iterator[str]:
    program = server_program()
    if program is None:
        missing("milvus", f"pip cannot get the server of Milvus (milvus=={RELEASE})")
        return
    server = PrivateMilvus(program)
    try:
        server.start()
        yield server.uri
    finally:
        server.remove()
