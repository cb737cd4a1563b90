"""The pages of the bundled demonstration, as published: accessible, self-contained, narrow enough, printable."""

from __future__ import annotations

from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import findings
from tests.browser.looking import PAPER, opened, too_wide_on_paper

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETTINGS = [(360, "light"), (1280, "dark"), (360, "dark"), (1280, "light")]


@pytest.fixture(scope="module")
def pages(chromium: Any, request: pytest.FixtureRequest) -> list[Path]:
    """Every page of the second release of the small demonstration; asks for the browser first, to skip early."""
    streams, reports = request.getfixturevalue("demo")
    found = [*reports.glob("*.html"), *reports.glob(f"*/{streams[1].name}/*.html")]
    assert len(found) >= 8, found
    return sorted(found)


def test_axe_finds_nothing_grave(chromium: Any, pages: list[Path]) -> None:
    """No finding of axe-core is serious or critical: each page in one of four settings, by night in all of them."""
    for page, (width, scheme) in zip(pages, cycle(SETTINGS), strict=False):
        lines, passed = findings(chromium, page, width, scheme)
        assert lines == []
        assert passed > 20, page.name


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), SETTINGS)
def test_axe_finds_nothing_grave_in_any_setting(chromium: Any, pages: list[Path], width: int, scheme: str) -> None:
    """Every page in every setting."""
    for page in pages:
        lines, passed = findings(chromium, page, width, scheme)
        assert lines == []
        assert passed > 20, page.name


def test_axe_notices_what_is_spoilt(chromium: Any, pages: list[Path], tmp_path: Path) -> None:
    """Negative control: a picture without words and a document without language are reported."""
    spoilt = tmp_path / "spoilt.html"
    html = pages[0].read_text(encoding="utf-8").replace(' lang="en"', "", 1)
    spoilt.write_text(html.replace("</main>", '<img src="data:,"></main>'), encoding="utf-8")
    lines, _ = findings(chromium, spoilt, 1280, "light")
    assert {"html-has-lang", "image-alt"} <= {line.split(", ")[1].split(":")[0] for line in lines}


@pytest.mark.parametrize("width", [360, 1280])
def test_fits_and_asks_for_nothing(chromium: Any, pages: list[Path], width: int) -> None:
    """With all details open the page does not scroll sideways, nothing else is asked for and nothing complains."""
    for path in pages:
        page, asked, said = opened(chromium, path.as_uri(), width)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
        assert said == [], path.name
        assert page.evaluate("document.scripts.length") == 0
        page.context.close()


def test_headings_are_in_order(chromium: Any, pages: list[Path]) -> None:
    """One heading of the first level, the first of all, and none skips a level on the way down."""
    for path in pages:
        page, _, _ = opened(chromium, path.as_uri(), 1280)
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
        assert levels[:1] == [1], path.name
        assert levels.count(1) == 1, path.name
        assert all(b <= a + 1 for a, b in pairwise(levels)), (path.name, levels)
        page.context.close()


def test_prints_whole(chromium: Any, pages: list[Path]) -> None:
    """On A4 what is folded is open, but for long tables; no table or figure runs off the paper; a PDF comes out."""
    for path in pages:
        page, _, _ = opened(chromium, path.as_uri(), PAPER)
        page.emulate_media(media="print")
        folded = page.evaluate(
            "[...document.querySelectorAll('details:not(.long) > :not(summary)')]"
            ".filter(n => n.getBoundingClientRect().height === 0 || !n.checkVisibility({contentVisibilityAuto: true}))"
            ".map(n => n.outerHTML.slice(0, 90))"
        )
        assert folded == [], path.name
        assert too_wide_on_paper(page) == [], path.name
        assert page.pdf(format="A4")[:5] == b"%PDF-"
        page.context.close()
