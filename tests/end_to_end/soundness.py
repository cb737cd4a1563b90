"""Is everything that was published still whole, valid and reached, and is nothing half-made in readers' sight?"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from toolkit.errors import RunFailed
from toolkit.reporting.history import read_history
from toolkit.reporting.layout import PARTIAL, RESULTS, Layout
from toolkit.reporting.notebooks import find_notebooks
from toolkit.reporting.publish import NOTICE
from toolkit.reporting.validate import validate_build
from toolkit.results import Results

SCHEMA = Path(__file__).parents[2] / "docs/results.schema.json"


@cache
def _schema() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def state(place: Path, stream: str = "tickets") -> dict[str, str]:
    """Every published entry with the hash of its results.json, and every file of finished builds with its own."""
    layout = Layout(place / "reports")
    found = {p.entry: p.sha256 for p in read_history(layout, stream).published}
    # A finished build that a killed run never linked is put away whole by the next one: that is no loss.
    for folder in (layout.failed, layout.builds):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and PARTIAL not in str(path):
                found[f"build {path.relative_to(folder)}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def problems(place: Path, before: dict[str, str], stream: str = "tickets") -> list[str]:
    """What is wrong with the reports folder now, one line each; `before` is its state before the fault."""
    layout = Layout(place / "reports")
    history = read_history(layout, stream)
    found = [f"history: {line}" for line in history.problems]
    after = state(place, stream)
    published = {entry: sha for entry, sha in before.items() if not entry.startswith("build ")}
    found += [f"{entry}: lost or changed" for entry, sha in published.items() if after.get(entry) != sha]
    builds = {name: sha for name, sha in before.items() if name.startswith("build ")}
    found += [f"{name}: lost or changed" for name, sha in builds.items() if after.get(name) != sha]
    for publication in history.published:
        found += [f"{publication.entry}: {line}" for line in _unsound(place, publication.folder)]
    for name in ("latest", "latest-look"):
        link = layout.stream(stream) / name
        if published and not (link / RESULTS).is_file():
            found.append(f"{name}: leads nowhere")
    return found


def unsettled(place: Path, stream: str = "tickets") -> list[str]:
    """What a run that ended well must not leave: unfinished builds, strays, links to other than the newest."""
    layout = Layout(place / "reports")
    history = read_history(layout, stream)
    found = [f"{p.name}: left in .builds" for p in layout.builds.iterdir() if p.name.endswith(PARTIAL)]
    folders = [layout.stream(stream), layout.stream(stream) / "looks"]
    found += [f"{p.name}: a stray" for f in folders if f.is_dir() for p in f.iterdir() if p.name.startswith(".")]
    found += [f"{p.name}: a stray in .builds" for p in layout.builds.iterdir() if p.name.startswith(".")]
    found += [f"{p.name}: a temporary folder of a dead run" for p in (place / "tmp").glob("sr-*")]
    current = history.current(history.releases[-1]) if history.releases else None
    for name, should in (("latest", current), ("latest-look", history.head)):
        link = layout.stream(stream) / name
        if should is not None and not (link.exists() and os.path.samefile(link, should.folder)):
            found.append(f"{name}: does not lead to {should.entry}")
    index = layout.index.read_text(encoding="utf-8") if layout.index.is_file() else ""
    found += [f"{p.entry}: not on the releases page" for p in history.published if p.entry not in index]
    return found


def _unsound(place: Path, folder: Path) -> list[str]:
    if PARTIAL in str(folder.resolve()):
        return ["is an unfinished build"]
    if ".builds" not in folder.resolve().parts:
        return ["lies outside .builds"]
    raw = (folder / RESULTS).read_bytes()
    errors = [f"schema: {error.message[:200]}" for error in _schema().iter_errors(json.loads(raw))]
    try:
        validate_build(folder, find_notebooks(place / "notebooks"), Results.model_validate_json(raw))
    except (RunFailed, ValueError) as error:
        errors.append(str(error))
    others = ("estimates.csv", "estimates.parquet", "summary.md", "parameters.json")
    errors += [f"{name} is missing" for name in others if not (folder / name).is_file()]
    if NOTICE not in (folder / "index.html").read_text(encoding="utf-8"):
        errors.append("the page cannot announce a correction")
    if (folder / ".work").exists():
        errors.append("holds what was not to be published")
    return errors
