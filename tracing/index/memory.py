"""How much memory this process may take: the machine's, or less where its group of processes is limited."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

GROUPS: Final = Path("/sys/fs/cgroup")
OWN_GROUP: Final = Path("/proc/self/cgroup")
"""``0::/system.slice/tracing.service`` in a unit of systemd, ``0::/`` in a container, which sees its own group as the root."""


def memory_at_hand(groups: Path = GROUPS, own_group: Path = OWN_GROUP) -> int:
    """Bytes: the smallest limit of the group and those around it (control groups, version 2)."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    group = groups / _name(own_group)
    return min(
        machine, *(_limit(each / "memory.max", machine) for each in (group, *group.parents) if each.is_relative_to(groups))
    )


def _name(own_group: Path) -> str:
    try:
        lines = own_group.read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")


def _limit(file: Path, otherwise: int) -> int:
    try:
        limit = file.read_text("ascii").strip()
    except OSError:
        return otherwise
    return int(limit) if limit.isdigit() else otherwise
