"""Which checkpoint was evaluated, and at which stage was it, for tools that evaluate models and know no stages?

In this order: what --stages says; a number called stage in a name; a number called step, checkpoint or the like;
names that differ; dates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.errors import UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.stages import Place, natural, spread
from toolkit.logs.shown import listed, shown

_NUMBERED = re.compile(
    r"(?:^|(?<=[^A-Za-z]))(stage|after|global_step|step|checkpoint|ckpt|iter|epoch|round)[-_=]?(\d+)(?!\d)",
    re.IGNORECASE,
)
_STAGES = ("stage", "after")
_SEED = re.compile(r"(?:^|(?<=[^A-Za-z]))(?:seed|run|replicate)[-_=]?(\d+)(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Evaluated:
    """What is known of one evaluation of one model.

    names: by sort, the most telling first; `date` serves --stages alone. when: sorts by time. tasks: evaluated.
    """

    names: Mapping[str, str]
    when: tuple[float, str]
    where: str
    tasks: frozenset[str]


@dataclass(frozen=True)
class _Point:
    name: str
    word: str
    number: int | None
    seed: int
    model: str


def place_all(runs: Sequence[Evaluated], tasks: int, options: Options, account: Account) -> list[Place | None]:
    """The place of each evaluation, in the same order; None, counted, where --stages does not name it.

    tasks: how many there are, since stages count learned tasks. Raises UsageError where several models have
    checkpoints of the same name.
    """
    if options.stages is not None:
        return [_mapped(run, options, account) for run in runs]
    points = _points(runs)
    seeds = sorted({point.seed for point in points})
    if len(seeds) > 1:
        account.warn(f"Numbers called seed, run or replicate in names are seeds: {listed(seeds, 12)}.")
    models = sorted({point.model for point in points})
    if len(models) > 1:
        raise UsageError(
            f"several models have checkpoints of the same name ({listed(models, 6)}); choose one with --set model=..., "
            "or say with --stages what belongs where"
        )
    if any(point.word in _STAGES for point in points):
        return [Place(stage=point.number, seed=point.seed) for point in points]
    order = _order(runs, points)
    first = next((p.number for p in points if p.name == order[0]), None)
    placed = spread(len(order), max(tasks, 1), untrained=first == 0) if len(order) > 1 else [(1, True)]
    several = len({stage for stage, _ in placed}) < len(placed)
    if several:
        account.warn(
            f"There are {len(order)} checkpoints, but only {tasks} tasks, and stages count learned tasks: the "
            "checkpoints were divided evenly over the stages, the last of each is its score, and the others are "
            "points of its learning curve. Say with --stages which checkpoint ended which stage."
        )
    elif len(order) > 1:
        account.warn(f"Checkpoints are stages {placed[0][0]} to {placed[-1][0]} in this order: {listed(order, 40)}.")
    rank = {name: place for place, name in enumerate(order)}
    return [
        Place(
            stage=placed[rank[point.name]][0],
            seed=point.seed,
            step=float(rank[point.name] if point.number is None else point.number) if several else None,
        )
        for point in points
    ]


def _mapped(run: Evaluated, options: Options, account: Account) -> Place | None:
    names = [name for name in run.names.values() if name]
    tokens = [match[0] for name in names for match in _NUMBERED.finditer(name)]
    parts = [part for name in names for part in name.split("/")]
    days = [name[:10] for name in names if re.match(r"\d{4}-\d\d-\d\d", name)]
    place = options.stages.place(*names, *tokens, *parts, *days) if options.stages is not None else None
    if place is None:
        account.left_out("runs", f"that --stages does not name; it may be called {listed(names, 4)}", run.where)
    return place


def _points(runs: Sequence[Evaluated]) -> list[_Point]:
    """The name of the checkpoint of each evaluation: the first sort of name that tells more than one apart."""
    seeds = [_seed(run) for run in runs]
    models = [_bare(run.names.get("model", "")) for run in runs]
    kinds = [kind for kind in runs[0].names if kind != "date"] if runs else []
    for kind in kinds:
        found = [list(_NUMBERED.finditer(run.names[kind])) for run in runs]
        if all(found) and (len({one[-1][0] for one in found}) > 1 or found[0][-1][1].lower() in _STAGES):
            lines = models if len(set(models)) > 1 else [""] * len(runs)
            return [
                _Point(one[-1][0], one[-1][1].lower(), int(one[-1][2]), seed, line)
                for one, seed, line in zip(found, seeds, lines, strict=True)
            ]
    for kind in kinds:
        names = [_SEED.sub("", run.names[kind]) for run in runs]
        if all(names) and len(set(names)) > 1:
            return [_Point(name, "", None, seed, "") for name, seed in zip(names, seeds, strict=True)]
    return [_Point(name, "", None, seed, "") for name, seed in zip(_rounds(runs), seeds, strict=True)]


def _rounds(runs: Sequence[Evaluated]) -> list[str]:
    """By time: a round ends where a task comes again."""
    names, number = {}, 1
    seen: set[str] = set()
    for place in sorted(range(len(runs)), key=lambda place: runs[place].when):
        if seen & runs[place].tasks:
            number, seen = number + 1, set()
        seen |= runs[place].tasks
        names[place] = f"round {number}"
    return [names[place] for place in range(len(runs))]


def _order(runs: Sequence[Evaluated], points: Sequence[_Point]) -> list[str]:
    """Checkpoints by their numbers, or, where names hold none, by the time they were first evaluated."""
    names = sorted({point.name for point in points}, key=natural)
    if all(re.search(r"\d", name) for name in names):
        return names
    first = {name: min(run.when for run, p in zip(runs, points, strict=True) if p.name == name) for name in names}
    return sorted(names, key=lambda name: first[name])


def _seed(run: Evaluated) -> int:
    matches = [match for name in run.names.values() for match in _SEED.finditer(name)]
    return int(matches[-1][1]) if matches else 0


def _bare(model: str) -> str:
    return shown(_SEED.sub("", _NUMBERED.sub("", model)).rstrip("/-_."), 120)
