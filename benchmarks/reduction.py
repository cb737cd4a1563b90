"""From a log to a score matrix with item sums: the reduction against a pandas group-by of the same files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.timing import as_table, in_turns


def table(stream: Path, turns: int = 3) -> str:
    """Time both on one stream folder of JSON lines."""

    def ours() -> object:
        from toolkit.cube import reduce_stream, scores_of
        from toolkit.logs import read_stream

        with read_stream(stream) as log:
            return scores_of(reduce_stream(log))

    def pandas() -> object:
        rows = pd.concat([pd.read_json(f, lines=True) for f in sorted((stream / "evaluations").glob("*.jsonl"))])
        rows = rows[rows["step"].isna()].fillna({"arm": "stream", "seed": 0})
        return rows.groupby(["arm", "seed", "stage", "task", "cluster"])["score"].agg(["size", "sum"])

    ways = {"read, check and reduce all three tables": ours, "pandas, evaluations alone, unchecked": pandas}
    return as_table("Reading and reducing the bundled stream", in_turns(ways, turns=turns))
