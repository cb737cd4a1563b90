"""Small real notebooks and logs for tests."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import nbformat

from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Answer, Request

TASKS = ("billing", "returns", "shipping")
PARAMETERS = 'stream = ""\ncube = ""\nbaseline = ""\nparts = ""\nhistory = ""'


def write_notebook(folder: Path, name: str, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    """Write `name`.ipynb with code cells; without `parameters` no cell is tagged."""
    book = nbformat.v4.new_notebook()
    if parameters is not None:
        first = nbformat.v4.new_code_cell(parameters)
        first.metadata["tags"] = ["parameters"]
        book.cells.append(first)
    book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(book, path)
    return path


def part(name: str) -> str:
    """A cell that writes an empty part of the results."""
    content = '{"part": "' + name + '"}'
    return f"from pathlib import Path\nPath(parts, {name + '.json'!r}).write_text({content!r})"


def write_stream(folder: Path, *, title: str = "Tickets", toml: str = "", lost: int = 2) -> Path:
    """A small real log: three tasks, four stages, two seeds, eight items; earlier tasks lose `lost` items."""
    from toolkit.logs import StreamLogWriter

    folder.mkdir(parents=True, exist_ok=True)
    tasks = "".join(f'[[tasks]]\nname = "{task}"\n' for task in TASKS)
    (folder / "stream.toml").write_text(f'name = "tickets"\ntitle = "{title}"\n{toml}\n{tasks}')
    for old in folder.glob("evaluations*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    writer = StreamLogWriter(folder)
    for seed in range(2):
        for stage in range(len(TASKS) + 1):
            for place, task in enumerate(TASKS, 1):
                right = 2 if stage < place else 7 if stage == place else 7 - lost
                for item in range(8):
                    score = float((item + seed) % 8 < right)
                    writer.evaluation(stage=stage, task=task, item=f"{task}-{item}", seed=seed, score=score)
    writer.close()
    return folder


def write_report_notebooks(folder: Path, *more: str) -> Path:
    """Small notebooks that go the whole way: estimates from the cube, the review sheet, the past."""
    imports = (
        "from pathlib import Path\n"
        "from toolkit.cube import load_cube\n"
        "from toolkit.results import Estimate\n"
        "from toolkit.review import Part, gathered, load_parts, review_sheet, save_part"
    )
    mean = (
        "sums = load_cube(Path(cube)).table('sums').to_pydict()\n"
        "value = sum(sums['total']) / sum(sums['n']) / 1e9\n"
        "estimate = Estimate(quantity='average_accuracy', axis='transfer', value=value)\n"
        "estimate"
    )
    save = "save_part(Path(parts), Part(part='transfer', estimates=(estimate,)));"
    write_notebook(folder, "transfer", imports, mean, *more, save)
    sheet = (
        "estimates, _ = gathered(load_parts(Path(parts)))\n"
        "sheet = review_sheet(estimates, load_cube(Path(cube)).config)\n"
        "save_part(Path(parts), Part(part='summary', sheet=sheet));"
    )
    write_notebook(folder, "summary", imports, sheet)
    write_notebook(folder, "releases", "print(history, baseline)")
    return folder


def publish(place: Path, **more: object) -> Answer:
    """One run of the log and the notebooks that lie in a place."""
    base = Request(place / "stream", reports=place / "reports", notebooks=place / "notebooks", cache=place / "cache")
    return run(replace(base, **more))  # type: ignore[arg-type]


def fill_shelf(place: Path) -> None:
    """Release 1 with two revisions, a look, releases 2 and 3 and a look, of a log that changed between them."""
    write_report_notebooks(place / "notebooks")
    for lost, names in enumerate((("1",), ("1", None), ("2",), ("3", None))):
        write_stream(place / "stream", title="<script>alert(1)</script>", lost=lost)
        for name in names:
            publish(place, release=name)
    for second in range(2):
        left = place / f"reports/.failed/2026010{second + 1}T000000Z-00000{second}-tickets"
        (left / "notebooks").mkdir(parents=True)
        (left / "notebooks/summary.ipynb").write_text("{}" * 1000)
