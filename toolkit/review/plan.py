"""Where must people stay in the loop: what should they do about each task before the next release?

Advice is never that no one is needed: a watch sample is the least, and regulated tasks are reviewed at least.
"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.analyses import ANALYSES, Evidence, generation
from toolkit.language.pieces import as_said, text_of
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, PlanRow
from toolkit.review.drawing import drawn_how
from toolkit.review.labels import labels_for
from toolkit.review.reasons import ADVICE, advised, of_task
from toolkit.review.verdicts import judged

# The analyses whose estimates the plan rests on.
EVIDENCE = ("feedback", "divergence", "forgetting", "generation")
# Of the page on generation its label errors are enough, and quick.
_ANALYSES = {**ANALYSES, "generation": generation}


def people_plan(estimates: Sequence[Estimate], config: StreamConfig) -> tuple[PlanRow, ...]:
    """One row a task, regulated tasks first, among them the most urgent first; estimates: judged ones."""
    rows = [_row(task.name, task.risk, estimates, config) for task in config.tasks]
    order = {task.name: j for j, task in enumerate(config.tasks)}
    return tuple(sorted(rows, key=lambda r: (r.risk != "regulated", -ADVICE.index(r.advice), order[r.task])))


def planned(evidence: Evidence) -> tuple[PlanRow, ...]:
    """The plan of a stream from its evidence, as a full run makes it: only what the plan rests on is computed."""
    estimates = [estimate for name in EVIDENCE for estimate in _ANALYSES[name](evidence).estimates]
    return people_plan(judged(estimates, evidence.config), evidence.config)


def _row(task: str, risk: str, estimates: Sequence[Estimate], config: StreamConfig) -> PlanRow:
    found = advised(task, estimates, config)
    labels = labels_for(task, found.advice, estimates, config)
    reasons = tuple(text_of(reason) for reason in found.reasons)
    return PlanRow.model_validate({
        "task": task, "risk": risk, "advice": found.advice, "labels": labels.count, "why": " ".join(reasons),
        "reasons": reasons, "reason_parts": tuple(as_said(reason) for reason in found.reasons),
        "purpose": labels.purpose, "drawn": drawn_how(scored=_scored(task, estimates)),
    })  # fmt: skip


def _scored(task: str, estimates: Sequence[Estimate]) -> bool | None:
    """Whether the judge gives numbers on a task: only then has it a bias."""
    if of_task("feedback_bias", task, estimates) is not None:
        return True
    return None if of_task("agreement", task, estimates) is None else False
