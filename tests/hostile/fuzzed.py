"""The process of one reader that is fuzzed: ``python -m tests.hostile.fuzzed NAME FOLDER``, and the options of libFuzzer."""

from __future__ import annotations

import sys

import atheris

WATCHED = ["tracing", "api", "PIL", "zipfile", "csv", "openpyxl", "tomllib", "defusedxml"]
"""Packages whose branches are watched, where they are in Python: as they are imported, so that nothing of them may be yet."""

PLANTED_IN = "tests.hostile.readers"
"""Watched for the planted reader alone: of the others what they call counts, and not what calls it."""

with atheris.instrument_imports(include=[*WATCHED, PLANTED_IN] if sys.argv[1] == "planted" else WATCHED):
    from tests.hostile.readers import PLANTED, READERS
    from tracing.errors import TracingError

    reader = (PLANTED | READERS)[sys.argv[1]]
    for seed in reader.seeds():
        reader.read(seed)  # imports what it needs, and a seed that is refused would be worth nothing


def try_one(data: bytes) -> None:
    """Our own errors are answers; any other ends the process, with the bytes kept."""
    try:
        reader.read(data)
    except TracingError:
        return


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], try_one)
    atheris.Fuzz()
