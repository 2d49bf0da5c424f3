"""A machine without any network but loopback: a namespace of its own (Linux), where this system lets us make one."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

UP, RUNNING = 0x1, 0x40
SET_FLAGS = 0x8914
COUNTED = "--counted"
ASKED = "asked for another machine:"


def alone(*command: str) -> list[str]:
    """The command line that runs this one where there is no network."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *as_root, "--net", sys.executable, "-m", "tests.offline.namespace", *command]


def possible() -> bool:
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    return subprocess.run(alone("true"), capture_output=True, check=False).returncode == 0


def counted(*command: str) -> list[str]:
    """As ``alone``; the last line says how often anything in it, Python or not, asked the system for another machine."""
    return alone(COUNTED, *command)


def asked_for() -> int:
    """What the kernel of this namespace found no way for, since there was one."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text("ascii").splitlines()]
    found = dict(zip(lines[0], lines[1], strict=True))  # the first table is of IP: names above, numbers below
    six = [line.split() for line in Path("/proc/net/snmp6").read_text("ascii").splitlines()]
    return int(found["OutNoRoutes"]) + sum(int(number) for name, number in six if name == "Ip6OutNoRoutes")


def main() -> None:
    """Bring loopback up, which a new namespace has and does not use, and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, SET_FLAGS, struct.pack("16sh", b"lo", UP | RUNNING) + bytes(14))
    if sys.argv[1] == COUNTED:
        done = subprocess.run(sys.argv[2:], check=False)
        print(f"{ASKED} {asked_for()}", flush=True)  # noqa: T201
        sys.exit(done.returncode)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


if __name__ == "__main__":
    main()
