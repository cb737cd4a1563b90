"""What is known about one quantity: its value, its interval, and what the interval generalises to.

Every number that reaches a reader is an `Estimate`. A value or an interval that cannot be had is None
with a reason; missing never becomes zero.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, computed_field, model_validator

Scope = Literal["items", "seeds", "tasks", "raters"]
Finding = Literal["better", "worse", "no material change", "unclear"]
Verdict = Literal["healthy", "watch", "act", "unclear", "not measured"]
Axis = Literal["transfer", "forgetting", "feedback", "alignment", "generation"]

Adjustment = Literal["Holm", "Benjamini-Hochberg"]

# A half-life where no decay is seen is infinite: "Infinity" in JSON, which has no number for it.
INFINITE = {"enum": ["Infinity", "-Infinity"], "type": "string"}
Number = Annotated[float, WithJsonSchema({"anyOf": [{"type": "number"}, INFINITE]})]
_STRICT = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

AXES: tuple[Axis, ...] = ("transfer", "forgetting", "feedback", "alignment", "generation")


class Change(BaseModel):
    """The difference to the baseline release, in the unit of the estimate it belongs to.

    se, df: standard error and degrees of freedom of the difference, where it has them.
    """

    model_config = _STRICT

    against: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    se: float | None = None
    df: float | None = None
    reason: str | None = None


class Acceptance(BaseModel):
    """That a finding is known and borne: by whom, why, and until which day (included)."""

    model_config = _STRICT

    by: str
    why: str
    until: dt.date


class Estimate(BaseModel):
    """One quantity of one stream.

    value, low, high: in `unit`; `level` is the interval's nominal coverage.
    n: the counts that stand behind it, by kind (items, seeds, tasks, labels, ...).
    scope: what may change while the interval still holds (None where there is no interval).
    se, df: standard error and degrees of freedom, where the interval is value +- t(df) se before bounds.
    variance: what se squared is made of, by source (items, seeds, tasks; residual is in the others twice).
    p_value: of no effect, two-sided; p_adjusted: corrected for the family of looks at once that `adjustment`
    names. They sort flags; verdicts rest on intervals.
    settled_by: how large a log would settle an unclear verdict at 80 % power: one of these counts is enough.
    reason: why value or interval is missing, and what would make it available.
    accepted: where stream.toml bears this finding on the day of the run; its verdict stays as it is.
    at: what figures draw it against, by name, such as the place of its task in the order of arrival.
    """

    model_config = _STRICT

    quantity: str
    axis: Axis
    arm: str | None = "stream"
    against: str | None = None
    task: str | None = None
    stage: int | None = None
    group: str | None = None
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    level: float = 0.95
    unit: str = "score"
    n: dict[str, int] = Field(default_factory=dict)
    scope: Scope | None = None
    method: str | None = None
    se: float | None = None
    df: float | None = None
    variance: dict[str, float] = Field(default_factory=dict)
    p_value: float | None = None
    p_adjusted: float | None = None
    adjustment: Adjustment | None = None
    settled_by: dict[str, int] = Field(default_factory=dict)
    simultaneous: bool = False
    anytime: bool = False
    margin: float | None = None
    margin_provisional: bool = False
    finding: Finding | None = None
    verdict: Verdict | None = None
    reason: str | None = None
    change: Change | None = None
    accepted: Acceptance | None = None
    at: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _id_follows_from_the_rest(cls, data: Any) -> Any:
        """results.json carries the id for its readers; here it is derived."""
        return {k: v for k, v in data.items() if k != "id"} if isinstance(data, dict) else data

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """Stable name: quantity/arm[:against]/task[/stage=k][/group], each part percent-encoded.

        `backward_transfer/stream/all`, `forward_transfer/stream:isolated/billing`. Safe as an HTML
        attribute and as an anchor whatever the names in the log are.
        """
        arm = quote(self.arm or "-", safe="") + (f":{quote(self.against, safe='')}" if self.against else "")
        task = "all" if self.task is None else quote(self.task, safe="")
        if self.task == "all":  # a task of that name is not the mean over tasks
            task = "%61ll"
        parts = [self.quantity, arm, task]
        if self.stage is not None:
            parts.append(f"stage={self.stage}")
        if self.group is not None:
            parts.append(quote(self.group, safe="=,."))
        return "/".join(parts)

    def __repr__(self) -> str:
        if self.value is None:
            return f"Estimate({self.id}: not measured{f', {self.reason}' if self.reason else ''})"
        ends = f" ({self.low:.4g} to {self.high:.4g})" if self.low is not None and self.high is not None else ""
        return f"Estimate({self.id}: {self.value:.4g}{ends} {self.unit})"

    __str__ = __repr__

    @property
    def is_whole(self) -> bool:
        """Whether it speaks of the whole stream: no single stage and no part of it, but by definition."""
        assumed = self.group is not None and self.group.startswith("ceiling=")
        return self.stage is None and (self.group is None or assumed)

    @property
    def measured(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None

    @property
    def has_interval(self) -> bool:
        """Whether both ends of an interval are there."""
        return self.low is not None and self.high is not None
