"""The results file: everything a release found, in the form that other programs read (schema version 1)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from toolkit.results.estimate import Axis, Estimate, Finding, Verdict

SCHEMA_VERSION = "1"
Advice = Literal["watch", "review", "required"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AxisReview(_Part):
    """One of the five questions: its verdict, the estimate it rests on, and one plain sentence."""

    axis: Axis
    required: bool
    verdict: Verdict
    finding: Finding | None = None
    standing: bool = False
    headline: str | None = None  # id of the estimate
    because: tuple[str, ...] = ()  # tasks that decide the verdict
    sentence: str


class PlanRow(_Part):
    """What people should do about one task before the next release."""

    task: str
    risk: Literal["standard", "regulated"]
    advice: Advice
    labels: int
    why: str


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
    """Where the numbers come from."""

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


class Monitor(_Part):
    """The state of one alarm over the looks so far."""

    quantity: str
    looks: int
    n: int
    sum: float
    sumsq: float
    items_sha: str
    alpha_spent: float
    alarm: str | None = None


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
