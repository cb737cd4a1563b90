"""Which faults does a run meet? Each is prepared, met by a real process, and repaired."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.stage import (
    CORRECTED,
    Ended,
    Meeting,
    SkippedError,
    Stage,
    alive,
    descendants,
    explained,
    finish,
    kill,
)

_DROP_FROM_BOUNDING_SET = 24  # prctl's PR_CAPBSET_DROP
_OVERRIDES = (1, 2, 3)  # capabilities by which root passes over permissions: DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER


@dataclass(frozen=True)
class Fault:
    """meet: run under the fault; how it ended and what must not be. alone: needs a place of its own."""

    meet: Callable[[Stage, list[str]], Meeting]
    prepare: Callable[[Stage], None] = lambda stage: None
    repair: Callable[[Stage], None] = lambda stage: None
    alone: bool = False


def _killed(stage: Stage, options: list[str], *, kernels_too: bool) -> Meeting:
    process = stage.start(*options)
    try:
        said = process.communicate(timeout=stage.draw.uniform(0, 1.1 * stage.seconds))[1]
        return explained(Ended(process.returncode, said.strip()), 0)
    except subprocess.TimeoutExpired:
        below = descendants(process.pid)
        kill([process.pid, *(below if kernels_too else [])])
        process.communicate()
    end = time.monotonic() + 20
    while any(map(alive, below)) and time.monotonic() < end:
        time.sleep(0.1)
    left = [pid for pid in below if alive(pid)]
    kill(left)
    return "killed", [f"kernel {pid} lived on for 20 s" for pid in left]


def _kernels_killed(stage: Stage, options: list[str]) -> Meeting:
    process = stage.start(*options)
    end = time.monotonic() + stage.draw.uniform(0.2, 0.8) * stage.seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
    while process.poll() is None and not (below := descendants(process.pid)):
        time.sleep(0.02)
    if process.poll() is None:
        kill(below)
        ended, lines = explained(finish(process), 0)
        return f"kernels killed, then {ended}", lines
    return explained(finish(process), 0)


def _at_operation(stage: Stage, options: list[str], what: str) -> Meeting:
    """At a random file operation, every second time among the last third, which publish."""
    most = stage.operations[0 if options == CORRECTED else 1]
    number = stage.draw.randint(stage.draw.choice([1, 2 * most // 3]), most)
    ended = finish(stage.start(*options, more=(what, str(number))))
    if ended.code == -signal.SIGKILL:
        return "killed", []
    return explained(ended, 0, 1)


def _file_size(stage: Stage, options: list[str]) -> Meeting:
    limit = int(2 ** stage.draw.uniform(4, 18))
    set_limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))  # noqa: E731
    return explained(finish(stage.start(*options, before=set_limit)), 0, 1)


@contextmanager
def _small_disk(stage: Stage) -> Iterator[Path]:
    """The place's reports on a file system of its own, of which a random part of a few megabytes is free."""
    reports, kept = stage.place / "reports", stage.place / "reports-kept"
    reports.rename(kept)
    reports.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(reports)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        done = False
    try:
        if not done:
            raise SkippedError("no file system can be mounted by this user")
        subprocess.run(["cp", "-a", f"{kept}/.", str(reports)], check=True)
        yield reports
        subprocess.run(["cp", "-a", f"{reports}/.", str(kept)], check=True)
    finally:
        if done:
            subprocess.run(["umount", "-l", str(reports)], check=True)
        reports.rmdir()
        kept.rename(reports)


def _full_disk(stage: Stage, options: list[str]) -> Meeting:
    with _small_disk(stage) as reports:
        filler = reports / ".filler"
        room = os.statvfs(reports)
        free = room.f_bavail * room.f_frsize - int(2 ** stage.draw.uniform(10, 20))
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free))
        ended = finish(stage.start(*options))
        filler.unlink()
    return explained(ended, 0, 1)


def _closed(stage: Stage) -> None:
    folder = stage.draw.choice(["", ".builds", ".locks", "tickets"])
    (stage.place / "reports" / folder).chmod(0o555)


def _opened(stage: Stage) -> None:
    for folder in ("", ".builds", ".locks", "tickets"):
        (stage.place / "reports" / folder).chmod(0o755)


def _without_rights(stage: Stage, options: list[str]) -> Meeting:
    def give_up() -> None:
        libc = ctypes.CDLL(None)
        if os.geteuid() == 0 and any(libc.prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0) for right in _OVERRIDES):
            os._exit(99)

    ended = finish(stage.start(*options, before=give_up))
    if ended.code == 99:
        raise SkippedError("root's rights cannot be given up here")
    return explained(ended, 0, 1)


def _no_kernel(stage: Stage, options: list[str]) -> Meeting:
    folder = stage.place / "shadow"
    for name in ("ipykernel", "ipykernel_launcher"):  # forked kernels need the first, those begun anew the second
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "__init__.py").write_text("raise ImportError('no kernel here')\n")
    return explained(finish(stage.start(*options, env={"PYTHONPATH": str(folder)})), 1)


def _damaged_cache(stage: Stage, options: list[str]) -> Meeting:
    stage.run("--release", "warm")  # so that the cube of this very log is cached
    files = [p for p in (stage.place / "cache").rglob("*") if p.is_file() and "matplotlib" not in str(p)]
    for path in stage.draw.sample(files, min(3, len(files))):
        raw = path.read_bytes()
        cut = stage.draw.randrange(len(raw) + 1)
        path.write_bytes(raw[:cut] if stage.draw.random() < 0.5 else raw[:cut] + os.urandom(16) + raw[cut + 16 :])
    return explained(finish(stage.start(*options, "--force")), 0)


def _growing_log(stage: Stage, options: list[str]) -> Meeting:
    process = stage.start(*options)
    log = next(iter(sorted((stage.place / "stream").rglob("*.jsonl"))))
    row = next(line for line in log.read_text().splitlines() if line)
    stop = threading.Event()

    def grow() -> None:
        number = 0
        while not stop.wait(0.01):
            number += 1
            more = json.dumps(json.loads(row) | {"item": f"new-{number}"}) + "\n"
            with log.open("a") as file:  # in two pieces: a reader meets half a line
                file.write(more[:9])
                file.flush()
                file.write(more[9:])

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        return explained(finish(process), 0)
    finally:
        stop.set()
        writer.join()


def _two_at_once(stage: Stage, options: list[str]) -> Meeting:
    both = [stage.start(*options, "--force"), stage.start(*options, "--force")]
    ended = [finish(process) for process in both]
    lines = [line for end in ended for line in explained(end, 0, 6)[1]]
    codes = sorted(end.code for end in ended)
    if 0 not in codes:
        lines.append("neither run worked")
    lines += [f"the lock's holder is not named: {e.said}" for e in ended if e.code == 6 and "pid" not in e.said]
    return f"codes {codes[0]} and {codes[1]}", lines


def _set_back(stage: Stage) -> None:
    """The newest publication says that it was finished a day from now, as one does after a clock was set back."""
    latest = stage.place / "reports/tickets/latest-look/results.json"
    content = latest.read_text()
    now = json.loads(content)["provenance"]["finished"]
    later = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 86400))
    latest.write_text(content.replace(json.dumps(now), json.dumps(later)))
    for path in (stage.place / "reports/index.html", stage.place / "reports/tickets"):
        os.utime(path, (time.time() + 86400,) * 2)


def _clock_back(stage: Stage, options: list[str]) -> Meeting:
    before_fault = len(list((stage.place / "reports/.builds").iterdir()))
    ended, lines = explained(finish(stage.start(*options)), 0)
    if len(list((stage.place / "reports/.builds").iterdir())) == before_fault:
        lines.append("nothing was published after the clock went back")
    return ended, lines


FAULTS: dict[str, Fault] = {
    "run-killed": Fault(lambda s, o: _killed(s, o, kernels_too=False)),
    "all-killed": Fault(lambda s, o: _killed(s, o, kernels_too=True)),
    "killed-at-operation": Fault(lambda s, o: _at_operation(s, o, "--kill-at")),
    "kernels-killed": Fault(_kernels_killed),
    "full-at-operation": Fault(lambda s, o: _at_operation(s, o, "--full-at")),
    "disk-full": Fault(_full_disk),
    "file-size-limit": Fault(_file_size),
    "read-only": Fault(_without_rights, _closed, _opened),
    "no-kernel": Fault(_no_kernel),
    "damaged-cache": Fault(_damaged_cache),
    "growing-log": Fault(_growing_log),
    "two-at-once": Fault(_two_at_once),
    "clock-back": Fault(_clock_back, _set_back, alone=True),
}
