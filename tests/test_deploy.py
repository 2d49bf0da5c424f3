"""Under systemd and in a container the service has no rights, and writes to nothing but its data folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.conftest import missing

ROOT: Final = Path(__file__).resolve().parents[1]
DEPLOY: Final = ROOT / "deploy"
UNITS: Final = sorted((DEPLOY / "systemd").glob("*.service"))
HARDENING: Final = DEPLOY / "systemd" / "hardening.conf"
CONTAINER: Final = (DEPLOY / "Containerfile").read_text("utf-8")
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
NEEDED: Final = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",  # a root that nobody writes to
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "LimitCORE": "0",
    "StateDirectory": "tracing",
    "StateDirectoryMode": "0700",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
}
EXPOSURE: Final = 1.0
"""What ``systemd-analyze security`` of systemd 252 makes of each unit; 10 is open to everything."""


def settings(path: Path) -> dict[str, list[str]]:
    """name -> its values, of every section."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        if (setting := re.fullmatch(r"(\w+)=(.*)", line)) is not None:
            found[setting[1]].append(setting[2])
    return dict(found)


def folder_of(unit: str) -> str:
    """Where systemd looks for what is added to a unit: its own folder, or that of all whose names begin alike."""
    return "tracing.service.d" if unit == "tracing.service" else "tracing-.service.d"


def test_the_units_are_those_that_the_guide_installs() -> None:
    assert [unit.name for unit in UNITS] == [
        *("tracing-backup.service", "tracing-check.service", "tracing-public.service", "tracing-worker.service"),
        "tracing.service",
    ]
    guide = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for each in [unit for unit in UNITS if "WantedBy" in settings(unit)] + sorted((DEPLOY / "systemd").glob("*.timer")):
        assert re.search(rf"systemctl enable --now .*\b{re.escape(each.name)}", guide), each.name
    assert "install -D -m 0644 deploy/systemd/hardening.conf /etc/systemd/system/$unit.d/hardening.conf" in guide


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_as_nobody_and_not_without_the_hardening(unit: Path) -> None:
    told = settings(unit)
    assert (told["User"], told["Group"]) == (["tracing"], ["tracing"])
    assert told["AssertPathExists"] == [f"/etc/systemd/system/{folder_of(unit.name)}/hardening.conf"]
    assert told.keys().isdisjoint(settings(HARDENING)), "what a unit says itself could take back what all of them have"
    more = {"tracing-backup.service": {"ReadWritePaths": ["/var/backups/tracing"]}}.get(unit.name, {})
    assert {name: told[name] for name in told if name.startswith(("Read", "Bind", "Supplementary", "Permissions"))} == more
    assert not more or all(f" {folder} " in f"{run} " for (folder,) in more.values() for run in told["ExecStart"])


def test_the_backup_is_made_and_read_again_on_the_disk_that_is_waited_for() -> None:
    told = settings(DEPLOY / "systemd" / "tracing-backup.service")
    assert told["ExecStart"] == [
        f"/opt/tracing/.venv/bin/tracing backup {what}/var/backups/tracing --json" for what in ("", "verify ")
    ]
    assert told["RequiresMountsFor"] == told["ReadWritePaths"]


def test_the_hardening_is_whole() -> None:
    told = settings(HARDENING)
    assert {name: told.get(name) for name in NEEDED} == {name: [value] for name, value in NEEDED.items()}
    assert told["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert {name for name in told if name.startswith(("ReadWrite", "Bind"))} == set(), "one folder is written to"


def installed(folder: Path) -> dict[str, str]:
    """The units as the guide installs them, over a program that is there; the environment that finds them."""
    program = folder / "opt" / "tracing" / ".venv" / "bin" / "tracing"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/tracing", str(folder / "opt" / "tracing"))
        (folder / unit.name).write_text(text, "utf-8")
        (folder / folder_of(unit.name)).mkdir(exist_ok=True)
        shutil.copy(HARDENING, folder / folder_of(unit.name) / "hardening.conf")
    return {"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"}


def analyzed(where: dict[str, str], *words: str) -> str:
    if shutil.which("systemd-analyze") is None:
        missing("systemd", "systemd-analyze is not on this machine")
    told = subprocess.run(["systemd-analyze", *words, "--no-pager"], env=where, capture_output=True, text=True, check=False)
    return told.stdout + told.stderr


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    where = installed(tmp_path)
    assert analyzed(where, "verify", *(str(tmp_path / unit.name) for unit in UNITS)) == ""
    (tmp_path / "tracing.service.d" / "hardening.conf").write_text("[Service]\nProtectSistem=strict\n", "utf-8")
    assert "ProtectSistem" in analyzed(where, "verify", str(tmp_path / "tracing.service")), "it does read the hardening"


@pytest.mark.parametrize("unit", [unit.name for unit in UNITS])
def test_systemd_finds_hardly_anything_exposed(tmp_path: Path, unit: str) -> None:
    told = analyzed(installed(tmp_path), "security", "--offline=yes", str(tmp_path / unit))
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= EXPOSURE, told


def test_the_container_has_a_user_without_rights_and_runs_nothing_as_root() -> None:
    last = CONTAINER.rsplit("\nFROM ", 1)[1]
    said = re.findall(r"^([A-Z]+) (.*)$", last, re.MULTILINE)
    users = [value for name, value in said if name == "USER"]
    assert users == ["10001:10001"], "a number, so that whoever starts it can see that it is not root"
    after = [name for name, _ in said[[name for name, _ in said].index("USER") :]]
    assert "RUN" not in after
    assert "--shell /usr/sbin/nologin" in last
    assert [value for name, value in said if name == "VOLUME"] == ["/var/lib/tracing"]
    assert not re.search(r"^ADD|https?://(?!127\.0\.0\.1)|KEY|SECRET", CONTAINER, re.MULTILINE)


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_writes_to_its_data_folder_alone(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["data:/var/lib/tracing"]
    assert all({"noexec", "nosuid", "nodev"} <= set(each.split(":")[1].split(",")) for each in service["tmpfs"])
    assert all(each.startswith("127.0.0.1:") for each in service.get("ports", []))
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid", "ipc"} & service.keys()


def test_a_proxy_on_the_machine_comes_in_by_an_address_that_is_believed() -> None:
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    for name in ("web", "public"):
        assert COMPOSE["services"][name]["environment"]["TRACING_TRUSTED_PROXIES"] == network["gateway"]


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_each_container_that_answers_is_asked_on_its_own_port_whether_it_is_ready(name: str) -> None:
    service = COMPOSE["services"][name]
    asked = str(service.get("healthcheck", re.findall(r"^ *CMD .*health.*$", CONTAINER, re.MULTILINE)))
    for port in service.get("ports", []):
        assert f"127.0.0.1:{port.rsplit(':', 1)[1]}/health/ready" in asked
    assert ("disable" in asked) is (not service.get("ports")), "nobody asks what listens to nobody"


def test_what_is_installed_is_installed_by_the_same_steps_everywhere() -> None:
    step = "sh scripts/install.sh"
    assert step in CONTAINER
    assert step in (ROOT / "Makefile").read_text("utf-8")
    assert "--require-hashes" in (ROOT / "scripts" / "install.sh").read_text("utf-8")
