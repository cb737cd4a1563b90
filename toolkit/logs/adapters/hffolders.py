"""Of which run, after which stage and of which task is a results file, going by its folders?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.sourcefiles import called
from toolkit.logs.adapters.stages import Place

_NAMED = re.compile(r"(\d{1,3})[-_. ]+(?=.*[A-Za-z])(.+)")
_COUNTED = re.compile(r"(?:stage|task|phase|round|experience|after)?[-_ ]?(\d+)", re.IGNORECASE)
_CHECKPOINT = re.compile(r"(?:checkpoint|step|epoch)[-_ ]?(\d+)", re.IGNORECASE)
_ALONE = re.compile(r"(isolated|independent|single([_-]?task)?|alone)", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """One results file. number: that of its stage folder, later its stage. task: learned there (None: not said).

    inner: the folder below the stage's, which is called after the task evaluated. place: what --stages says.
    """

    path: Path
    name: str
    run: str
    folder: str
    number: int
    task: str | None
    inner: str | None
    place: Place | None = None

    @property
    def alone(self) -> bool:
        """Whether its run holds each task learned alone."""
        return any(_ALONE.fullmatch(part) for part in PurePosixPath(self.run).parts)


def find_stages(paths: Iterable[Path], source: Path, options: Options, account: Account) -> list[Found]:
    """The files with their stages; those that no folder numbers are counted."""
    found: list[Found] = []
    for path in paths:
        name = called(path, source)
        one = _parsed(path, name, [*PurePosixPath(name).parts[:-1]], options)
        if options.stages is not None and (one is None or one.place is None):
            account.left_out("files", "of a folder that --stages does not name", name)
        elif one is None:
            account.left_out("files", "in no folder that is numbered like a stage (1-name, stage-1)", name)
        elif one.inner is not None and _CHECKPOINT.fullmatch(one.inner):
            account.left_out("files", "of a checkpoint within a stage, whose end is what counts", name)
        else:
            found.append(one)
    return [stage for run in dict.fromkeys(one.run for one in found) for stage in _numbered(found, run)]


def _parsed(path: Path, name: str, parts: Sequence[str], options: Options) -> Found | None:
    told = [(depth, _told(parts, depth, options)) for depth in range(len(parts) - 1, -1, -1)]
    at, place = next(((depth, place) for depth, place in told if place is not None), (0, None))
    matches = [match for form in (_NAMED, _COUNTED, _CHECKPOINT) if (match := _deepest(parts, form)) is not None]
    if not matches and (place is None or not parts):
        return None
    depth, number, named = matches[0] if matches else (at, 0, None)
    inner = parts[depth + 1] if depth + 1 < len(parts) else None
    task = named if named is not None else place.task if place is not None else None
    return Found(path, name, "/".join(parts[:depth]), parts[depth], number, task, inner, place)


def _told(parts: Sequence[str], depth: int, options: Options) -> Place | None:
    """What --stages says of a folder, by its path or its name."""
    return None if options.stages is None else options.stages.place("/".join(parts[: depth + 1]), parts[depth])


def _deepest(parts: Sequence[str], form: re.Pattern[str]) -> tuple[int, int, str | None] | None:
    """Depth, number and name of the deepest folder of a form."""
    for depth in range(len(parts) - 1, -1, -1):
        match = form.fullmatch(parts[depth])
        if match is not None:
            return depth, int(match[1]), match[2] if form is _NAMED else None
    return None


def _numbered(found: Sequence[Found], run: str) -> list[Found]:
    """The files of one run with stages for numbers: as they are where they count from 1, else by their rank."""
    own = [one for one in found if one.run == run]
    if any(one.place is not None for one in own):
        return [replace(one, number=one.place.stage or 0) for one in own if one.place is not None]
    numbers = sorted({one.number for one in own})
    named = any(one.task is not None for one in own)
    tasks = len({one.task for one in own}) if named else len({one.inner for one in own if one.inner})
    if numbers[0] == 1 and numbers[-1] <= max(len(numbers), tasks) + 1:
        return own
    if numbers[0] == 0 and not named and len(numbers) == tasks + 1:
        return own
    ranks = {number: rank for rank, number in enumerate(numbers, 1)}
    return [replace(one, number=ranks[one.number]) for one in own]
