"""What a process may take where a container, a unit of systemd, or nobody limits it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracing.index.memory import memory_at_hand

NONE = 1 << 40


def limits(folder: Path, **said: str) -> Path:
    for name, limit in said.items():
        place = folder / name.replace("_", "/").removeprefix("root")
        place.mkdir(parents=True, exist_ok=True)
        (place / "memory.max").write_text(f"{limit}\n", "ascii")
    return folder


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("0::/\n", 4_000_000),
        ("0::/system.slice/tracing.service\n", 1_000_000),
        ("12:cpu:/old\n0::/system.slice/other.service\n", 3_000_000),
        ("12:cpu:/old\n", 4_000_000),
        ("0::/gone\n", 4_000_000),
    ],
)
def test_the_smallest_limit_around_the_process_counts(tmp_path: Path, group: str, expected: int) -> None:
    said = {"root": "4000000", "system.slice": "3000000", "system.slice_tracing.service": "1000000"}
    own = tmp_path / "own"
    own.write_text(group, "utf-8")
    assert memory_at_hand(limits(tmp_path / "groups", **said | {"system.slice_other.service": "max"}), own) == expected


def test_without_limits_it_is_the_machine_s(tmp_path: Path) -> None:
    assert 1 << 28 < memory_at_hand(tmp_path, tmp_path / "none") < NONE
