"""Do a unit and a crontab line run the very command that was meant, at the time that was meant?"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.cli import main
from toolkit.errors import UsageError
from toolkit.reporting.schedule import FAILED, cron_line, make_job, parse_every, systemd_units

ODD = 'a b%c $HOME ${x} d\'e "f" %i \\g;&|#*é'
FIELD = re.compile(r"\*|\d+(,\d+)*")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


@pytest.mark.parametrize(
    ("text", "systemd", "cron"),
    [
        ("Mon 06:00", "Mon *-*-* 06:00:00", "0 6 * * 1"),
        ("sunday 6:05", "Sun *-*-* 06:05:00", "5 6 * * 0"),
        ("Mon..Fri 18:30", "Mon,Tue,Wed,Thu,Fri *-*-* 18:30:00", "30 18 * * 1,2,3,4,5"),
        ("tue-wed,Sat 00:00", "Tue,Wed,Sat *-*-* 00:00:00", "0 0 * * 2,3,6"),
        ("06:00", "*-*-* 06:00:00", "0 6 * * *"),
        ("*:15", "*-*-* *:15:00", "15 * * * *"),
        ("1 06:00", "*-*-01 06:00:00", "0 6 1 * *"),
        ("hourly", "*-*-* *:00:00", "0 * * * *"),
        ("Daily", "*-*-* 00:00:00", "0 0 * * *"),
        ("weekly", "Mon *-*-* 00:00:00", "0 0 * * 1"),
        ("monthly", "*-*-01 00:00:00", "0 0 1 * *"),
    ],
)
def test_a_time_means_the_same_to_both(text: str, systemd: str, cron: str) -> None:
    """And systemd reads it as it was meant: in its normal form nothing changes but its abbreviations."""
    calendar = parse_every(text)
    assert (calendar.systemd, calendar.cron) == (systemd, cron)
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "calendar", systemd], capture_output=True, text=True, check=True)
        assert "Next elapse" in done.stdout
        normal = re.search(r"Normalized form: (.*)", done.stdout)
        shown = systemd if normal is None else normal[1]
        assert shown.replace("Mon..Fri", "Mon,Tue,Wed,Thu,Fri").replace("Tue..Wed", "Tue,Wed") == systemd


@pytest.mark.parametrize(
    "text",
    ["", "Mon", "6", "24:00", "06:60", "Moo 06:00", "Mond 06:00x", "Fri..Mon 06:00", "29 06:00", "0 06:00", "06:00:00",
     "Mon 06:00\nExecStart=/bin/sh", "* * * * *", "Mon,,Tue 06:00", "every day", "%h 06:00"],
)  # fmt: skip
def test_an_unreadable_time_is_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"write a time such as 'Mon 06:00'") as error:
        parse_every(text)
    assert "\n" not in str(error.value)


@pytest.fixture
def odd(tmp_path: Path) -> tuple[Path, Path]:
    """An interpreter that writes its arguments to a file, in a folder with an odd name; that file."""
    folder = tmp_path / ODD
    folder.mkdir()
    python, told = folder / "python", tmp_path / "told.json"
    code = f"import json, sys; json.dump(sys.argv[1:], open({str(told)!r}, 'w'))"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"\n')
    python.chmod(0o755)
    return python, told


def arguments(python: Path) -> list[str]:
    """What the odd interpreter must be told."""
    stream = python.parent / "stream"
    return ["-P", "-m", "toolkit", "run", str(stream), "--out", str(stream), "--fail-on", "act", "--notify", "env:A"]


def job(python: Path):
    stream = python.parent / "stream"
    return make_job("tickets", stream, stream, python=str(python), fail_on="act", notify=["env:A"])


def by_cron(line: str) -> list[str]:
    """Five fields and the command, as Vixie's cron hands it to the shell; refuses what it would refuse."""
    fields = line.split(" ", 5)
    for text, (low, high) in zip(fields, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)), strict=False):
        assert FIELD.fullmatch(text)
        assert text == "*" or all(low <= int(n) <= high for n in text.split(","))
    command, escaped = "", False
    for character in fields[5]:
        if escaped:
            command = command[:-1] + character if character == "%" else command + character
            escaped = False
            continue
        assert character not in "%\n", "cron would end the command here"
        escaped = character == "\\"
        command += character
    return [*fields[:5], command]


def test_cron_runs_the_very_command(odd: tuple[Path, Path], tmp_path: Path) -> None:
    """Through cron's reading and a real shell; a run that still lasts is not overtaken."""
    python, told = odd
    line = cron_line(job(python), parse_every("Mon 06:00"))
    *fields, command = by_cron(line)
    assert fields == ["0", "6", "*", "*", "1"]
    there = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}  # all that cron gives
    subprocess.run(["/bin/sh", "-c", command], check=True, env=there)
    assert json.loads(told.read_text()) == arguments(python)
    told.unlink()
    (lock,) = (tmp_path / ".cache/streamreview").iterdir()
    holder = subprocess.Popen(
        ["flock", str(lock), "sh", "-c", "echo held; sleep 30"], stdout=subprocess.PIPE, start_new_session=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert subprocess.run(["/bin/sh", "-c", command], check=False, env=there).returncode == 6
    assert not told.exists()
    os.killpg(holder.pid, signal.SIGKILL)  # with its child, which has the pipe too
    holder.communicate()


def by_systemd(unit: str) -> list[str]:
    """The words of ExecStart= as systemd.service(5) describes: C escapes in double quotes, %% for %, ':' first."""
    (line,) = (line for line in unit.splitlines() if line.startswith("ExecStart="))
    first, rest = line.removeprefix("ExecStart=").split(" ", 1)
    assert first == ":/usr/bin/env"
    words = re.findall(r'"((?:[^"\\]|\\["\\])*)"(?: |$)', rest)
    assert " ".join(f'"{word}"' for word in words) == rest
    assert all(set(re.findall(r"%+", word)) <= {"%%"} for word in words)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in words]


def test_systemd_runs_the_very_command(odd: tuple[Path, Path]) -> None:
    """The words, and started by env with them."""
    python, told = odd
    units = systemd_units(job(python), parse_every("Mon 06:00"))
    words = by_systemd(units["streamreview-tickets.service"])
    assert words == [str(python), *arguments(python)]
    subprocess.run(["/usr/bin/env", *words], check=True)
    assert json.loads(told.read_text()) == arguments(python)


@needs_systemd
def test_systemd_accepts_the_units(odd: tuple[Path, Path], tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing in them, and does find what is put there wrong."""
    folder = tmp_path / "units"
    folder.mkdir()
    units = systemd_units(job(odd[0]), parse_every("Mon..Fri 06:00"))
    assert set(units) == {"streamreview-tickets.service", "streamreview-tickets.timer", FAILED}
    for name, text in units.items():
        (folder / name).write_text(text)
    shutil.copy(folder / FAILED, folder / FAILED.replace("@", "@streamreview-tickets.service"))

    def verified() -> tuple[int, str]:
        paths = [str(p) for p in sorted(folder.iterdir()) if p.name != FAILED]
        done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
        return done.returncode, "\n".join(x for x in done.stderr.splitlines() if "streamreview" in x)

    assert verified() == (0, "")
    assert "Persistent=true" in units["streamreview-tickets.timer"]
    assert "OnFailure=streamreview-failed@%n.service" in units["streamreview-tickets.service"]
    service = folder / "streamreview-tickets.service"
    service.write_text(service.read_text().replace("ExecStart=:/usr/bin/env", "ExecStart=:/nowhere/env"))
    assert verified()[0] != 0


@pytest.mark.parametrize("path", ["a\nb", "a\x1bb"])
def test_a_path_that_no_unit_can_hold_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="rename the folder"):
        make_job("s", Path("/") / path, Path("/r"), python="/p")


def test_what_cron_cannot_be_told_is_refused() -> None:
    with pytest.raises(UsageError, match="use systemd"):
        cron_line(make_job("s", Path("/a\\%b"), Path("/r"), python="/p"), parse_every("daily"))


def test_a_secret_is_not_written_into_a_unit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="use env:NAME") as error:
        make_job("s", tmp_path, tmp_path, python="/p", notify=["json://token@host"])
    assert "token" not in str(error.value)


@pytest.fixture
def stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stream, and programs `crontab` and `systemctl` that keep what they are told in files."""
    (tmp_path / "stream").mkdir()
    (tmp_path / "stream/stream.toml").write_text('name = "tickets"\n')
    tools = tmp_path / "tools"
    tools.mkdir()
    table, calls = shlex.quote(str(tmp_path / "table")), shlex.quote(str(tmp_path / "calls"))
    (tools / "crontab").write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then cat {table} 2>/dev/null || {{ echo "no crontab for x" >&2; exit 1; }}; '
        f"else cat > {table}; fi\n"
    )
    (tools / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {calls}\n[ ! -e {calls}.refuse ]\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "stream"


def test_a_crontab_keeps_its_other_lines(stream: Path, tmp_path: Path) -> None:
    """Installed into none, again at another time, between lines of somebody else."""
    order = ["schedule", str(stream), "--out", str(tmp_path / "r"), "--install", "cron", "--every"]
    assert main([*order, "Mon 06:00"]) == 0
    table = tmp_path / "table"
    assert table.read_text().startswith("# streamreview tickets\n0 6 * * 1 ")
    table.write_text("MAILTO=x\n" + table.read_text() + "1 1 * * * other\n")
    assert main([*order, "Tue 07:00"]) == 0
    lines = table.read_text().splitlines()
    assert [lines[0], lines[1], lines[3]] == ["MAILTO=x", "# streamreview tickets", "1 1 * * * other"]
    assert lines[2].startswith("0 7 * * 2 ")
    assert len(lines) == 4
    by_cron(lines[2])


def test_units_are_installed_and_started(stream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Again at another time; what the user made of the unit for failures stays; refusals are one line."""
    order = ["schedule", str(stream), "--out", str(tmp_path / "r"), "--install", "systemd", "--every"]
    assert main([*order, "Mon 06:00"]) == 0
    units = tmp_path / "config/systemd/user"
    (units / FAILED).write_text("mine")
    assert main([*order, "Tue 07:00"]) == 0
    assert "OnCalendar=Tue *-*-* 07:00:00" in (units / "streamreview-tickets.timer").read_text()
    assert (units / FAILED).read_text() == "mine"
    told = ["--user daemon-reload", "--user enable --now streamreview-tickets.timer"]
    assert (tmp_path / "calls").read_text().splitlines() == told * 2
    other = tmp_path / "other"
    shutil.copytree(stream, other)
    assert main(["schedule", str(other), "--install", "systemd", "--every", "daily"]) == 2
    (tmp_path / "calls.refuse").write_text("")
    capsys.readouterr()
    assert main([*order, "Tue 07:00"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "wrong",
    [["--every", "x"], ["--every", "daily", "--install", "at"], ["--every", "daily", "--print", "at"], [],
     ["--every", "daily", "--fail-on", "acts"]],
)  # fmt: skip
def test_wrong_usage_is_2(wrong: list[str], stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", str(stream), *wrong]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_printing_installs_nothing(stream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", str(stream), "--every", "Mon 06:00"]) == 0
    assert "OnCalendar=Mon *-*-* 06:00:00" in capsys.readouterr().out
    assert main(["schedule", str(stream), "--every", "Mon 06:00", "--print", "cron"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert str(stream) in by_cron(line)[5]
    assert not (tmp_path / "config").exists()
    assert not (tmp_path / "table").exists()
