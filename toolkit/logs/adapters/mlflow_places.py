"""At which stage, seed and arm was a value of an MLflow run measured?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.mlflow_stores import Point, Run
from toolkit.logs.adapters.numbers import whole
from toolkit.logs.adapters.stages import Place, stages_of
from toolkit.logs.shown import listed

PARENT = "mlflow.parentRunId"


@dataclass(frozen=True)
class Placed:
    """One run with its place: stage (None: the step says), what --stages says of it, and its points by task."""

    run: Run
    stage: int | None
    place: Place
    points: dict[str, list[Point]]

    def arm(self, options: Options) -> str | None:
        """The arm that --stages, a parameter or a tag says."""
        return self.place.arm or said(self.run, options.setting("arm", "arm")) or None


def placed_run(run: Run, points: dict[str, list[Point]], options: Options, account: Account) -> Placed | None:
    """The run with what --stages says of it, else its parameter or tag; None where --stages names others only."""
    place: Place | None = Place()
    if options.stages is not None:
        place = options.stages.place(run.run, run.name)
        steps = {str(point.step) for values in points.values() for point in values}
        if place is None and not steps & options.stages.places.keys():
            account.left_out("runs", "not named in the file of --stages", run.name or run.run)
            return None
    place = place or Place()
    told = said(run, options.setting("stage", "stage"))
    return Placed(run, place.stage if place.stage is not None else whole(told), place, points)


def stages_of_steps(placed: Sequence[Placed], options: Options, account: Account) -> dict[int, int]:
    """The stage of each step of the runs that have none of their own.

    Raises LogRejected where there are more steps than stages can be: they then count batches or epochs.
    """
    open_runs = [one for one in placed if one.stage is None]
    steps = sorted({point.step for one in open_runs for values in one.points.values() for point in values})
    if options.stages is not None:
        found = {step: options.stages.place(str(step)) for step in steps}
        return {step: place.stage for step, place in found.items() if place is not None and place.stage is not None}
    tasks = {task for one in placed for task in one.points}
    stages = stages_of(len(steps), len(tasks))
    if stages is None:
        raise LogRejected(
            f"MLflow: {len(steps)} different steps for {len(tasks)} tasks, and no parameter or tag that says a run's "
            "stage: say which step ended which stage with --stages (a CSV with the columns step_or_run, stage)"
        )
    by_step = dict(zip(steps, stages, strict=True))
    if steps and steps != list(by_step.values()):
        account.warn(f"steps {listed(steps, 6)} are taken as stages {listed(list(stages), 6)}: see that they are")
    return by_step


def points_by_stage(
    one: Placed, points: Sequence[Point], by_step: Mapping[int, int], account: Account
) -> Iterator[tuple[int, Point]]:
    """The last value of each stage; what was logged before it there is counted."""
    last: dict[int, Point] = {}
    for point in points:
        stage = by_step.get(point.step) if one.stage is None else one.stage
        if stage is None:
            account.left_out("values", "at a step that --stages does not name", f"{one.run.name}, step {point.step}")
            continue
        if stage in last:
            account.left_out("values", "before the last of a stage (a restart, or steps within it)", one.run.name)
        last[stage] = point
    yield from last.items()


def seeds_of(placed: Sequence[Placed], options: Options) -> dict[str, int]:
    """The seed of each run: what --stages, a parameter or a tag says, else its number.

    Runs that are one stage each of the same parent are one seed.
    """
    seeds: dict[str, int] = {}
    groups: dict[str, int] = {}
    for one in placed:
        told = one.place.seed if one.place.seed is not None else whole(said(one.run, options.setting("seed", "seed")))
        if told is None:
            group = one.run.tags.get(PARENT, "") if one.stage is not None else one.run.run
            told = groups.setdefault(group, len(groups))
        seeds[one.run.run] = told
    return seeds


def said(run: Run, name: str) -> str:
    """What a parameter of the run says, else a tag, else nothing."""
    return run.params.get(name) or run.tags.get(name) or ""
