"""The results file: everything a release found, in the form that other programs read (schema version 1)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.results.basis import Assumption, JudgedBy
from toolkit.results.estimate import Acceptance, Axis, Estimate, Finding, Verdict
from toolkit.results.said import Said, must_say

SCHEMA_VERSION = "1"
Advice = Literal["watch", "review", "required"]
Sequence = Literal["all", "recent"]
ItemMode = Literal["fresh items", "same items"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Decision(_Part):
    """A finding that decides an axis or is accepted: its headline (`task` None) or one of its tasks.

    since: the first release of the unbroken run of releases in which it was act, this one the last; None where it is
    not act, or was not before. new: it is act now, and the release before this one says otherwise.
    """

    finding: str  # id of the estimate
    task: str | None = None
    regulated: bool = False
    verdict: Verdict
    since: str | None = None
    new: bool = False
    accepted: Acceptance | None = None


class ChosenMargin(_Part):
    """A margin in the axis's unit, and who says so; `by` None where nobody has chosen it or no name was given."""

    value: float
    provisional: bool = False
    by: str | None = None
    reason: str | None = None
    date: dt.date | None = None


class AxisReview(_Part):
    """One of the five questions: its verdict, the estimate it rests on, and one plain sentence.

    since, new: of the verdict act, as for a Decision. decisions: what is act or accepted, the headline first.
    besides_accepted: the verdict without the findings that are accepted; None where none of them bears on it.
    accepted_until: the last day on which all of these are accepted.
    margin, margin_regulated: the smallest change that matters, and the stricter one of regulated tasks.
    under_baseline_margins: the verdict that the margins of the baseline would give, where they were others.
    changed: one sentence for each way in which the headline is read otherwise than in the baseline.
    """

    axis: Axis
    required: bool
    verdict: Verdict
    finding: Finding | None = None
    standing: bool = False
    headline: str | None = None  # id of the estimate
    because: tuple[str, ...] = ()  # tasks that decide the verdict
    sentence: str
    parts: Said = ()  # the sentence in pieces, whose numbers name their estimates
    since: str | None = None
    new: bool = False
    decisions: tuple[Decision, ...] = ()
    besides_accepted: Verdict | None = None
    accepted_until: dt.date | None = None
    margin: ChosenMargin | None = None
    margin_regulated: ChosenMargin | None = None
    under_baseline_margins: Verdict | None = None
    changed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _parts_make_up_the_sentence(self) -> AxisReview:
        must_say(self.parts, self.sentence)
        return self


class PlanRow(_Part):
    """What people should do about one task before the next release.

    why: all reasons for the advice, the strongest first; reasons: the same, one sentence each; reason_parts: each in
    pieces, whose numbers name their estimates.
    labels: how many answers to label; purpose: what that number is for, and what caps it. drawn: how they are drawn.
    """

    task: str
    risk: Literal["standard", "regulated"]
    advice: Advice
    labels: int
    why: str
    reasons: tuple[str, ...] = ()
    reason_parts: tuple[Said, ...] = ()
    purpose: str | None = None
    drawn: str | None = None

    @model_validator(mode="after")
    def _parts_make_up_the_reasons(self) -> PlanRow:
        if self.reason_parts and len(self.reason_parts) != len(self.reasons):
            raise ValueError(f"{len(self.reasons)} reasons, and {len(self.reason_parts)} in pieces")
        for said, reason in zip(self.reason_parts, self.reasons, strict=False):
            must_say(said, reason)
        return self


class Notice(_Part):
    """Something about the log or the analysis that a reader must know."""

    code: str
    message: str


class LedgerEntry(_Part):
    """Rows of one table: read = used + rejected, with the reasons of the rejected."""

    read: int
    used: int
    rejected: int
    reasons: dict[str, int] = Field(default_factory=dict)


class InputFile(_Part):
    """One file that was read."""

    path: str
    bytes: int
    sha256: str


class Provenance(_Part):
    """Where the numbers come from.

    numbers: hash of the code and packages that decide them; None in results made before it was recorded.
    """

    started: str
    finished: str
    operator: str
    toolkit: str
    python: str
    packages: dict[str, str]
    engine: str
    inputs: tuple[InputFile, ...]
    fingerprint: str
    config: dict[str, Any]
    models: dict[str, str]
    random_seed: int
    previous_sha256: str | None = None
    numbers: str | None = None


class Monitor(_Part):
    """The state of one sequence of looks at one axis: all since the baseline, or the latest few.

    estimate: id of the headline that is watched; against, against_revision: the baseline.
    baselines: how many baselines so far, this one included; blocks: which block of latest looks this is.
    looks: looks at this sequence. n, sum, sumsq: items that they counted, sum and sum of squares of their
    values, each look's items with the variance that its standard error implies; df: degrees of freedom behind
    those variances (None: known as good as exactly). tuned: items at which the sequence is narrowest.
    items_sha: of the identities of the latest look's items; items_seen: the smallest of the hashed identities
    of all items so far, kept while every look has had fresh ones.
    alpha: what is set aside for each look alone, and as much for their mean where items are fresh; alpha_spent:
    used up so far, over all baselines and blocks.
    value, low, high: the change since the baseline in `unit`, with the anytime-valid interval; None where this
    publication could not be compared, with the reason. averaged: over how many looks that change is a mean.
    alarm: one plain sentence; standing: there was one at the publication before; accepted_until: the last day
    on which it is borne.
    """

    quantity: str
    axis: Axis | None = None
    estimate: str | None = None
    unit: str = "score"
    sequence: Sequence = "all"
    mode: ItemMode = "same items"
    against: str | None = None
    against_revision: int = 1
    baselines: int = 1
    blocks: int = 1
    looks: int
    n: int
    sum: float
    sumsq: float
    df: float | None = None
    tuned: int = 0
    items_sha: str
    items_seen: tuple[str, ...] = ()
    alpha: float = 0.0
    alpha_spent: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    averaged: int = 1
    reason: str | None = None
    alarm: str | None = None
    standing: bool = False
    accepted_until: dt.date | None = None


class Results(_Part):
    """results.json, whole."""

    schema_version: Literal["1"] = "1"
    stream: str
    title: str
    release: str
    look: bool = False
    revision: int = 1
    baseline: str | None = None
    status: Literal["complete"] = "complete"
    stale: bool = False
    verdict: Verdict
    sentence: str
    measured: int
    axes_total: int = 5
    provenance: Provenance
    ledger: dict[str, LedgerEntry]
    axes: tuple[AxisReview, ...]
    people_plan: tuple[PlanRow, ...] = ()
    estimates: tuple[Estimate, ...]
    monitor: tuple[Monitor, ...] = ()
    warnings: tuple[Notice, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    judged_by: tuple[JudgedBy, ...] = ()
