"""`python -m benchmarks`: all benchmarks, on the bundled stream and on made ones, as Markdown tables."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import draws, growing, history, imports, models, profiles, reduction, rendering, report, samples, scale
from toolkit.demo import run_demo


def main() -> None:
    """Make the bundled stream, then print one table a benchmark."""
    print(draws.table(), flush=True)
    print(models.table(), flush=True)
    print(samples.table(), flush=True)
    print(scale.table(), flush=True)
    print(growing.table(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        stream = run_demo(Path(folder) / "demo")[0]  # the first release needs no baseline
        print(imports.table(), flush=True)
        print(reduction.table(stream), flush=True)
        print(report.table(stream), flush=True)
        print(rendering.table(stream), flush=True)
        print(profiles.table(stream), flush=True)
        print(history.table(stream), flush=True)


if __name__ == "__main__":
    main()
