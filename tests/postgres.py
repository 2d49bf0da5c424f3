"""A private PostgreSQL server for the tests: started in a folder of its own, reached by a socket in it, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg

SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB -c listen_addresses=''"


def server_programs() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``: that of the newest installed server, or wherever they are found."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return folders[-1].parent if folders else None


def _ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class PrivateCluster:
    """A server with a database per call of ``fresh_database``."""

    def __init__(self, programs: Path, options: str = SPEED) -> None:
        self._programs = programs
        self._options = options
        self._user = _ordinary_user()
        self.folder = Path(tempfile.mkdtemp(prefix="tracing-pg-"))
        if self._user:
            shutil.chown(self.folder, self._user)
        self._numbers = count(1)

    def start(self) -> None:
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.resume()

    def resume(self) -> None:
        """Start the server over what is there."""
        data, options = str(self.folder / "data"), f"{self._options} -k {self.folder}"
        self._run("pg_ctl", "-D", data, "-l", str(self.folder / "log"), "-w", "-t", "60", "-o", options, "start")

    def break_down(self) -> None:
        """The server is gone in the middle of everything; ``resume`` brings it back."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def stand_by(self) -> None:
        """From now on it answers questions and takes nothing, as the copy of another server does."""
        self.break_down()
        signal = self.folder / "data" / "standby.signal"
        signal.touch()
        if self._user:
            shutil.chown(signal, self._user)
        self.resume()

    def promote(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "promote")

    def stop(self) -> None:
        try:
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def fresh_database(self, template: str = "template0") -> str:
        """The name of a new database, empty or a copy of another one."""
        name = f"tests_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if self._user:
            command = ["setpriv", f"--reuid={self._user}", "--clear-groups", *command]
        # Not through pipes: the server keeps them open, and reading would wait for its end.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=subprocess.STDOUT, timeout=120, check=False)
            said.seek(0)
            if done.returncode != 0:
                raise RuntimeError(f"{program} failed: {said.read().decode(errors='replace')}")
