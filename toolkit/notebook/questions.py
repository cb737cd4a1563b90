"""What does an analyst ask without a report: transfer, forgetting, feedback, alignment, generation, the matrix?

stream = open_stream("my-stream")
forgetting(stream).backward_transfer
forgetting(stream, baseline=open_release("reports/my-stream/2026.10"))  # with the change since then
score_matrix(stream)  # R[arm, seed, stage, task]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.analyses import Evidence
from toolkit.cube import Cube, scores_of
from toolkit.cube.scores import orders_of
from toolkit.errors import UsageError
from toolkit.notebook.analysing import PAGES
from toolkit.notebook.estimates import Estimates
from toolkit.notebook.release import Release
from toolkit.notebook.run import Run
from toolkit.notebook.stream import Stream
from toolkit.results import Axis

if TYPE_CHECKING:
    import xarray as xr

Source = Stream | Release | Run | Cube
"""What can be asked: a stream's log, a published report, an opened run, a cube."""


def transfer(source: Source, *, baseline: Source | None = None) -> Estimates:
    """Did earlier experience help later tasks? Forward and zero-shot transfer, accuracies, speed, plasticity.

    source: what to ask; of a published report the published numbers of this axis. baseline: what to compare with, whose
    difference is each estimate's `change`. Nothing is computed twice for the same stream, report or run.
    """
    return _asked(source, "transfer", baseline)


def forgetting(source: Source, *, baseline: Source | None = None) -> Estimates:
    """Did earlier tasks lose? Backward transfer, forgetting since the best stage, retention, lost items.

    Arguments as for `transfer`.
    """
    return _asked(source, "forgetting", baseline)


def feedback(source: Source, *, baseline: Source | None = None) -> Estimates:
    """Does the feedback reinforce a bias? Synthetic minus human scores on the same items, and what they depend on.

    Arguments as for `transfer`.
    """
    return _asked(source, "feedback", baseline)


def alignment(source: Source, *, baseline: Source | None = None) -> Estimates:
    """Do judges and people agree? Agreement beside people's own, coefficients, distances, calibration.

    Arguments as for `transfer`.
    """
    return _asked(source, "alignment", baseline)


def generation(source: Source, *, baseline: Source | None = None) -> Estimates:
    """Are the samples still good and varied? Wrong labels among accepted samples, diversity, tails, cost.

    Arguments as for `transfer`.
    """
    return _asked(source, "generation", baseline)


def score_matrix(source: Source, *, order: str | None = None) -> xr.DataArray:
    """The mean score R[arm, seed, stage, task], labelled; nan where nothing was evaluated.

    Stage k is after learning the k-th task of the order, stage 0 before the first. order: of the tasks, by default
    the first in the log. Raises UsageError where the log has no evaluations, or none in that order.
    """
    cube = source if isinstance(source, Cube) else source.cube
    orders = orders_of(cube)
    if not orders:
        raise UsageError("the log has no evaluations, so there is no score matrix")
    if order is not None and order not in orders:
        raise UsageError(f"the log has no evaluations in the task order {order!r}; it has {', '.join(orders)}")
    scores = scores_of(cube, order)
    if scores is None:
        raise AssertionError
    return scores.to_xarray().assign_attrs(long_name="mean score", task_order=scores.order)


def _asked(source: Source, axis: Axis, baseline: Source | None) -> Estimates:
    if isinstance(source, Release) and baseline is None:
        return source.estimates.filter(axis=axis)
    run = _run(source) if baseline is None else _against(source, baseline)
    return Estimates(run.analyse(PAGES[axis]).estimates, run.score_range)


def _run(source: Source) -> Run:
    if isinstance(source, Run):
        return source
    return Run(Evidence(source)) if isinstance(source, Cube) else source.run()


def _against(source: Source, baseline: Source) -> Run:
    """A run of `source` beside `baseline`, which goes by its release's name."""
    if isinstance(baseline, Release):
        name = baseline.results.release
    elif isinstance(baseline, Run):
        name = baseline.release
    else:
        name = baseline.config.release or "the baseline"
    cubes = [one if isinstance(one, Cube) else one.cube for one in (source, baseline)]
    return Run(Evidence(cubes[0], cubes[1], name))
