"""Which judged answers should people look at next, so that few labels say most of the judge's errors?

Stratified draws by the judge's scores, quintiles within a task, with Neyman's allocation (Neyman 1934): more labels
where the judge is unsure, at least four in every stratum; of class labels each is a stratum. Every chance of being
drawn is known and kept. A second draw from the same answers takes of what people have not seen, and says so in the
name of its strata: analyses undo both chances (`toolkit.analyses.judged`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.rounds import ROUND, in_round
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.logs import CheckedLog

Floats = npt.NDArray[np.float64]

STRATA = 5
FEWEST = 4
LEAST_SPREAD = 0.1  # of the scale: a judge that is sure of itself may be wrong
BY_SCORE = "at random within up to five groups by the judge's score"
BY_LABEL = "at random within groups by the judge's label"

_CANDIDATES = """
with given as (
    select * from feedback
    where target = 'answer' and form <> 'preference' and not coalesce(abstained, false) and arm = $arm
), judged as (
    select stage, task, item, arm, seed, criterion, avg(score) as score,
           string_agg(distinct label, ' or ' order by label) as label
    from given where source = 'synthetic' group by all
), drawn as (
    select stage, task, 1 + max(coalesce(try_cast(regexp_extract(stratum, $round, 1) as integer), 1)) as round
    from given where source = 'human' group by all
)
select j.stage, j.task, j.item, j.arm, j.seed, j.criterion, j.score, j.label, coalesce(d.round, 1)
from judged j
left join drawn d on j.stage = d.stage and j.task = d.task
anti join (select * from given where source = 'human') h
on j.stage = h.stage and j.task = h.task and j.item = h.item and j.arm = h.arm and j.seed = h.seed
   and j.criterion is not distinct from h.criterion
where j.stage = (select max(stage) from judged)
order by j.task, j.seed, j.item, j.criterion nulls first
"""


@dataclass(frozen=True)
class Answer:
    """One judged answer that no person has looked at.

    score: mean over judges, None where they gave class labels; label: the class, or classes where judges differ
    round: 1, or the number of this draw where people have labels of the same task and stage
    """

    stage: int
    task: str
    item: str
    arm: str
    seed: int
    criterion: str | None
    score: float | None
    label: str | None = None
    round: int = 1


@dataclass(frozen=True)
class Drawn:
    """An answer for people to look at, the stratum it was drawn from, and the chance it had, in (0, 1]."""

    answer: Answer
    stratum: str
    probability: float


def candidates(log: CheckedLog, *, arm: str = "stream", tasks: Sequence[str] = ()) -> dict[str, list[Answer]]:
    """Answers of the latest judged stage that synthetic judges scored and no person did, by task.

    tasks: only these. Raises UsageError for a task that the stream does not know, and where there is no answer.
    """
    known = [task.name for task in log.config.tasks]
    for task in tasks:
        if task not in known:
            raise UsageError(f"the stream has no task {task!r}; its tasks are: {', '.join(known)}")
    if "feedback" not in log.tables:
        raise UsageError("nothing to draw from: the log has no feedback; log a judge's scores of answers")
    rows = log.connection.execute(_CANDIDATES, {"arm": arm, "round": ROUND}).fetchall()
    answers = [answer for answer in (Answer(*row) for row in rows) if not tasks or answer.task in tasks]
    if not answers:
        raise UsageError(
            "nothing to draw: at the latest stage no answer was scored by a synthetic judge that people have not seen"
        )
    return {task: list(group) for task, group in groupby(answers, key=lambda answer: answer.task)}


def drawn_how(*, scored: bool | None) -> str:
    """How `draw` draws a task's answers, in words. scored: whether the judge gives numbers; None: not known."""
    if scored is None:
        return f"{BY_SCORE} where it gives scores, else {BY_LABEL}"
    return BY_SCORE if scored else BY_LABEL


def spread_over(labels: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """`labels` over tasks in proportion to their answers, at least four each, never more than there are.

    Raises UsageError where that are too few for all tasks.
    """
    needed = sum(min(FEWEST, size) for size in sizes.values())
    if labels < needed:
        raise UsageError(f"--labels {labels} is too few: {len(sizes)} tasks need at least {needed}, {FEWEST} a task")
    counts = np.array(list(sizes.values()))
    return dict(zip(sizes, _allocated(labels, counts, counts.astype(float)), strict=True))


def draw(answers: Sequence[Answer], labels: int, *, scale: tuple[float, float], seed: int = 0) -> list[Drawn]:
    """`labels` of one task's answers, drawn by strata; all of them where there are no more.

    scale: the ends of the judge's scale. seed: the same seed draws the same answers of a task, whichever other
    tasks are drawn from.
    """
    if not answers:
        return []
    task, number = answers[0].task, answers[0].round
    f = np.array([np.nan if answer.score is None else answer.score for answer in answers])
    most = max(labels // FEWEST, 1)
    classes = [answer.label for answer in answers if answer.label is not None and answer.score is None]
    place = _classes(classes, most) if len(classes) == len(answers) else _strata(f, min(STRATA, most))
    sizes = np.bincount(place)
    weights = sizes * np.array([_spread(f[place == h], scale) for h in range(len(sizes))])
    counts = _allocated(labels, sizes, weights)
    salt = int.from_bytes(hashlib.sha256(task.encode()).digest()[:8], "big")
    # A later draw must not repeat the lots of the first: what those left would not be drawn by chance.
    rng = np.random.default_rng([seed, salt] if number == 1 else [seed, salt, number])
    drawn: list[Drawn] = []
    for h, count in enumerate(counts):
        here = np.flatnonzero(place == h)
        chosen = np.sort(rng.choice(here, count, replace=False))
        stratum = in_round(f"{task} {h + 1} of {len(sizes)}", number)
        drawn += [Drawn(answers[i], stratum, count / len(here)) for i in chosen]
    return drawn


def _strata(f: Floats, most: int) -> npt.NDArray[np.intp]:
    """[answer]: number of its stratum, by quantiles of the judge's scores; fewer strata where scores are tied."""
    if not np.isfinite(f).all():
        return np.zeros(len(f), dtype=np.intp)
    edges = np.unique(np.quantile(f, np.arange(1, most) / most)) if most > 1 else np.array([])
    return np.unique(np.searchsorted(edges, f, side="right"), return_inverse=True)[1]


def _classes(labels: Sequence[str], most: int) -> npt.NDArray[np.intp]:
    """[answer]: number of its stratum, one a class, the commonest first; the rarest together where there are more."""
    names, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    rank = np.empty(len(names), dtype=np.intp)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(names))
    return np.minimum(rank, most - 1)[place]


def _spread(f: Floats, scale: tuple[float, float]) -> float:
    """The sd that people's scores may have in a stratum, as a share of the scale, judging by the judge.

    On a scale of 0 to 1 the scores are taken as chances p of being right, sd sqrt(p (1 - p)); else their own sd.
    """
    if not np.isfinite(f).all():
        return 1.0
    chance = scale == (0, 1)
    own = np.sqrt((f * (1 - f)).clip(0).mean()) if chance else f.std() / (scale[1] - scale[0])
    return float(max(own, LEAST_SPREAD))


def _allocated(labels: int, sizes: npt.NDArray[np.integer], weights: Floats) -> list[int]:
    """`labels` in whole numbers in proportion to weights, each from min(4, size) to its size (Sainte-Lague)."""
    counts = np.minimum(sizes, FEWEST)
    for _ in range(min(labels, int(sizes.sum())) - int(counts.sum())):
        claims = np.where(counts < sizes, weights / (counts + 0.5), -1.0)
        counts[int(claims.argmax())] += 1
    return [int(count) for count in counts]
