"""Does every outcome of a command end in its exit code, with one line on stderr where it fails?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit.cli import main
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold

ROOT = Path(__file__).parents[2]


def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | more,
    )


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """A stream whose log is one row."""
    folder = tmp_path / "stream"
    folder.mkdir()
    (folder / "stream.toml").write_text('name = "s"\n[[tasks]]\nname = "a"\n')
    (folder / "evaluations.csv").write_text("stage,task,item,score\n1,a,x,1\n")
    return folder


@pytest.mark.parametrize(
    "wrong",
    [
        ["nonsense"],
        ["run"],
        ["run", "/nowhere/at/all"],
        ["run", "STREAM", "--release", "../x"],
        ["run", "STREAM", "--release", "latest"],
        ["run", "STREAM", "--fail-on", "acts"],
        ["run", "STREAM", "--baseline", "2020"],
        ["run", "STREAM", "--jobs", "many"],
        ["run", "STREAM", "--timeout", "-1"],
        ["run", "STREAM", "--template", "/nowhere"],
        ["check", "/nowhere/at/all"],
        ["init", "/nowhere/at/all"],
        ["init", "STREAM"],
        ["index", "--out", "/nowhere/at/all"],
        ["--nonsense"],
    ],
)
def test_wrong_usage_is_2_and_one_line(
    wrong: list[str], stream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(stream) if word == "STREAM" else word for word in wrong]
    out = ["--out", str(tmp_path / "reports")] if words[0] == "run" else []
    assert main([*words, *out]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_rejected_log_is_4(stream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For check and for run, which publishes nothing; and for a stream.toml that cannot be read."""
    (stream / "evaluations.csv").write_text("stage,task,item,score\n1,a,x,7\n")
    assert main(["check", str(stream)]) == 4
    assert main(["run", str(stream), "--out", str(tmp_path / "reports")]) == 4
    (stream / "stream.toml").write_text("name = \n")
    assert main(["check", str(stream)]) == 4
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert all(line.startswith("streamreview: ") for line in errors)
    assert not (tmp_path / "reports/s").exists()


def test_a_busy_stream_is_6(stream: Path, tmp_path: Path) -> None:
    with hold(Layout(tmp_path / "reports"), "s"):
        done = call("run", str(stream), "--out", str(tmp_path / "reports"))
    assert done.returncode == 6
    assert f"pid {os.getpid()}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_traceback_appears_with_debug_only(stream: Path) -> None:
    arguments = ["run", str(stream), "--release", "a/b"]
    plain, debug = call(*arguments), call("--debug", *arguments)
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr


def test_names_in_messages_cannot_command_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "a\x1b[31m\nb")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "\x1b" not in error


def test_help_imports_nothing_heavy() -> None:
    """`--help` answers at once, because nothing that analyses import is loaded."""
    heavy = ("pandas", "numpy", "duckdb", "matplotlib", "papermill", "nbconvert", "pydantic", "rich")
    code = (
        f"import sys\nfrom toolkit.cli import main\nmain(['--help'])\nprint([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_and_no_command() -> None:
    assert call("--version").stdout.startswith("streamreview ")
    nothing = call()
    assert nothing.returncode == 2
    assert "Usage: streamreview" in nothing.stdout


def test_a_reader_that_leaves_early_is_no_error(stream: Path) -> None:
    command = f"{sys.executable} -m toolkit check {stream} | head -1"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_termination_puts_the_run_away(stream: Path, tmp_path: Path) -> None:
    """SIGTERM, as a scheduler sends it: one line, 143, remains under .failed, stream free again."""
    reports = tmp_path / "reports"
    process = subprocess.Popen(
        [sys.executable, "-m", "toolkit", "run", str(stream), "--out", str(reports)],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    for _ in range(300):
        if list(reports.glob(".builds/*.partial")):
            break
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 143, error
    assert error.count("\n") == 1
    (failed,) = (reports / ".failed").iterdir()
    assert (failed / "reason.txt").read_text().count("\n") == 1
    with hold(Layout(reports), "s"):
        pass


def test_init_writes_a_config_that_check_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns by other names; what is written is read back, and is never overwritten."""
    folder = tmp_path / "log"
    folder.mkdir()
    rows = "".join(f"{e},t{t},{i},{(e + i) % 2}\n" for e in (1, 2) for t in (1, 2) for i in range(4))
    (folder / "evaluations.csv").write_text("epoch,dataset,example_id,accuracy\n" + rows)
    assert main(["init", str(folder)]) == 0
    text = (folder / "stream.toml").read_text()
    assert main(["check", str(folder)]) == 0
    assert "evaluations\t16\t16\t0" in capsys.readouterr().out
    assert main(["init", str(folder)]) == 2
    assert (folder / "stream.toml").read_text() == text


def test_index_of_an_empty_folder_and_a_broken_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is named on the page and ends in 1."""
    assert main(["index", "--out", str(tmp_path)]) == 0
    (tmp_path / "s/1").mkdir(parents=True)
    (tmp_path / "s/1/results.json").write_text(json.dumps({"release": "1"}))
    assert main(["index", "--out", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert "cannot be read" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--config", "x.toml", "--release", "1", "--force"], "with --config, leave out --release, --force"),
        (["--config", "x.toml", "--notify", "json://a"], "with --config, leave out --notify"),
        (["--from", "reports/x", "--fail-on", "act"], "with --from, leave out --fail-on"),
    ],
)
def test_an_option_that_would_have_no_effect_is_refused(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rather than dropped; those that do go with it are not."""
    assert main(["run", *arguments]) == 2
    assert named in capsys.readouterr().err
    assert main(["run", "--from", "nowhere", "--jobs", "2"]) == 2
    assert "holds no results.json" in capsys.readouterr().err
