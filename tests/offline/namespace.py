"""A machine without any network but loopback: a namespace of its own (Linux), where this system lets us make one."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

UP, RUNNING = 0x1, 0x40
SET_FLAGS = 0x8914


def alone(*command: str) -> list[str]:
    """The command line that runs this one where there is no network."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *as_root, "--net", sys.executable, "-m", "tests.offline.namespace", *command]


def possible() -> bool:
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    return subprocess.run(alone("true"), capture_output=True, check=False).returncode == 0


def main() -> None:
    """Bring loopback up, which a new namespace has and does not use, and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, SET_FLAGS, struct.pack("16sh", b"lo", UP | RUNNING) + bytes(14))
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


if __name__ == "__main__":
    main()
