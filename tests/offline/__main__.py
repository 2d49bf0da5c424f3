"""``python -m tests.offline [arguments of pytest]``: the suite, or a part of it, where there is no network at all."""

from __future__ import annotations

import os
import sys

from tests.offline.namespace import alone, possible


def main() -> None:
    if not possible():
        sys.exit("No network namespace can be made here (unshare --net); the suite denies the network by itself all the same.")
    command = alone(sys.executable, "-m", "pytest", *sys.argv[1:])
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
