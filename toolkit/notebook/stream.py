"""What does a stream's log hold, and what are the rows behind a number? A log, opened for an analyst.

stream = open_stream("my-stream")
stream.check()  # rows read, used and rejected; what can be measured
stream.items("billing", lost=True)  # what was right when billing was learned and is wrong now
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.cube import Cube
    from toolkit.logs.config import StreamConfig
    from toolkit.notebook.check import Check
    from toolkit.notebook.run import Run

_ITEMS = """
select f.seed, f.item, f.cluster, f.truth,
       f.score as at_arrival, f.answer as answer_at_arrival, l.score as at_last, l.answer as answer_at_last
from matrix_rows f join matrix_rows l
on f.arm = l.arm and f.task_order = l.task_order and f.seed = l.seed and f.task = l.task and f.item = l.item
where f.task = $task and f.arm = $arm and f.task_order = $task_order and f.item is not null
  and f.stage = $arrival and l.stage = $last
order by f.seed, f.item
"""


@dataclass(frozen=True, repr=False)
class Stream:
    """A stream folder. Its log is read once for the cube, and again whenever rows are asked for."""

    folder: Path

    @cached_property
    def config(self) -> StreamConfig:
        """What stream.toml says."""
        return self.cube.config

    @cached_property
    def cube(self) -> Cube:
        """The small tables that the log reduces to: from the user's cache where this log was reduced before.

        Raises LogRejected where the log cannot be used.
        """
        from toolkit.cube import load_cube
        from toolkit.logs.fingerprint import fingerprint, inputs_of
        from toolkit.reporting.cubes import cache_folder, fetch_cube

        cache, folder = cache_folder(), self.folder.resolve()
        log = fingerprint(inputs_of(folder, cache))
        with tempfile.TemporaryDirectory(prefix="streamreview-cube-") as place:
            fetch_cube(folder, Path(place) / "cube", log_fingerprint=log, cache=cache)
            return load_cube(Path(place) / "cube")

    def run(self) -> Run:
        """The stream for analyses; the same one each time, so that nothing is computed twice."""
        return self._run

    @cached_property
    def _run(self) -> Run:
        from toolkit.analyses import Evidence
        from toolkit.notebook.run import Run

        return Run(Evidence(self.cube))

    def check(self) -> Check:
        """The ledger of the log's rows, what can be measured, and what to log next."""
        from toolkit.notebook.check import Check

        meta = self.cube.meta
        return Check(meta.ledger, meta.notices, meta.facts)

    def rejected(self) -> pd.DataFrame:
        """One row a rejected row: table, file, number (unit `line` or `row`) and reason; also of a rejected log."""
        import pandas as pd

        from toolkit.logs import read_stream

        columns = ["table", "file", "number", "unit", "reason"]
        with read_stream(self.folder, enforce_limit=False) as log:
            return pd.DataFrame(log.ledger.rejected(), columns=[*columns, "counted"])[columns]

    def __repr__(self) -> str:
        return f"Stream({str(self.folder)!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from toolkit.notebook.cards import stream_block

        return stream_block(self)._repr_mimebundle_(include, exclude)

    def items(
        self, task: str, *, arm: str = "stream", order: str = "default", stage: int | None = None, lost: bool = False
    ) -> pd.DataFrame:
        """One row a seed and item: its score and answer when the task was learned, and at a later stage.

        stage: the later stage, else the last in the log; lost: only items that score worse there than at arrival.
        Columns seed, item, cluster, truth, at_arrival, answer_at_arrival, at_last, answer_at_last. Raises UsageError
        for a task that the stream does not know, and where its log has no items.
        """
        from toolkit.cube import queries
        from toolkit.logs import read_stream

        with read_stream(self.folder) as log:
            tasks = log.config.task_order(order)
            if task not in tasks:
                raise UsageError(f"the stream has no task {task!r}; its tasks are: {', '.join(tasks)}")
            if "evaluations" not in log.tables:
                raise UsageError("the log has no evaluations, so there are no items to show")
            con = log.connection
            con.execute("drop view if exists matrix_rows")
            con.execute(queries.MATRIX_ROWS)
            asked = {"task": task, "arm": arm, "task_order": order}
            last = con.execute("select max(stage) from matrix_rows where task = $task and arm = $arm and "
                               "task_order = $task_order and item is not null", asked).fetchone()  # fmt: skip
            if last is None or last[0] is None:
                raise UsageError(f"the log has no items of {task!r} in the arm {arm!r}")
            places = {"arrival": tasks.index(task) + 1, "last": last[0] if stage is None else stage}
            found = con.execute(_ITEMS, asked | places).df()
            better = log.config.higher_is_better
        if not lost:
            return found
        worse = found["at_last"] < found["at_arrival"] if better else found["at_last"] > found["at_arrival"]
        return found[worse].reset_index(drop=True)


def open_stream(folder: str | Path = "") -> Stream:
    """A stream's log for an analyst; without a folder, the newest release of the bundled demonstration.

    folder: may be a URL that fsspec knows (`s3://bucket/stream`): then a copy is brought up to date and opened.
    Raises UsageError where there is no such folder.
    """
    from toolkit.logs.remote import is_remote, mirror
    from toolkit.notebook.demonstration import demo_stream
    from toolkit.reporting.cubes import cache_folder

    if is_remote(str(folder)):
        return Stream(mirror(str(folder), cache_folder()))
    path = Path(folder) if str(folder) else demo_stream()
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder; give the folder that holds the stream's log")
    return Stream(path)
