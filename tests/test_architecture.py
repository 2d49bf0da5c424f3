"""The borders between the parts, held by import contracts; and proof that the contracts can fail."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("tracing", "api", "scripts")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True)


def test_the_import_contracts_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("tracing/review.py", "import sqlalchemy"),
        ("tracing/matching.py", "from tracing.store import database"),
        ("tracing/intake.py", "import PIL"),
        ("tracing/gallery.py", "import faiss"),
        ("tracing/sharing.py", "import pymilvus"),
        ("api/deps.py", "import pymilvus"),
        ("tracing/errors.py", "from tracing import ports"),
        ("tracing/store/keys.py", "import tracing.embeddings.imaging"),
        ("tracing/index/exact.py", "import dlib"),
        ("api/deps.py", "import scripts.output"),
        ("scripts/cases.py", "import sqlalchemy"),
        ("tracing/bootstrap.py", "import fastapi"),
        ("tracing/worker.py", "import rich"),
        ("tracing/embeddings/workplace.py", "import distributed"),
        ("scripts/reindex.py", "import dask"),
        ("tracing/accounts.py", "import httpx2"),
        ("api/staff/signin.py", "import authlib"),
        ("api/public/pages.py", "import api.staff.words"),
        ("api/public/visit.py", "from tracing import review"),
        ("tracing/clues/profile.py", "import pypinyin"),
        ("api/deps.py", "import rapidfuzz"),
    ],
)
def test_a_planted_violation_is_found(module: str, line: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    victim = tmp_path / module
    victim.write_text(victim.read_text() + f"\n\ndef _planted() -> None:\n    {line}\n")
    result = lint_imports(tmp_path)
    assert result.returncode != 0, result.stdout
    assert "broken" in result.stdout


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for package in ("tracing", "api")
        for file in (ROOT / package).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", file.read_text())
    }
    assert readers == set()


def test_importing_the_service_loads_no_model_and_no_paper() -> None:
    heavy = ("face_recognition", "dlib", "faiss", "pymilvus", "onnxruntime", "pillow_heif", "dask", "distributed")
    heavy += ("fpdf", "fontTools")
    everything = "tracing.bootstrap, api.app; from scripts.main import COMMANDS, whole; [whole(each) for each in COMMANDS]"
    code = f"import sys, {everything}; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_list_of_commands_is_there_without_the_service() -> None:
    heavy = ("tracing.bootstrap", "tracing.config", "sqlalchemy", "pydantic", "uvicorn")
    code = f"import sys, scripts.main; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_process_for_photos_begins_without_the_command_line_and_the_database() -> None:
    """multiprocessing imports in every new process the module that the command began with."""
    heavy = ("typer", "sqlalchemy", "fastapi", "scripts.main", "tracing.domain", "tracing.embeddings.conversion")
    code = f"import sys, scripts.__main__, tracing.embeddings.catalog; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
    assert 'tracing = "scripts.__main__:main"' in (ROOT / "pyproject.toml").read_text()


def test_processes_for_photos_are_started_before_anything_large_is_loaded() -> None:
    code = "import sys, tracing.embeddings.pool; print([m for m in ('numpy', 'PIL', 'tracing.ports') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_no_file_names_a_registry() -> None:
    """Packages are reached by name alone, so that the project builds behind any mirror."""
    hosts = re.compile(r"(pypi|pythonhosted|npmjs|debian)\.(org|net|com)")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    guilty = [name for name in listed if (ROOT / name).is_file() and hosts.search((ROOT / name).read_text(errors="ignore"))]
    assert [name for name in guilty if name != "tests/test_architecture.py"] == []
    assert "://" not in (ROOT / "requirements.lock").read_text()


OPTIONAL = {"psycopg", "pymilvus", "distributed", "dask", "matplotlib", "apprise", "locust"}
"""Of the extras: whatever needs one of these imports it where it is used, or is a module that only then is loaded."""


def imported_at_start(source: str) -> set[str]:
    """Top-level names that a module imports as it is loaded: not inside of a function, nor for types alone."""
    found: set[str] = set()

    def walk(nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.Import):
                found.update(each.name.split(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
            elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                walk(node.orelse)
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                walk(ast.iter_child_nodes(node))

    walk(ast.parse(source).body)
    return found


def test_a_machine_that_only_serves_has_every_package_that_is_imported_at_the_start() -> None:
    """`deploy/requirements.lock` leaves out what developers need; the service has to start with the rest."""
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "deploy" / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    names = {file: imported_at_start(file.read_text("utf-8")) for each in PACKAGES for file in (ROOT / each).rglob("*.py")}
    foreign = set().union(*names.values()) - set(sys.stdlib_module_names) - set(PACKAGES) - OPTIONAL
    assert {"fastapi", "numpy", "PIL", "sqlalchemy"} <= foreign
    distributions = packages_distributions()
    missing = {name for name in foreign if not {normal(each) for each in distributions.get(name, [name])} & locked}
    assert {name: [str(file) for file in names if name in names[file]] for name in missing} == {}


def test_an_import_at_the_start_is_seen_and_one_in_a_function_is_not() -> None:
    source = "import a.b\ntry:\n  from c import d\nexcept ImportError:\n  pass\ndef f():\n  import g\nclass H:\n  import i\n"
    assert imported_at_start(source) == {"a", "c", "i"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
