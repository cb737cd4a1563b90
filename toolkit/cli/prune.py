"""`streamreview prune`: says what of old reports would go, and with --apply removes it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from toolkit.cli.show import say, table, warn
from toolkit.errors import StreamBusy, UsageError
from toolkit.reporting.prune import Pruning


def prune(
    reports: Path, *, stream: str | None, keep: int, older_than: float, apply: bool, template: Path | None = None
) -> int:
    """Prune the streams of a reports folder, or say what would go.

    Returns 0, or 6 where a run held one of the streams (the others are pruned). Raises UsageError where the
    folder or the stream is not there, RunFailed where something could not be removed.
    """
    from toolkit.reporting.branding import template_folder
    from toolkit.reporting.cubes import cache_folder
    from toolkit.reporting.index import publish_index
    from toolkit.reporting.layout import Layout
    from toolkit.reporting.prune import plan_pruning
    from toolkit.reporting.prune import prune as remove
    from toolkit.reporting.retention import Wanted

    if not reports.is_dir():
        raise UsageError(f"{reports}: no such folder; publish a report first, or name the folder with --out")
    template = template_folder(template)
    layout = Layout(reports.absolute())
    known = layout.streams()
    if stream is not None and stream not in known:
        raise UsageError(f"--stream {stream!r}: not published in {reports}; there: {', '.join(known) or 'none'}")
    wanted = Wanted(keep, dt.timedelta(days=older_than), dt.datetime.now(dt.UTC))
    done: list[Pruning] = []
    busy = 0
    for name in known if stream is None else [stream]:
        try:
            cache = cache_folder()
            found = (
                remove(layout, name, wanted, cache, template) if apply else plan_pruning(layout, name, wanted, cache)
            )
            done.append(found)
        except StreamBusy as error:
            busy = error.exit_code
            warn(str(error))
    for pruning in done:
        _tell(pruning, layout.root)
    _total(done, apply=apply)
    if apply:
        for line in publish_index(layout, template=template):
            say(f"Note: {line}")
    return busy


def _tell(pruning: Pruning, root: Path) -> None:
    rows = [(r.what, _below(r.place, root), str(len(r.files))) for r in pruning.removals]
    if rows:
        table(f"{pruning.stream}: goes", ("what", "where", "files"), rows, right=(2,))
    if pruning.stays:
        table(f"{pruning.stream}: stays whole", ("report", "why"), pruning.stays)


def _total(done: list[Pruning], *, apply: bool) -> None:
    files = sum(len(r.files) for p in done for r in p.removals)
    size = f"{sum(p.freed for p in done) / 1e6:,.1f} MB"
    if not files:
        say("Nothing to prune.")
    elif apply:
        say(f"Pruned {files} files, {size}. Numbers and stored cubes are untouched.")
    else:
        say(f"Would prune {files} files, {size}. Nothing was removed; say --apply to remove them.")


def _below(place: Path, root: Path) -> str:
    return str(place.relative_to(root)) if place.is_relative_to(root) else str(place)
