"""`streamreview schedule`: prints, or installs for the user who calls it, what runs a stream by the clock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from toolkit.cli.show import say
from toolkit.errors import RunFailed, UsageError
from toolkit.reporting.schedule import FAILED, Calendar, Job, cron_line, make_job, parse_every, systemd_units

KINDS = ("systemd", "cron")


def schedule(
    stream: Path,
    *,
    url: str | None = None,
    every: str,
    reports: Path,
    install: str | None,
    show: str | None,
    fail_on: str | None,
    notify: Sequence[str],
) -> int:
    """Print or install the units or the cron line. url: where the stream lies, if not in a folder.

    Raises UsageError, LogRejected, or RunFailed with what to do.
    """
    from toolkit.logs.config import load_config
    from toolkit.reporting.gate import parse_fail_on

    for option, kind in (("--install", install), ("--print", show)):
        if kind is not None and kind not in KINDS:
            raise UsageError(f"{option}: unknown {kind!r}; use one of {', '.join(KINDS)}")
    if not stream.is_dir():
        raise UsageError(f"{stream}: no such folder; name the folder of a stream's log")
    parse_fail_on(fail_on)
    calendar = parse_every(every)
    _check(every, calendar)
    name = load_config(stream).name
    job = make_job(name, url or stream, reports, python=_interpreter(), fail_on=fail_on, notify=notify)
    if show is not None or install is None:
        _print(job, calendar, show or "systemd")
    if install == "systemd":
        _install_systemd(job, calendar)
    elif install == "cron":
        _install_cron(job, calendar)
    return 0


def _interpreter() -> str:
    # Not resolved: the link inside a virtual environment is what makes it one.
    if not os.path.isabs(sys.executable):
        raise RunFailed("the interpreter's path is not known; call streamreview by the path of its environment")
    return sys.executable


def _check(every: str, calendar: Calendar) -> None:
    """Ask systemd whether it reads the time as well, where it is installed."""
    if shutil.which("systemd-analyze") is None:
        return
    done = _call(["systemd-analyze", "calendar", calendar.systemd])
    if done.returncode:
        raise UsageError(f"--every {every!r}: systemd does not read {calendar.systemd!r}; write another time")


def _print(job: Job, calendar: Calendar, kind: str) -> None:
    if kind == "cron":
        say(cron_line(job, calendar))
        return
    for name, text in systemd_units(job, calendar).items():
        say(f"# {name}")
        for line in text.splitlines():
            say(line)
        say()


def _install_systemd(job: Job, calendar: Calendar) -> None:
    from toolkit.reporting.publish import write_atomically

    if shutil.which("systemctl") is None:
        raise RunFailed("systemctl: not found; use --install cron, or print the units with --print systemd")
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd/user"
    units = systemd_units(job, calendar)
    service = folder / f"{job.unit}.service"
    if service.is_file() and _ran(service.read_text(encoding="utf-8")) not in (None, _ran(units[service.name])):
        raise UsageError(
            f"{service}: runs another stream of this name, or into other reports; remove it or rename one of them"
        )
    try:
        for name, text in units.items():
            if name != FAILED or not (folder / name).exists():
                write_atomically(folder / name, text)
                say(f"Written: {folder / name}")
    except OSError as error:
        raise RunFailed(f"{folder}: cannot be written ({error.strerror}); print the units with --print") from None
    for order in (["daemon-reload"], ["enable", "--now", f"{job.unit}.timer"]):
        done = _call(["systemctl", "--user", *order])
        if done.returncode:
            why = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
            raise RunFailed(
                f"systemctl --user {' '.join(order)}: {why}; the units lie in {folder}, call this again at login"
            )
    say("It runs while you are logged in; `loginctl enable-linger` lets it run always.")


def _ran(unit: str) -> str | None:
    """What of a unit's command tells the stream and its reports: interpreter and further options may change."""
    line = next((line for line in unit.splitlines() if line.startswith("ExecStart=")), "")
    _, found, rest = line.partition(' "run" ')
    return " ".join(rest.split('" "')[:3]).rstrip('"') if found else None


def _install_cron(job: Job, calendar: Calendar) -> None:
    if shutil.which("crontab") is None:
        raise RunFailed("crontab: not found; use --install systemd, or print the line with --print cron")
    listed = _call(["crontab", "-l"])
    if listed.returncode and "no crontab" not in listed.stderr:
        raise RunFailed(f"crontab -l: {' '.join(listed.stderr.split())}; print the line with --print cron")
    mark = f"# streamreview {job.name}"
    lines = listed.stdout.splitlines() if listed.returncode == 0 else []
    place = lines.index(mark) if mark in lines else len(lines)
    lines[place : place + 2] = [mark, cron_line(job, calendar)]
    done = _call(["crontab", "-"], "\n".join(lines) + "\n")
    if done.returncode:
        raise RunFailed(f"crontab: {' '.join(done.stderr.split())}; print the line with --print cron")
    say(f"Installed in the crontab of this user, below the line {mark!r}")


def _call(order: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603  (our own words)
            order, input=given, capture_output=True, text=True, check=False, timeout=60, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunFailed(f"{' '.join(order[:2])}: {type(error).__name__}; print it with --print instead") from None
