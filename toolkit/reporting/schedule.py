"""How is a stream reviewed by the clock? Writes the systemd units and the cron line that call `streamreview run`.

Both call the same command with absolute paths, need nothing of a login shell, and are started by what the machine
already runs. A time is read once and written in either's own words, so that they mean the same.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import UsageError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WORDS = {
    "hourly": "*:00",
    "daily": "00:00",
    "weekly": "Mon 00:00",
    "monthly": "1 00:00",
}
_TIME = re.compile(r"(?:(?P<when>[A-Za-z0-9,.-]+)\s+)?(?P<hour>\*|\d{1,2}):(?P<minute>\d{2})")
_EXAMPLES = "'Mon 06:00', 'Mon..Fri 06:00', '06:00', '1 06:00' (day of the month), '*:15', hourly, daily, weekly"


@dataclass(frozen=True)
class Calendar:
    """When to run: days of the week (0 Monday; empty: all) or a day of the month; hour None for every hour."""

    weekdays: tuple[int, ...]
    monthday: int | None
    hour: int | None
    minute: int

    @property
    def systemd(self) -> str:
        """As OnCalendar= of a timer."""
        days = ",".join(DAYS[day] for day in self.weekdays)
        date = "*-*-*" if self.monthday is None else f"*-*-{self.monthday:02}"
        hour = "*" if self.hour is None else f"{self.hour:02}"
        return f"{days} {date} {hour}:{self.minute:02}:00".strip()

    @property
    def cron(self) -> str:
        """As the five fields of a crontab line."""
        days = ",".join(str((day + 1) % 7) for day in self.weekdays) or "*"
        return f"{self.minute} {'*' if self.hour is None else self.hour} {self.monthday or '*'} * {days}"


@dataclass(frozen=True)
class Job:
    """What is to be run: the stream's name, and the command as words with absolute paths."""

    name: str
    command: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The name of the units, without suffix."""
        return f"streamreview-{self.name}"


def parse_every(text: str) -> Calendar:
    """The time that `--every` means. Raises UsageError with one line where it cannot be read."""
    given = " ".join(text.split())
    match = _TIME.fullmatch(_WORDS.get(given.lower(), given))
    if match is None:
        raise _unreadable(text, "not understood")
    weekdays, monthday = _days(text, match["when"])
    hour = None if match["hour"] == "*" else int(match["hour"])
    if hour is not None and hour > 23:
        raise _unreadable(text, "an hour is at most 23")
    if int(match["minute"]) > 59:
        raise _unreadable(text, "a minute is at most 59")
    return Calendar(weekdays, monthday, hour, int(match["minute"]))


def make_job(
    name: str,
    stream: Path | str,
    reports: Path,
    *,
    python: str,
    fail_on: str | None = None,
    notify: Sequence[str] = (),
) -> Job:
    """The job that reviews a stream. stream: its folder or URL. python: absolute path of the interpreter.

    -P keeps a folder called `toolkit` in the working folder from being taken for the package.
    Raises UsageError for paths that no unit and no crontab can hold.
    """
    if "=" in python:
        raise UsageError(f"{python}: a path with '=' cannot be scheduled; make the environment in another folder")
    place = str(stream.absolute()) if isinstance(stream, Path) else stream
    words = [python, "-P", "-m", "toolkit", "run", place, "--out", str(reports.absolute())]
    words += ["--fail-on", fail_on] if fail_on is not None else []
    for address in notify:
        if not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", address):
            raise UsageError("--notify: an address in a unit or crontab is no secret; use env:NAME")
        words += ["--notify", address]
    for word in words:
        if any(ord(character) < 32 or ord(character) == 127 for character in word):
            raise UsageError(f"{word!r}: a path with control characters cannot be scheduled; rename the folder")
    return Job(name, tuple(words))


def systemd_units(job: Job, calendar: Calendar) -> dict[str, str]:
    """Unit files by name: the service, its timer, and the one that is started when it fails."""
    from toolkit.resources import templates_folder

    folder = templates_folder() / "schedule"
    values = {
        "name": job.name,
        "unit": job.unit,
        "command": systemd_command(job.command),
        "calendar": calendar.systemd,
    }

    def filled(name: str) -> str:
        text = (folder / name).read_text(encoding="utf-8")
        return re.sub(r"@([a-z]+)@", lambda match: values[match[1]], text)

    return {
        f"{job.unit}.service": filled("run.service"),
        f"{job.unit}.timer": filled("run.timer"),
        FAILED: filled("failed.service"),
    }


FAILED = "streamreview-failed@.service"


def cron_line(job: Job, calendar: Calendar) -> str:
    """The line of a crontab.

    flock keeps a run that takes long from being overtaken by the next; its file is another than the stream's own
    lock, which the run itself takes, and lies where only the user writes. What fails is said on stderr, which
    cron sends by mail.
    """
    token = hashlib.sha256("\0".join(job.command).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    folder = '"${XDG_CACHE_HOME:-$HOME/.cache}/streamreview"'
    lock = f"{folder}/{shlex.quote(f'{job.name}-{token}.lock')}"
    run = " ".join(shlex.quote(word) for word in job.command)
    command = f"mkdir -p {folder} && flock -n -E 6 {lock} {run} >/dev/null"
    return f"{calendar.cron} {cron_escaped(command)}"


def cron_escaped(command: str) -> str:
    """A shell command as cron takes it: a bare percent sign would end it.

    Raises UsageError for a backslash before a percent sign, which cron cannot be told.
    """
    if r"\%" in command:
        raise UsageError("a path with a backslash before a percent sign cannot stand in a crontab; use systemd")
    return command.replace("%", r"\%")


def systemd_command(words: Sequence[str]) -> str:
    """The words as ExecStart= takes them; by the colon variables ($) stand for themselves.

    So do, by escapes, specifiers (%), quotes and backslashes. systemd takes no blank in the path of a program, but
    in what env starts.
    """
    plain = (word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") for word in words)
    return " ".join((":/usr/bin/env", *(f'"{word}"' for word in plain)))


def _days(text: str, when: str | None) -> tuple[tuple[int, ...], int | None]:
    if when is None:
        return (), None
    if when.isdecimal():
        if not 1 <= int(when) <= 28:
            raise _unreadable(text, "a day that every month has is 1 to 28")
        return (), int(when)
    found: set[int] = set()
    for part in when.split(","):
        first, dots, last = part.replace("-", "..").partition("..")
        ends = [_day(text, first), _day(text, last if dots else first)]
        if ends[1] < ends[0]:
            raise _unreadable(text, f"{part} runs backwards")
        found.update(range(ends[0], ends[1] + 1))
    return tuple(sorted(found)), None


def _day(text: str, name: str) -> int:
    for place, day in enumerate(DAYS):
        if name[:3].title() == day and _LONG[place].startswith(name.lower()):
            return place
    raise _unreadable(text, f"{name!r} is no day of the week")


_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _unreadable(text: str, why: str) -> UsageError:
    return UsageError(f"--every {text!r}: {why}; write a time such as {_EXAMPLES}")
