"""The example of branding is real: pages carry its colours and logo without a line of Python."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path

from tests.invented import results
from tests.reporting.pages import PAGE, summary
from toolkit.reporting.history import Published
from toolkit.reporting.prune import pruned_page
from toolkit.reporting.render import Publication, render_index, render_notebook

EXAMPLE = Path(__file__).parents[2] / "examples" / "branding"


def test_pages_index_and_what_was_pruned_carry_the_example(tmp_path: Path) -> None:
    """Stylesheet last, so that it wins; logo embedded; without the folder neither is there."""
    css = (EXAMPLE / "static" / "brand.css").read_text(encoding="utf-8").strip()
    logo = base64.b64encode((EXAMPLE / "static" / "logo.svg").read_bytes()).decode("ascii")
    notebook = summary(tmp_path)
    publication = Publication(results("2026.11"), "s/index.html")
    branded = render_notebook(notebook, PAGE, template=EXAMPLE)
    content = {"title": "Tickets", "sentence": "s", "release": "1"}
    gone = Published(tmp_path, "1", "1", 1, False, "", None, content)
    pruned = pruned_page(gone, dt.datetime(2026, 11, 24, tzinfo=dt.UTC), EXAMPLE)
    for html in (branded, render_index({"s": [publication]}, template=EXAMPLE), pruned):
        assert html.rindex(css) > html.index(".frame {")
        assert html.count(f"data:image/svg+xml;base64,{logo}") == 1
    plain = render_notebook(notebook, PAGE)
    assert css not in plain
    assert logo not in plain
    assert branded.split("<main", 1)[1] == plain.split("<main", 1)[1]
