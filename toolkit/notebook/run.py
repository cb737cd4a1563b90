"""What a notebook works with: one release's evidence, its analyses, its review, and where their results go.

    run = open_run(stream="my-stream")
    transfer = run.analyse("transfer")
    transfer.one("forward_transfer", task=None)

Opened by the runner, a notebook gets the stored cube and a folder for its part of the results; opened alone, it
reads the stream itself and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from toolkit.analyses import ANALYSES, Analysis, Evidence
from toolkit.cube import Cube, Scores
from toolkit.errors import UsageError
from toolkit.inference.matrix import MatrixMetric
from toolkit.logs.config import StreamConfig
from toolkit.notebook.analysing import analysed, matrix_estimate
from toolkit.notebook.baselines import as_of_today, recomputed_notices
from toolkit.notebook.earlier import Earlier
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
    latest_tasks,
    load_parts,
    monitors,
    review_axes,
    review_sheet,
    save_part,
    with_decisions,
)

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
    _analyses: dict[str, Analysis] = field(default_factory=dict, init=False, compare=False)

    def __repr__(self) -> str:
        against = f" against {self.evidence.baseline_release}" if self.evidence.baseline is not None else ""
        return f"Run({self.config.name}, {self.release}{against})"

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
        """One analysis, its estimates judged by the stream's margins; computed once for each run.

        name: transfer, forgetting, feedback, divergence or generation. Raises UsageError for another.
        """
        if name not in self._analyses:
            self._analyses[name] = analysed(self.evidence, name, self.today)
        return self._analyses[name]

    def estimate(
        self, metric: MatrixMetric, name: str, *, arm: str = "stream", difference: bool = True, unit: str = "score"
    ) -> Estimate:
        """Any function of the score matrix R[..., stage, task] as an estimate with its interval.

        metric: R to [...], leading dimensions broadcast; difference: whether zero means no effect
        """
        return matrix_estimate(self.evidence, metric, name, arm=arm, difference=difference, unit=unit)

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
    def baseline_today(self) -> Results | None:
        """The baseline with the numbers that its cube gives with the toolkit of today."""
        if self.baseline is None or self.evidence.baseline is None:
            return self.baseline
        return as_of_today(self.baseline, self.evidence.baseline)

    @cached_property
    def monitor(self) -> tuple[Monitor, ...]:
        """The sequences behind the alarms, after this look; `preceding` is what they go on from."""
        look = not (self.name or self.config.release)
        publication = Publication(self.evidence, self.baseline_today, look, self.today)
        return monitors(publication, self.sheet.axes, self.findings[0], self.preceding())

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
        found = (*accepted_notices(self.findings[0], self.config, self.today), *changed_notices(self.sheet.axes))
        if self.baseline is None or self.baseline_today is None:
            return found
        return (*found, *recomputed_notices(self.baseline, self.baseline_today))

    @cached_property
    def earlier(self) -> Earlier:
        """What was published of this stream before this run."""
        return Earlier(self.history, self.release, self.folder)

    def past(self) -> list[Results]:
        """Published releases of this stream before this one, in order of publication."""
        return self.earlier.results

    @property
    def verdicts_before(self) -> tuple[Past, ...]:
        """The verdicts of the releases before this one, oldest first; empty where no history was given."""
        return self.earlier.verdicts

    def preceding(self) -> tuple[Monitor, ...]:
        """The sequences as the publication before this one left them, release or look; empty at first."""
        return self.earlier.sequences

    def trends(self) -> dict[str, list[float | None]]:
        """Headline values over the past releases and this one, oldest first, by id."""
        past = [{e.id: e.value for e in results.estimates} for results in self.past()]
        values = {e.id: e.value for e in self.findings[0]}
        ids = [review.headline for review in self.sheet.axes if review.headline]
        return {id_: [*(values_.get(id_) for values_ in past), values[id_]] for id_ in ids}

    def save(self, name: str, found: Analysis | Iterable[Estimate] | None = None) -> None:
        """Write this notebook's part of the results; opened alone, nothing is written.

        name: of the notebook's file; found: its analysis, or estimates of one's own. The summary saves the sheet
        and the sequences behind the alarms.
        """
        if self.parts is None:
            return
        if (self.parts / f"{name}.json").exists():
            raise UsageError(f"{name!r} was saved already in this run; save under the name of this notebook's file")
        rests_on = self.assumptions(name, found if isinstance(found, Analysis) else None).found
        if name == "summary":
            part = Part(
                part=name, sheet=self.sheet, monitor=self.monitor, notices=self._review_notices, assumptions=rests_on
            )
        elif isinstance(found, Analysis):
            part = Part(part=name, estimates=found.estimates, notices=found.notices, assumptions=rests_on)
        else:
            part = Part(part=name, estimates=tuple(found or ()), assumptions=rests_on)
        save_part(self.parts, part)
