"""`streamreview export`: writes a published report's estimates for a spreadsheet, a program, a paper."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.show import warn
from toolkit.errors import UsageError
from toolkit.logs.shown import listed, shown

if TYPE_CHECKING:
    from toolkit.notebook import Estimates

_ROUNDED_ALREADY = ("latex", "markdown")


def export(
    report: str, *, to: str, quantities: Sequence[str], tasks: Sequence[str], interval: str, rounded: bool
) -> None:
    """Write those of the report's estimates to the file `to`, or to stdout where `to` names a format.

    tasks: by name, `all` for estimates over all tasks. Raises UsageError for what the report does not have, a format
    that is unknown or has no such option, and a file inside the report.
    """
    from toolkit.notebook import open_release

    release = open_release(report)
    form, path = _target(to, release.folder)
    if rounded and form in ("json", "parquet"):
        raise UsageError(f"export: --rounded is for csv, not for {form}, which programs read; leave it out")
    if interval not in ("cell", "columns"):
        raise UsageError(f"export: --interval is {shown(interval, 40)!r}; it must be cell or columns")
    if interval != "cell" and form not in _ROUNDED_ALREADY and not rounded:
        raise UsageError("export: --interval is for latex, markdown and csv with --rounded; the other files have both")
    chosen = _chosen(release.estimates, quantities, tasks)
    if not chosen:
        raise UsageError("export: no estimate is of these quantities and tasks together; leave one option out")
    _write(chosen, form, path, interval, rounded)


def _write(chosen: Estimates, form: str, path: Path | None, interval: Any, rounded: bool) -> None:
    if form == "parquet":
        if path is None:
            raise AssertionError
        chosen.to_parquet(path)
        text = None
    elif form == "csv":
        text = chosen.to_csv(path, rounded=rounded, interval=interval)
    elif form == "json":
        text = chosen.to_json(path)
    else:
        written = chosen.to_latex if form == "latex" else chosen.to_markdown
        text = written(path, interval=interval)
    if text is None:
        warn(f"{len(chosen)} estimates written to {path}")
    else:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()


def _target(to: str, report: Path) -> tuple[str, Path | None]:
    """The format, and the file where there is to be one."""
    from toolkit.notebook.export import FORMATS

    if to in FORMATS:
        if to == "parquet":
            raise UsageError("export: parquet is no text; name a file, as in --to estimates.parquet")
        return to, None
    path = Path(to)
    form = next((name for name, ending in FORMATS.items() if path.suffix.lower() == ending), None)
    if form is None:
        endings = ", ".join(FORMATS.values())
        raise UsageError(
            f"export: --to {shown(to)!r} is no format and has none of the endings {endings}; name one of them"
        )
    if path.resolve().is_relative_to(report.resolve()):
        raise UsageError(
            f"export: {shown(path)} lies in the report, which stays as it was published; name another file"
        )
    return form, path


def _chosen(found: Estimates, quantities: Sequence[str], tasks: Sequence[str]) -> Estimates:
    known = list(dict.fromkeys(e.task for e in found if e.task is not None))
    for name in quantities:
        if name not in found.quantities:
            had = listed(found.quantities, 60)
            raise UsageError(f"export: the report has no quantity {shown(name, 40)!r}; it has {had}")
    for name in tasks:
        if name != "all" and name not in known:
            raise UsageError(f"export: no estimate is of the task {shown(name, 40)!r}; tasks are {listed(known)}")
    if quantities:
        found = found.filter(quantity=quantities)
    return found.filter(task=[*tasks, *([None] if "all" in tasks else [])]) if tasks else found
