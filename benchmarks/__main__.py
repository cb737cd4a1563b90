"""`python -m benchmarks [--out FILE]`: all benchmarks, on the bundled stream and on made ones, as Markdown tables."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import (
    draws,
    growing,
    history,
    imports,
    models,
    profiles,
    reduction,
    rendering,
    report,
    samples,
    scale,
)
from toolkit.demo import run_demo

PAGE = """# Beside what one would otherwise use

Measured in one run of `make bench` on {machine}; ways are taken in turns, and a ratio says how many times as long a way
takes as the first. [How a report grows](growth.md) is measured by itself.

{tables}"""


def tables() -> Iterator[str]:
    """One table a benchmark."""
    yield draws.table()
    yield models.table()
    yield samples.table()
    yield scale.table()
    yield growing.table()
    with tempfile.TemporaryDirectory() as folder:
        stream = run_demo(Path(folder) / "demo")[0]  # the first release needs no baseline
        yield imports.table()
        yield reduction.table(stream)
        yield report.table(stream)
        yield rendering.table(stream)
        yield profiles.table(stream)
        yield history.table(stream)


def main() -> None:
    """Print each table as it is there, and write them as a page into the file `--out`."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    found = []
    for table in tables():
        print(table, flush=True)
        found.append(table)
    if out is not None:
        out.write_text(page(found), encoding="utf-8")


def page(found: list[str]) -> str:
    """The tables as one page of the documentation."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return PAGE.format(machine=machine, tables="\n".join(found))


if __name__ == "__main__":
    main()
