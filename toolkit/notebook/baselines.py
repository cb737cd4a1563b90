"""What would the toolkit of today have found in the baseline?

A release is compared by what its stored cube gives now: a difference between two toolkits is no change of the stream.
Differences are made from both cubes in any case; what was published of the baseline is used only where the same code
made it. The baseline's pages and results stay as they were published.
"""

from __future__ import annotations

from collections.abc import Callable

from toolkit.analyses import Analysis, Evidence, agreement, feedback, forgetting, generation, transfer
from toolkit.cube import Cube
from toolkit.reporting.provenance import numbers_version
from toolkit.results import Estimate, Notice, Results

_WITH_HEADLINES: tuple[Callable[[Evidence], Analysis], ...] = (transfer, forgetting, feedback, agreement, generation)
"""The analyses that give the headlines of the axes; the slow ones give none."""


def made_by_today(published: Results) -> bool:
    """Whether the code and packages of today made these numbers."""
    return published.provenance.numbers == numbers_version()


def as_of_today(published: Results, cube: Cube) -> Results:
    """The baseline with the estimates that its cube gives now; as it was published where the same code made it.

    Verdicts and everything else stay as published, and so do estimates that no headline analysis gives.
    """
    if made_by_today(published):
        return published
    now = {e.id: e for analyse in _WITH_HEADLINES for e in analyse(Evidence(cube)).estimates}
    return published.model_copy(update={"estimates": tuple(now.get(e.id, e) for e in published.estimates)})


def recomputed_notices(published: Results, today: Results) -> tuple[Notice, ...]:
    """That a baseline was computed again, and which of its headlines differ from what was published; else nothing."""
    if today is published:
        return ()
    headlines = [axis.headline for axis in published.axes if axis.headline]
    before, after = ({e.id: _shown(e) for e in results.estimates} for results in (published, today))
    moved = [id_ for id_ in headlines if id_ in before and before[id_] != after[id_]]
    text = (
        f"{published.release} was made by another version of the toolkit or its packages; it was computed again from "
        "its stored tables, and what is compared with it is compared with that."
    )
    text += f" Another value or interval than published has {', '.join(moved)}." if moved else " No headline differs."
    return (Notice(code="baseline-recomputed", message=text),)


def _shown(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high
