"""What does a page do when it is opened, and what of it does not fit on paper?"""

from __future__ import annotations

from typing import Any

PAPER = 688  # pixels at 96 dpi: A4 between its margins


def opened(chromium: Any, address: str, width: int, scheme: str = "light") -> tuple[Any, list[str], list[str]]:
    """The page, the addresses it asked for, and what it complained of or ran."""
    page = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    return page, asked, said


def too_wide_on_paper(page: Any) -> list[str]:
    """Tables, pictures and paragraphs that run off the paper, by their first letters; the page emulates print."""
    return page.evaluate(
        "paper => [...document.querySelectorAll('main table, main figure svg, main img, main p, main pre')]"
        ".filter(n => n.checkVisibility() && n.getBoundingClientRect().right > paper + 1)"
        ".map(n => Math.round(n.getBoundingClientRect().right) + ' ' + n.outerHTML.slice(0, 80))",
        PAPER,
    )
