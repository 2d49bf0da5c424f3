"""The command `tracing`, which is also `python -m scripts`.

A process for photos imports the module again that the command began with, so the commands are imported only to run one.
"""

from __future__ import annotations


def main() -> None:
    from scripts.main import main as run

    run()


if __name__ == "__main__":
    main()
