"""What was lost of each task, with intervals: from a log's files, beside statsmodels' models of the same item rows.

GEE and MixedLM get the rows at each task's arrival and at the last stage, grouped by item, with a level and a change
for each task. All three find the same changes, which is checked; what they know of seeds differs.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.growth import drawn
from benchmarks.timing import as_table, in_turns

TASKS, SEEDS, ITEMS = 10, 5, 200
_FORMULA = "score ~ 0 + task + task:last"


def table(turns: int = 3) -> str:
    """The comparison as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        stream = drawn(Path(folder) / "stream", tasks=TASKS, seeds=SEEDS, items=ITEMS)
        found: dict[str, np.ndarray] = {}

        def ours() -> None:
            found["ours"] = changes(stream)

        def gee() -> None:
            import statsmodels.formula.api as smf
            from statsmodels.genmod.cov_struct import Exchangeable

            fit = smf.gee(_FORMULA, groups="item", data=rows_of(stream), cov_struct=Exchangeable()).fit()
            fit.conf_int()
            found["gee"] = fit.params.filter(like=":last").to_numpy()

        def mixed() -> None:
            import statsmodels.formula.api as smf

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # items that do not differ: the variance is at its bound
                fit = smf.mixedlm(_FORMULA, groups="item", data=rows_of(stream)).fit()
            fit.conf_int()
            found["mixed"] = fit.fe_params.filter(like=":last").to_numpy()

        ways = {"streamreview, from all rows": ours, "statsmodels GEE": gee, "statsmodels MixedLM": mixed}
        timed = in_turns(ways, turns=turns)
    for other in ("gee", "mixed"):
        np.testing.assert_allclose(found[other], found["ours"], atol=1e-6)
    rows = 2 * SEEDS * ITEMS * (TASKS - 1)
    return as_table(f"What was lost of {TASKS} tasks, with intervals ({rows:,} rows at arrival and at the end)", timed)


def changes(stream: Path) -> np.ndarray:
    """Change of each task since its arrival, in the order of their names, by the toolkit's own way from the log."""
    from toolkit.analyses.evidence import Evidence
    from toolkit.analyses.forgetting import BACKWARD
    from toolkit.analyses.measure import measure
    from toolkit.cube import reduce_stream
    from toolkit.logs import read_stream

    with read_stream(stream) as log:
        estimates = measure(Evidence(reduce_stream(log)), BACKWARD, undefined="")
    by_task = {one.task: one.value for one in estimates if one.task is not None and one.group is None}
    return np.array([by_task[task] for task in sorted(by_task)], float)


def rows_of(stream: Path) -> pd.DataFrame:
    """Item rows of the student at each task's arrival (last = 0) and at the last stage (last = 1)."""
    frame = pd.read_parquet(stream / "evaluations.parquet")
    frame = frame[frame["arm"] == "stream"]
    arrival = frame["task"].str.removeprefix("task-").astype(int) + 1
    final = frame["stage"] == TASKS
    kept = frame[((frame["stage"] == arrival) | final) & (arrival < TASKS)]
    return kept.assign(last=(kept["stage"] == TASKS).astype(float))
