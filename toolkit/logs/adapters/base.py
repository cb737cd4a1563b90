"""What is an adapter: what it is given, what it hands back, and how it says what it could not map.

An adapter reads another tool's files and yields rows in the columns of docs/log-format.md, one after the other,
so that a log larger than memory passes through. What it learns about the stream on its way (tasks, scale) it
leaves in `Hints`, which are read after its last row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from toolkit.logs.adapters.account import Account
    from toolkit.logs.adapters.stages import StageMap

Row = dict[str, Any]


class Record(NamedTuple):
    """One row of the log: the name of its table, and its cells by column. A cell of None is left out."""

    table: str
    row: Row


def evaluation(*, stage: int, task: str, score: float | None = None, **more: Any) -> Record:
    """One scored item, or one cell mean; `more` takes the other columns of evaluations, and `attr_*`."""
    return Record("evaluations", {"stage": stage, "task": task, "score": score, **more})


def feedback(*, stage: int, task: str, item: str, source: str, rater: str, **more: Any) -> Record:
    """One judgement; `source` is human, synthetic or rule, `more` takes score or label, and the other columns."""
    row = {"stage": stage, "task": task, "item": item, "source": source, "rater": rater, **more}
    return Record("feedback", row)


def sample(*, stage: int, task: str, sample: str, **more: Any) -> Record:
    """One generated sample; `more` takes the other columns of samples, and `attr_*`."""
    return Record("samples", {"stage": stage, "task": task, "sample": sample, **more})


@dataclass(frozen=True)
class Options:
    """What the user said about the source.

    stages: what --stages maps runs, checkpoints or dates to. columns: name in the source -> column of the log.
    tasks: in order of arrival, empty where not given. settings: what --set gave, among those the adapter names.
    kind: the table that the source holds, where the user says so.
    """

    stages: StageMap | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None

    def setting(self, name: str, default: str = "") -> str:
        """The value of one setting."""
        return self.settings.get(name, default)


@dataclass
class Hints:
    """What stream.toml should say about the stream; filled in while rows are read.

    tasks: in order of arrival; those that rows name besides are added behind them as they appear.
    evidence: what says that order, as in "by their folders' numbers"; sure: whether that leaves no doubt.
    score_range, feedback_range: the scale; None means the smallest usual scale that holds all values read.
    orders: task orders by name, where there are several. models: for the record. metric: what scores are.
    """

    title: str = ""
    tasks: list[str] = field(default_factory=list)
    evidence: str = "as they first appear in the source"
    sure: bool = False
    metric: str = ""
    score_range: tuple[float, float] | None = None
    feedback_range: tuple[float, float] | None = None
    higher_is_better: bool = True
    step_unit: str = ""
    orders: dict[str, list[str]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Converted:
    """What an adapter hands back: rows, read once and in order, and hints, complete after the last row."""

    rows: Iterable[Record]
    hints: Hints


@dataclass(frozen=True)
class Adapter:
    """One format: its name on the command line, what it is in a line, how it is read, and its settings.

    read: called with the source (a file or folder, which exists), what the user said, and the account of what
    could not be mapped. It raises LogRejected with one line (what, where, what to do) where the source cannot
    be used at all. settings: names that --set takes for this format, each with a line of help.
    """

    name: str
    summary: str
    read: Callable[[Path, Options, Account], Converted]
    settings: Mapping[str, str] = field(default_factory=dict)
