"""`streamreview index`: writes the releases page and says whether published results are unchanged."""

from __future__ import annotations

from pathlib import Path

from toolkit.cli.show import say
from toolkit.errors import RunFailed, UsageError


def index(reports: Path, template: Path | None = None) -> int:
    """Write the page; RunFailed where the chain of a stream's results is broken (the page is written)."""
    from toolkit.reporting.branding import template_folder
    from toolkit.reporting.index import write_index
    from toolkit.reporting.layout import Layout

    if not reports.is_dir():
        raise UsageError(f"{reports}: no such folder; publish a report first, or name the folder with --out")
    layout = Layout(reports.absolute())
    problems = write_index(layout, template_folder(template))
    say(f"Page: {layout.index}")
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise RunFailed(f"{problems[0]}{more}")
    return 0
