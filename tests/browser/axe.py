"""What does axe-core find on a page, and how grave is it?"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

GRAVE = ("serious", "critical")


def findings(browser: Any, page: Path, width: int, scheme: str) -> tuple[list[str], int]:
    """The grave findings of axe-core on a file with all its details open, one line each, and how many rules passed.

    The script comes from the development package that ships it. A page's own policy forbids every script, so it is
    bypassed in this context and in no other.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )
    try:
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        tab.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    finally:
        context.close()
    lines = [
        f"{page.name}: {rule['impact']}, {rule['id']}: {node['target']}: {node['html'][:120]}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"][:3]
    ]
    return lines, len(found["passes"])
