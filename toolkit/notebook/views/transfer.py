"""What do the figures of transfer draw: learning curves, and effects along similarity and place?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.analyses import Analysis
from toolkit.analyses.moderators import Moderated, plasticity_fit, similarity_fit
from toolkit.notebook.run import Run
from toolkit.results import Estimate

if TYPE_CHECKING:
    from toolkit.figures.learning import Curve


def curves(transfer: Analysis) -> list[Curve]:
    """Learning curves of all arms and tasks."""
    from toolkit.figures.learning import Curve

    found: dict[tuple[str, str], list[tuple[float, Estimate]]] = {}
    for e in transfer.select("score"):
        if e.group is not None and e.group.startswith("step=") and e.measured:
            step = float(e.group.removeprefix("step="))
            found.setdefault((e.task or "", e.arm or ""), []).append((step, e))
    lines = []
    for (task, arm), points in found.items():
        points.sort(key=lambda point: point[0])
        ends = all(e.has_interval for _, e in points)
        lines.append(Curve(
            task=task, arm=arm, step=[step for step, _ in points], value=[e.value or 0.0 for _, e in points],
            low=[e.low or 0.0 for _, e in points] if ends else None,
            high=[e.high or 0.0 for _, e in points] if ends else None,
            ids=[e.id for _, e in points],
        ))  # fmt: skip
    arrival = {e.task: e.stage or 0 for e in transfer.select("score") if e.group is not None}
    first = ("stream", "isolated")  # the two that are compared have the same colours whatever arms stand beside them
    return sorted(lines, key=lambda line: (arrival.get(line.task, 0), *(line.arm != arm for arm in first), line.arm))


def gains(transfer: Analysis, against: str = "isolated") -> list[Estimate]:
    """Forward transfer against one arm: the whole and each task."""
    return list(transfer.select("forward_transfer", group=None, against=against))


def similarity(run: Run, transfer: Analysis) -> dict[str, Any]:
    """Arguments of the scatter of forward transfer against similarity to the nearest earlier task."""
    shown = {
        "caption": "Forward transfer against similarity to the nearest earlier task",
        "x_label": "similarity to the nearest earlier task", "slope": transfer.one("transfer_similarity_slope"),
    }  # fmt: skip
    return shown | _line(run, gains(transfer), similarity_fit(run.evidence))


def plasticity(run: Run, transfer: Analysis) -> dict[str, Any]:
    """Arguments of the scatter of what the stream scores at arrival above an arm without experience, by place."""
    slope = transfer.select("plasticity_slope")[0]
    shown = {
        "caption": f"Score at arrival above the {slope.against} arm, along the stream",
        "x_label": "place in the order of arrival", "slope": slope,
    }  # fmt: skip
    arm = slope.against or ""
    return shown | _line(run, gains(transfer, arm), plasticity_fit(run.evidence, arm))


def _line(run: Run, effects: Sequence[Estimate], fitted: Moderated | str, *, points: int = 50) -> dict[str, Any]:
    """Points of the tasks and the fitted line with its band; no points where nothing could be fitted."""
    if isinstance(fitted, str):
        return {"points": []}
    by_task = {e.task: e for e in effects}
    x, fit = fitted.x, fitted.fit
    grid = np.linspace(x.min(), x.max(), points)
    X = np.column_stack([np.ones_like(grid), grid - x.mean()])
    low, high = fit.band(X, run.evidence.level)
    here = [(float(at), by_task[task]) for at, task in zip(x, fitted.effects.tasks, strict=True)]
    return {"points": here, "line_x": grid, "line_y": X @ fit.coefficients, "line_low": low, "line_high": high}
