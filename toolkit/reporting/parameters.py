"""With which parameters were a report's notebooks executed? Kept beside the results, for notebooks may be pruned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from toolkit.errors import RunFailed, UsageError
from toolkit.reporting.layout import RESULTS
from toolkit.reporting.notebooks import INDEX_PAGE, one_line

PARAMETERS = "parameters.json"


def notebook_parameters(
    *, stream: Path, folder: Path, baseline: Path | None, parts: Path | None, history: Path | None, release: str | None
) -> dict[str, str]:
    """What every notebook of the publication in `folder` is given; "" for what there is none of.

    parts: where notebooks write, None for one that is opened alone. release: None for a look.
    """
    return {
        "stream": str(stream),
        "cube": str(folder / "cube"),
        "baseline": "" if baseline is None else str(baseline),
        "parts": "" if parts is None else str(parts),
        "history": "" if history is None else str(history),
        "release": release or "",
    }


def write_parameters(folder: Path, parameters: Mapping[str, str]) -> None:
    """Keep the parameters in the publication's folder."""
    (folder / PARAMETERS).write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")


def stored_parameters(folder: Path, stream: str) -> dict[str, str]:
    """The parameters of a publication's notebooks, their paths found again where the reports folder was moved.

    folder: the publication's, absolute. Raises UsageError where they cannot be read, RunFailed where the baseline
    is gone.
    """
    given = _read(folder)
    reports = folder.resolve()
    while reports.name != ".builds" and reports != reports.parent:
        reports = reports.parent
    here = reports.parent / stream
    for name in ("baseline", "history"):
        words = Path(given.get(name, "")).parts
        if stream in words and here.is_dir():
            last = len(words) - 1 - words[::-1].index(stream)
            given[name] = str(here.joinpath(*words[last + 1 :]))
    baseline = given.get("baseline", "")
    if baseline and not (Path(baseline) / RESULTS).is_file():
        raise RunFailed(f"{baseline}: the baseline of this report is not there; restore it and run again")
    return given | {"cube": str(folder / "cube")}


def _read(folder: Path) -> dict[str, str]:
    """From the file, else from an executed notebook, as reports had them before there was the file."""
    path = folder / PARAMETERS
    try:
        if path.is_file():
            stored = json.loads(path.read_text(encoding="utf-8"))
        else:
            path = folder / "notebooks" / f"{INDEX_PAGE}.ipynb"
            stored = json.loads(path.read_text(encoding="utf-8"))["metadata"]["papermill"]["parameters"]
        return {str(name): str(value) for name, value in stored.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: its parameters cannot be read ({one_line(error, 100)}); restore it") from None
