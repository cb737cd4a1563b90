"""What stream.toml says about a stream: its tasks in order of arrival, its scale, and how it is reviewed.

Field names and meaning are those of docs/log-format.md; unknown keys are refused, with the nearest known one.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from toolkit.errors import LogRejected

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
RESERVED_RELEASES = frozenset({"latest", "latest-look", "looks"})
EVERY = re.compile(r"(\d+(?:\.\d+)?)\s*(min|h|d|w)")
_MINUTES = {"min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(_Section):
    """One task: its name as in the log, its domain, and how much is at risk when it goes wrong."""

    name: str = Field(min_length=1)
    domain: str | None = None
    risk: Literal["standard", "regulated"] = "standard"


class Margin(_Section):
    """The smallest change that matters on one axis, in that axis's unit; who chose it, why and when."""

    value: float = Field(gt=0)
    unit: str | None = None
    chosen_by: str | None = None
    reason: str | None = None
    date: dt.date | None = None


class Margins(_Section):
    """Margins by axis; an axis without one gets a provisional margin of 2 % of its scale."""

    transfer: Margin | None = None
    forgetting: Margin | None = None
    feedback_bias: Margin | None = None
    alignment: Margin | None = None
    generation: Margin | None = None


class StreamMargins(Margins):
    """The margins of a stream, and the stricter ones of its regulated tasks."""

    regulated: Margins = Margins()


class Review(_Section):
    """How the log is turned into findings and verdicts."""

    level: float = Field(0.95, gt=0.5, lt=1)
    recent_tasks: int = Field(3, ge=1)
    seeds_shared: bool = True
    human_sampling: Literal["random", "selected", "unknown"] = "unknown"
    show_raters: bool = False
    show_samples: Literal["standard", "all", "none"] = "standard"
    required: tuple[Literal["transfer", "forgetting", "feedback", "alignment", "generation"], ...] | None = None
    margins: StreamMargins = StreamMargins()


class FeedbackScale(_Section):
    """The scale of numeric judgements; absent: the score range of the stream."""

    range: tuple[float, float] | None = None


class Accepted(_Section):
    """A finding that is known and borne until a date: it stays visible and no longer repeats as an alarm."""

    finding: str
    by: str
    why: str
    until: dt.date


class StreamConfig(_Section):
    """A whole stream.toml."""

    name: str
    title: str = ""
    score_range: tuple[float, float] = (0.0, 1.0)
    higher_is_better: bool = True
    step_unit: str = "steps"
    release: str | None = None
    baseline: str | None = None
    expect_every: str | None = None
    missing_score: Literal["reject", "wrong"] = "reject"
    max_rejected: float = Field(0.01, ge=0, le=1)
    retention_years: float = Field(0, ge=0)
    public_url: str = ""
    tasks: tuple[Task, ...] = ()
    orders: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    feedback: FeedbackScale = FeedbackScale()
    models: dict[str, str] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict)
    review: Review = Review()
    accepted: tuple[Accepted, ...] = ()

    @field_validator("name")
    @classmethod
    def _name_is_a_path_component(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError("use lower-case letters, digits, '-' and '_' (it becomes a folder name)")
        return value

    @field_validator("release", "baseline")
    @classmethod
    def _release_is_a_path_component(cls, value: str | None) -> str | None:
        return value if value is None else check_release_name(value)

    @field_validator("expect_every")
    @classmethod
    def _duration_is_readable(cls, value: str | None) -> str | None:
        if value is not None and not EVERY.fullmatch(value):
            raise ValueError("use a number and one of min, h, d, w, as in '2d'")
        return value

    @field_validator("score_range")
    @classmethod
    def _range_is_ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not value[0] < value[1]:
            raise ValueError("the lower end must be below the upper end")
        return value

    @model_validator(mode="after")
    def _tasks_are_distinct(self) -> Self:
        names = [task.name for task in self.tasks]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"task {twice!r} is listed twice")
        known = set(names)
        for order, members in self.orders.items():
            strange = [name for name in members if known and name not in known]
            if strange:
                raise ValueError(f"order {order!r} names {strange[0]!r}, which is no task of [[tasks]]")
        return self

    @property
    def shown_title(self) -> str:
        """The title for people: `title`, else the name."""
        return self.title or self.name

    @property
    def expect_every_minutes(self) -> float | None:
        """`expect_every` in minutes."""
        if self.expect_every is None:
            return None
        match = EVERY.fullmatch(self.expect_every)
        if match is None:  # the validator has seen it
            raise AssertionError(self.expect_every)
        return float(match[1]) * _MINUTES[match[2]]

    @property
    def regulated(self) -> frozenset[str]:
        """Names of the regulated tasks."""
        return frozenset(task.name for task in self.tasks if task.risk == "regulated")

    @property
    def hidden_texts(self) -> frozenset[str]:
        """Names of the tasks whose samples' texts are never kept or shown, as `show_samples` says."""
        if self.review.show_samples == "standard":
            return self.regulated
        return frozenset(task.name for task in self.tasks) if self.review.show_samples == "none" else frozenset()

    def task_order(self, order: str = "default") -> tuple[str, ...]:
        """Task names in order of arrival."""
        return self.orders.get(order) or tuple(task.name for task in self.tasks)


def check_release_name(value: str) -> str:
    """`value` where it can be a release's name, one path component; else ValueError."""
    if not RELEASE.fullmatch(value) or value in RESERVED_RELEASES or re.fullmatch(r"r\d+", value):
        raise ValueError(
            "a release is named by letters, digits, '.', '-' and '_', starting with a letter or digit, "
            "and not 'latest', 'looks' or like 'r2'"
        )
    return value


def load_config(folder: Path) -> StreamConfig:
    """Read `folder`/stream.toml; without one the folder's name and all defaults serve.

    Raises LogRejected with file, key and remedy where the file cannot be used.
    """
    path = folder / "stream.toml"
    if not path.exists():
        name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_") or "stream"
        return StreamConfig(name=name[:64], title=folder.resolve().name)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LogRejected(f"{path}: not readable as TOML: {error}; correct that line") from None
    try:
        return StreamConfig.model_validate(raw)
    except ValidationError as error:
        raise LogRejected(f"{path}: {_first_problem(error)}") from None


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        known = _known_keys(first["loc"])
        close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(sorted(known))}"
        return f"unknown key {where!r}; {remedy}"
    message = str(first["msg"]).removeprefix("Value error, ")
    got = first.get("input")
    shown = f" (got {got!r})" if isinstance(got, (str, int, float, bool)) else ""
    more = len(error.errors()) - 1
    return f"{where}: {message}{shown}" + (f"; and {more} more problem{'s' if more > 1 else ''}" if more else "")


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    model: Any = StreamConfig
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            return []
        annotation = field.annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
        if model is None:
            return []
    return list(model.model_fields)
