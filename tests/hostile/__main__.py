"""``python -m tests.hostile WHAT``: hand in bad input of this kind and print the figures; 1 where something broke."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.conftest import SHARED
from tests.hostile import browsers, corpus, fuzzing, photos, programs


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("what", choices=sorted(RUNS))
    parser.add_argument(
        "--seed", type=int, default=7, help="Another one tries other input; what failed fails again with its own."
    )
    parser.add_argument("--each", type=int, default=0, help="How many of each; 0: as many as the tests.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracing-hostile-") as folder:
        figures = RUNS[chosen.what](Path(folder) / "var", chosen.seed, chosen.each)
    print(json.dumps(figures, indent=2, ensure_ascii=False))  # noqa: T201 - this is what it is for
    return 1 if figures["faults"] else 0


def _photos(folder: Path, seed: int, each: int) -> dict[str, Any]:
    real = photos.real_ones(SHARED / "data" / "dev_set")
    read = photos.through_the_reader(corpus.whole_corpus(seed, each or photos.READ_FLIPS, real)).figures()
    sent = photos.through_the_server(folder, photos.for_a_server(seed, each or photos.SENT_FLIPS, real)).figures()
    return {"reader": read, "server": sent, "faults": read["faults"] + sent["faults"]}


def _programs(folder: Path, seed: int, each: int) -> dict[str, Any]:
    return programs.attack(folder, seed, each or programs.EXAMPLES).figures()


def _browsers(folder: Path, seed: int, each: int) -> dict[str, Any]:
    return browsers.attack(folder, seed, each or browsers.EACH).figures()


def _fuzzing(folder: Path, seed: int, each: int) -> dict[str, Any]:
    """``each``: seconds."""
    return fuzzing.fuzz_all(seed, each or fuzzing.SECONDS)


RUNS = {"browsers": _browsers, "photos": _photos, "programs": _programs, "fuzzing": _fuzzing}

if __name__ == "__main__":
    sys.exit(main())
