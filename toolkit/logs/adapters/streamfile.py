"""What does stream.toml say after an import, where nobody wrote one by hand?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Hints, Options
from toolkit.logs.adapters.observed import Observed
from toolkit.logs.shown import listed, shown

_SCORES = ((0, 1), (0, 100), (-1, 1))
_JUDGEMENTS = ((0, 1), (1, 5), (1, 7), (1, 10), (0, 10), (0, 100), (-1, 1))


@dataclass(frozen=True)
class About:
    """What one import says about the stream. sure: whether the order of the tasks leaves no doubt."""

    tasks: list[str]
    evidence: str
    sure: bool
    metric: str = ""
    title: str = ""
    score_range: list[float] | None = None
    feedback_range: list[float] | None = None
    higher_is_better: bool = True
    step_unit: str = ""
    missing_score: str = "reject"
    orders: dict[str, list[str]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    last_stage: int = 0

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def about(hints: Hints, observed: Observed, options: Options, missing: str, account: Account) -> About:
    """What hints, rows and the user say together; the user goes first, then the adapter, then the rows."""
    tasks, evidence, sure = observed.arrival()
    named = list(options.tasks or hints.tasks)
    if named:
        evidence, sure = ("as --tasks says", True) if options.tasks else (hints.evidence, hints.sure)
        more = [task for task in tasks if task not in named]
        strange = [task for task in options.tasks if task not in tasks]
        if strange:
            account.warn(f"--tasks names {listed(strange, 6)}, of which the source has no row.")
        if more and options.tasks:
            account.warn(f"--tasks does not name {listed(more, 6)}: put behind the others.")
        tasks = [*named, *more]
        sure = sure and not more
    known = {name: members for name, members in hints.orders.items() if name in observed.orders}
    return About(
        tasks=tasks,
        evidence=evidence,
        sure=sure,
        metric=hints.metric,
        title=hints.title,
        score_range=_range(hints.score_range, observed.ranges.get("evaluations"), _SCORES),
        feedback_range=_range(hints.feedback_range, observed.ranges.get("feedback"), _JUDGEMENTS),
        higher_is_better=hints.higher_is_better,
        step_unit=hints.step_unit,
        missing_score=missing,
        orders={"default": tasks, **known} if set(known) - {"default"} else {},
        models=dict(hints.models),
        last_stage=observed.last_stage,
    )


def merged(parts: Sequence[About], account: Account) -> About:
    """What several imports into one folder say together; the first that says something is believed."""
    first = parts[0]
    tasks = list(dict.fromkeys(task for part in parts for task in part.tasks))
    scored = [part for part in parts if part.score_range is not None]
    judged = [part for part in parts if part.feedback_range is not None]
    if len({(tuple(p.score_range or ()), p.higher_is_better) for p in scored}) > 1:
        account.warn("The imports of this folder have scores on different scales; that of the first is written.")
    leading = scored[0] if scored else first
    return About(
        tasks=tasks,
        evidence=leading.evidence,
        sure=all(part.sure or set(part.tasks) <= set(leading.tasks) for part in parts) and leading.sure,
        metric=leading.metric,
        title=next((part.title for part in parts if part.title), ""),
        score_range=leading.score_range,
        feedback_range=judged[0].feedback_range if judged else None,
        higher_is_better=leading.higher_is_better,
        step_unit=next((part.step_unit for part in parts if part.step_unit), ""),
        missing_score="wrong" if any(part.missing_score == "wrong" for part in parts) else "reject",
        orders={name: members for part in parts for name, members in part.orders.items()},
        models={name: value for part in parts for name, value in part.models.items()},
        last_stage=max(part.last_stage for part in parts),
    )


def remarks(said: About, account: Account) -> None:
    """What the user must look at: a doubtful order of tasks, and stages that no order of tasks reaches."""
    if not said.sure and len(said.tasks) > 1:
        account.warn(
            f"The order in which the tasks arrived is taken {said.evidence}, which leaves doubt, and every number "
            "depends on it: say it with --tasks."
        )
    if said.last_stage > len(said.tasks):
        account.warn(
            f"Stages go up to {said.last_stage}, but the number of tasks is {len(said.tasks)}: stages count learned "
            "tasks, and rows beyond are rejected when the log is read. Say with --stages which run ended which stage."
        )


def stream_text(name: str, title: str, said: About, formats: Sequence[str]) -> str:
    """stream.toml as text: name, scale, tasks in order of arrival, and what to check."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(f"Written by streamreview import ({', '.join(formats)}); import replaces it"))
    document.add(tomlkit.comment("as long as nobody has changed it."))
    document.add("name", tomlkit.item(name))
    document.add("title", tomlkit.item(said.title or title))
    if said.score_range is not None:
        document.add("score_range", tomlkit.item(said.score_range))
        if said.metric:
            document["score_range"].comment(f"scores are {shown(said.metric)}")
    document.add("higher_is_better", tomlkit.item(said.higher_is_better))
    document.add("missing_score", tomlkit.item(said.missing_score))
    if said.step_unit:
        document.add("step_unit", tomlkit.item(said.step_unit))
    doubt = "" if said.sure else " CHECK THIS ORDER: every number of the report depends on it."
    document.add(tomlkit.nl())
    document.add(tomlkit.comment(f"Tasks in order of arrival, {shown(said.evidence, 200)}.{doubt}"))
    tasks = tomlkit.aot()
    for task in said.tasks:
        tasks.append(tomlkit.item({"name": task}))
    document.add("tasks", tasks)
    sections: list[tuple[str, Mapping[str, Any]]] = [("orders", said.orders), ("models", said.models)]
    if said.feedback_range is not None:
        sections.append(("feedback", {"range": said.feedback_range}))
    for section, content in sections:
        if content:
            document.add(section, tomlkit.item(dict(content)))
    return tomlkit.dumps(document)


def _range(
    told: tuple[float, float] | None, seen: tuple[float, float] | None, known: Sequence[tuple[float, float]]
) -> list[float] | None:
    if told is not None:
        return list(told)
    if seen is None:
        return None
    low, high = seen
    fits = next(((a, b) for a, b in known if a <= low and high <= b), None)
    return list(fits) if fits else [low, high if high > low else low + 1]
