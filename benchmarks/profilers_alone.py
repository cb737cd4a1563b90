"""What general profilers make of the evaluations of a stream, in a process with the packages they need.

python benchmarks/profilers_alone.py minimal|full|drift STREAM PAGE
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def main(way: str, stream: Path, page: Path) -> None:
    """Write one HTML page on the evaluations in JSON lines."""
    files = sorted((stream / "evaluations").glob("*.jsonl"))
    rows = pd.concat([pd.read_json(file, lines=True) for file in files], ignore_index=True)
    if way == "drift":
        from evidently import Dataset, Report
        from evidently.presets import DataDriftPreset

        columns = ["task", "score"]
        first, last = (
            Dataset.from_pandas(rows.loc[rows["stage"] == stage, columns])
            for stage in (rows["stage"].min(), rows["stage"].max())
        )
        Report([DataDriftPreset()]).run(last, first).save_html(str(page))
    else:
        from ydata_profiling import ProfileReport

        ProfileReport(rows, minimal=way == "minimal", progress_bar=False).to_file(page)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
