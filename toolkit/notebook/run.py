"""What a notebook works with: one release's evidence, its analyses, and where their results go.

    run = open_run(stream="my-stream")
    transfer = run.analyse("transfer")
    transfer.one("forward_transfer", task=None)

Opened by the runner, a notebook gets the stored cube and a folder for its part of the results; opened alone, it
reads the stream itself and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.analyses import ANALYSES, Analysis, Evidence
from toolkit.analyses.estimates import estimate_of
from toolkit.cube import Cube, Scores
from toolkit.errors import UsageError
from toolkit.inference.ladder import interval
from toolkit.inference.matrix import MatrixMetric, matrix_statistic
from toolkit.logs.config import StreamConfig
from toolkit.results import AxisReview, Estimate, Monitor, Notice, Results
from toolkit.results.estimate import Axis
from toolkit.review import (
    Assumptions,
    Part,
    Past,
    Publication,
    Sheet,
    accepted_notices,
    assumptions,
    changed_notices,
    gathered,
    judged,
    latest_tasks,
    load_parts,
    monitors,
    past_of,
    review_axes,
    review_sheet,
    save_part,
    with_accepted,
    with_decisions,
)

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.reporting.history import History, Published

Range = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """One release, opened in a notebook.

    baseline: the results compared with; parts: where results go; history: the stream's publications;
    folder: where this publication lies or is being made.
    """

    evidence: Evidence
    baseline: Results | None = None
    parts: Path | None = None
    history: Path | None = None
    name: str = ""
    folder: Path | None = None

    @property
    def config(self) -> StreamConfig:
        """The stream's configuration."""
        return self.evidence.config

    @property
    def release(self) -> str:
        """The name of this release: as the runner gave it, else as stream.toml does."""
        return self.name or self.config.release or "this run"

    @cached_property
    def today(self) -> dt.date:
        """The day of this run (UTC), on which what stream.toml accepts is still accepted or no longer."""
        return dt.datetime.now(dt.UTC).date()

    @property
    def cube(self) -> Cube:
        """The small tables that the log was reduced to."""
        return self.evidence.cube

    @property
    def scores(self) -> Scores | None:
        """The score matrix R[arm, seed, stage, task]; None where the log has no evaluations."""
        return self.evidence.scores

    @property
    def score_range(self) -> Range:
        """Smallest and largest possible score."""
        return self.config.score_range

    def analyse(self, name: str) -> Analysis:
        """Run one analysis and judge its estimates by the stream's margins."""
        if name not in ANALYSES:
            raise UsageError(f"there is no analysis {name!r}; there are {', '.join(ANALYSES)}")
        analysis = ANALYSES[name](self.evidence)
        return replace(
            analysis, estimates=with_accepted(judged(analysis.estimates, self.config), self.config, self.today)
        )

    def estimate(
        self, metric: MatrixMetric, name: str, *, arm: str = "stream", difference: bool = True, unit: str = "score"
    ) -> Estimate:
        """Any function of the score matrix R[..., stage, task] as an estimate with its interval.

        metric: R to [...], leading dimensions broadcast; difference: whether zero means no effect
        """
        if self.scores is None or arm not in self.scores.arms:
            raise UsageError(f"the log has no scores of the arm {arm!r}")
        statistic = matrix_statistic(self.scores, arm, metric, items=self.evidence.items, difference=difference)
        result = interval([statistic], level=self.evidence.level, bounds=(-inf, inf))
        return estimate_of(result, quantity=name, axis="transfer", arm=arm, unit=unit, level=self.evidence.level)

    @cached_property
    def findings(self) -> tuple[tuple[Estimate, ...], tuple[Notice, ...]]:
        """Estimates and notices of all analyses: from the parts where notebooks wrote them, else computed."""
        if self.parts is not None:
            return gathered(load_parts(self.parts))
        analyses = {name: self.analyse(name) for name in ANALYSES}
        return gathered(Part(part=name, estimates=a.estimates, notices=a.notices) for name, a in analyses.items())

    @cached_property
    def sheet(self) -> Sheet:
        """The review sheet over all analyses."""
        return review_sheet(self.findings[0], self.config, self.baseline, self.verdicts_before)

    @cached_property
    def monitor(self) -> tuple[Monitor, ...]:
        """The sequences behind the alarms, after this look; `preceding` is what they go on from."""
        look = not (self.name or self.config.release)
        publication = Publication(self.evidence, self.baseline, look, self.today)
        return monitors(publication, self.sheet.axes, self.findings[0], self.preceding())

    def preceding(self) -> tuple[Monitor, ...]:
        """The sequences as the publication before this one left them, release or look; empty at first."""
        history = self._history()
        before = None if history is None else history.preceding(self.folder)
        return () if before is None else tuple(map(Monitor.model_validate, before.content.get("monitor", ())))

    def axis(self, axis: Axis, analysis: Analysis) -> tuple[AxisReview, Estimate | None]:
        """The verdict on one axis, and the estimate that it rests on, from that axis's own analysis."""
        alarms = frozenset(a.axis for a in self.baseline.axes if a.verdict == "act") if self.baseline else frozenset()
        found = analysis.estimates
        review = next(r for r in review_axes(found, self.config, alarms_before=alarms) if r.axis == axis)
        (review,) = with_decisions([review], found, self.config, self.baseline, self.verdicts_before)
        return review, next((e for e in found if e.id == review.headline), None)

    def assumptions(self, name: str, analysis: Analysis | None = None) -> Assumptions:
        """What the numbers of a page rest on."""
        return assumptions(name, self.evidence, analysis)

    @property
    def latest(self) -> list[tuple[str, Estimate, Estimate]]:
        """The latest tasks: what experience gave each, and what learning it did to those before it."""
        return latest_tasks(self.findings[0], self.config)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a reader must know of the log, the analyses and the review."""
        found = (*self.cube.meta.notices, *self.findings[1], *self._review_notices)
        return tuple({(notice.code, notice.message): notice for notice in found}.values())

    @property
    def _review_notices(self) -> tuple[Notice, ...]:
        return (*accepted_notices(self.findings[0], self.config, self.today), *changed_notices(self.sheet.axes))

    def trends(self) -> dict[str, list[float | None]]:
        """Headline values over the past releases and this one, oldest first, by id."""
        past = [{e.id: e.value for e in results.estimates} for results in self.past()]
        values = {e.id: e.value for e in self.findings[0]}
        ids = [review.headline for review in self.sheet.axes if review.headline]
        return {id_: [*(values_.get(id_) for values_ in past), values[id_]] for id_ in ids}

    def past(self) -> list[Results]:
        """Published releases of this stream before this one, in order of publication."""
        return [Results.model_validate(p.content) for p in self._published()]

    @cached_property
    def verdicts_before(self) -> tuple[Past, ...]:
        """The verdicts of the releases before this one, oldest first; empty where no history was given."""
        return tuple(past_of(p.content) for p in self._published())

    def _published(self) -> list[Published]:
        history = self._history()
        if history is None:
            return []
        names = history.releases
        names = names[: names.index(self.release)] if self.release in names else names
        current = [history.current(name) for name in names]
        return [p for p in current if p is not None]

    def _history(self) -> History | None:
        if self.history is None or not self.history.is_dir():
            return None
        from toolkit.reporting.history import read_history
        from toolkit.reporting.layout import Layout

        return read_history(Layout(self.history.parent), self.history.name)

    def save(self, name: str, analysis: Analysis | None = None) -> None:
        """Write this notebook's part of the results; opened alone, nothing is written.

        The summary saves the sheet and the sequences behind the alarms, every other notebook its analysis.
        """
        if self.parts is None:
            return
        if name == "summary":
            save_part(self.parts, Part(part=name, sheet=self.sheet, monitor=self.monitor, notices=self._review_notices))
        elif analysis is None:
            save_part(self.parts, Part(part=name))
        else:
            save_part(self.parts, Part(part=name, estimates=analysis.estimates, notices=analysis.notices))


def to_frame(estimates: tuple[Estimate, ...] | list[Estimate]) -> pd.DataFrame:
    """Estimates as a table, one row each, indexed by id."""
    import pandas as pd

    rows = [{**e.model_dump(exclude={"n", "change", "variance", "settled_by", "accepted"}),
             **{f"n_{k}": v for k, v in e.n.items()}}
            for e in estimates]  # fmt: skip
    return pd.DataFrame(rows).set_index("id") if rows else pd.DataFrame()
