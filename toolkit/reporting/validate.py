"""Is a build complete and valid, so that it may be published?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import RunFailed
from toolkit.reporting.layout import RESULTS
from toolkit.reporting.notebooks import Notebook, one_line, unfinished
from toolkit.reporting.publish import NOTICE

if TYPE_CHECKING:
    from toolkit.results import Results


def validate_build(folder: Path, notebooks: Iterable[Notebook], results: Results) -> None:
    """Refuse a publication's folder that lacks a file, has an incomplete page or a results.json that differs.

    Raises RunFailed naming the file and what is wrong with it.
    """
    for notebook in notebooks:
        problem = _page_problem(folder / notebook.page)
        if problem:
            raise RunFailed(f"{folder / notebook.page}: {problem}; see the template of the page")
        executed = folder / "notebooks" / notebook.path.name
        try:
            failure = unfinished(json.loads(executed.read_text(encoding="utf-8"))["cells"])
        except (OSError, ValueError, KeyError) as error:
            failure = f"is no executed notebook ({one_line(error)})"
        if failure:
            raise RunFailed(f"{executed}: {failure}; run again")
    _check_results(folder / RESULTS, results)
    if not (folder / "cube" / "meta.json").is_file():
        raise RunFailed(f"{folder / 'cube'}: the cube is missing or incomplete; run again")


def _page_problem(path: Path) -> str | None:
    try:
        page = path.read_text(encoding="utf-8")
    except OSError:
        return "the page is missing"
    except UnicodeDecodeError:
        return "the page is not UTF-8"
    if not page.lstrip().lower().startswith("<!doctype html") or not page.rstrip().lower().endswith("</html>"):
        return "the page is incomplete, it must run from <!doctype html> to </html>"
    if NOTICE not in page:
        return f"the page has no {NOTICE}, the place where a correction is announced"
    return None


def _check_results(path: Path, results: Results) -> None:
    from pydantic import ValidationError

    from toolkit.results import Results

    try:
        written = Results.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunFailed(f"{path}: is missing ({error.strerror}); run again") from None
    except ValidationError as error:
        raise RunFailed(f"{path}: not valid: {one_line(error)}; report this as a bug") from None
    if written.model_dump(mode="json") != results.model_dump(mode="json"):
        raise RunFailed(f"{path}: does not hold what was found; check the disk and run again")
