"""`tracing bench encode`: the shape and the sense of what it measures, never its times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from scripts.bench import cold_start, folder_run
from scripts.bench.cold_start import ColdStart, Memory
from scripts.bench.encode_report import EncodeReport, print_report
from scripts.bench.folder_run import FolderReport
from scripts.bench.machine import peak_memory, this_machine
from scripts.bench.network import NetworkReport, enough
from scripts.bench.sizes import SizeReport
from scripts.bench.stages import STAGES
from scripts.bench.timing import Compared
from scripts.main import app
from tracing.embeddings.networks import MOST_DIFFERENCE
from tracing.errors import EncoderUnavailable

THEIRS = ("load_image_file", "face_locations", "face_encodings", "network")


@pytest.fixture
def report() -> EncodeReport:
    """What might have been measured."""
    size = SizeReport(
        name="2 megapixels",
        width=1633,
        height=1224,
        file_bytes=600_000,
        faces_ours=1,
        faces_theirs=1,
        whole=Compared(0.03, 0.6, 20.0),
        target=15.0,
        ours=dict.fromkeys(STAGES, 0.005),
        theirs=dict(zip(THEIRS, (0.008, 0.5, 0.092, 0.08), strict=True)),
    )
    network = NetworkReport(
        faces=32,
        batches=Compared(0.005, 0.075, 15.0),
        single=Compared(0.006, 0.075, 12.5),
        largest_difference=4e-7,
        operations_per_face=480_000_000,
        operations_with_padding=540_000_000,
        peak=110e9,
        reached=96e9,
        share=0.87,
    )
    memory = Memory(150 << 20, {"640 pixels": 180 << 20})
    folder = FolderReport(
        photos=200,
        file_bytes=60_000_000,
        cores=2,
        processes=10.0,
        threads=9.0,
        theirs=100.0,
        ratio=10.0,
        found_ours=200,
        found_theirs=199,
        worker_peak=0,
    )
    start = ColdStart(Compared(0.7, 1.2, 1.7), memory, memory)
    return EncodeReport(this_machine(), "dlib-resnet-v1", "yunet", "drawn people", 5, True, (size,), network, start, folder)


def test_people_can_read_off_whether_each_target_is_reached(
    report: EncodeReport, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_report(report)
    shown = capsys.readouterr().out
    assert "20.0 times faster, wanted 15: reached" in shown
    assert "15.0 times faster, wanted 12: reached" in shown
    assert "wanted less than 3 s: reached" in shown
    assert "10.0 times faster, wanted 15: MISSED" in shown
    assert "87% of it" in shown
    assert "4.0e-07" in shown
    assert "unknown MiB" in shown
    for stage in STAGES:
        assert f"│ {stage} " in shown
    assert "12.0 " in next(line for line in shown.splitlines() if "│ align " in line)


def test_the_same_is_read_off_in_chinese(
    report: EncodeReport, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    print_report(report)
    shown = capsys.readouterr().out
    assert "速度为 20.0 倍，要求 15 倍：达到" in shown
    assert "速度为 10.0 倍，要求 15 倍：未达到" in shown
    assert "照片：绘制的人物" in shown
    assert "本系统的一个工作进程最多占用 未知 MiB" in shown
    assert not [stage for stage in STAGES if stage in shown]


def test_few_faces_are_mirrored_and_repeated_until_they_are_enough() -> None:
    chips = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    many = enough(chips, 5)
    assert many.shape == (5, 4, 4, 3)
    assert (many[:2] == chips).all()
    assert (many[2] == chips[0][:, ::-1]).all()
    assert (many[4] == chips[0]).all()
    assert (enough(chips, 1) == chips[:1]).all()


def test_the_memory_of_a_process_that_is_gone_is_unknown() -> None:
    assert peak_memory(2**22 + 1) == 0


def test_a_process_that_fails_while_it_is_measured_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cold_start, "OURS", "raise SystemExit('no model today')")
    with pytest.raises(EncoderUnavailable, match="no model today"):
        cold_start.measure_cold_start("dlib-resnet-v1", [], {"640 pixels": tmp_path / "photo.jpg"}, range(1))


def test_a_program_that_fails_over_a_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(folder_run, "OURS", "raise SystemExit('no model today')")
    with pytest.raises(EncoderUnavailable, match="failed on this folder"):
        folder_run.by_threads(folder_run.Work((tmp_path / "photo.jpg",), "dlib-resnet-v1", (), 1), lambda: None)


def test_our_program_over_a_folder_imports_nothing_of_the_command_that_times_it() -> None:
    """Theirs is a command by itself: what `tracing` and its benches import is no part of encoding a folder."""
    imports = "\n".join(line for line in folder_run.OURS.splitlines() if line.startswith(("import ", "from ")))
    program = f"{imports}\nprint(*[name for name in sys.modules if name.startswith(('scripts', 'sqlalchemy', 'typer'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.long
def test_everything_is_measured_on_drawn_people(tmp_path: Path, own_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_MODELS_DIR", str(own_models))
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    result = CliRunner().invoke(app, ["bench", "encode", "--runs", "1", "--folder", "4", "--json"])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    found = json.loads(result.stdout)
    assert (found["encoder"], found["photos"], found["runs"]) == ("dlib-resnet-v1", "drawn people", 1)
    assert [each["name"] for each in found["sizes"]] == ["640 pixels", "2 megapixels", "12 megapixels"]
    for size in found["sizes"]:
        assert (size["faces_ours"], size["faces_theirs"]) == (1, 1)
        assert (tuple(size["ours"]), tuple(size["theirs"])) == (STAGES, THEIRS)
        assert all(seconds > 0 for seconds in (*size["ours"].values(), *size["theirs"].values(), *size["whole"].values()))
    _the_network_makes_sense(found["network"])
    start = found["cold_start"]
    assert start["first_template"]["ratio"] > 0
    for side in (start["ours"], start["theirs"]):
        peaks = list(side["peaks"].values())
        assert len(peaks) == 3
        assert side["imported"] <= peaks[0] <= peaks[1] <= peaks[2]
    folder = found["folder"]
    assert (folder["photos"], folder["found_ours"], folder["found_theirs"]) == (4, 4, 4)
    assert min(folder[each] for each in ("processes", "threads", "theirs", "ratio")) > 0


def _the_network_makes_sense(network: dict[str, Any]) -> None:
    """dlib's ResNet is 0.27 billion multiplications with their additions, of which 11 % meet padding."""
    assert network["faces"] >= 32
    assert network["largest_difference"] <= MOST_DIFFERENCE
    assert network["operations_with_padding"] == 2 * 270_854_144
    assert network["operations_per_face"] == 2 * 240_871_424
    assert network["batches"]["ratio"] > 0
    assert 0 < network["share"] < 1.5
