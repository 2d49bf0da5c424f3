"""``python -m tests.promises [L3 L7 ...]``: the tests of the promises of law and ethics (DOMAIN.md, section 7), or of some."""

from __future__ import annotations

import os
import re
import sys

from tests.test_threat_model import PROMISES, TESTS


def main() -> None:
    """How many passed of each is the last line but one of what it prints; the exit status is pytest's."""
    known = sorted(PROMISES, key=lambda row: int(row[1:]))
    wanted = [each.upper() for each in sys.argv[1:]] or known
    if unknown := set(wanted) - PROMISES:
        sys.exit(f"There is no test of {', '.join(sorted(unknown))}; there are tests of {', '.join(known)}.")
    rows = [each.lower() for each in wanted]
    named = re.compile(rf"^def test_(?:l\d+_)*(?:{'|'.join(rows)})_", re.MULTILINE)
    files = [str(path) for path in sorted(TESTS.rglob("test_*.py")) if named.search(path.read_text("utf-8"))]
    words = ["-q", "-p", "no:cacheprovider", "-k", " or ".join(f"_{row}_" for row in rows), "--timeout", "900", *files]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *words])  # noqa: S606


if __name__ == "__main__":
    main()
