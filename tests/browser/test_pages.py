"""In a real browser pages fit, ask for nothing, run nothing, and can be read in light, dark and on paper."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.looking import PAPER, opened, too_wide_on_paper
from tests.invented import HOSTILE, by_task, headline_estimates, matrix, results
from tests.reporting.pages import PAGE, axis_page, output, shown, summary, write
from toolkit.figures import (
    estimates_table,
    forest,
    intervals,
    ledger_table,
    notes,
    plan_table,
    releases_table,
    score_matrix,
    table,
)
from toolkit.reporting.render import Publication, render_index, render_notebook
from toolkit.results import LedgerEntry, Notice, PlanRow

pytestmark = pytest.mark.browser

# Contrast of every text with the nearest opaque ground behind it (WCAG 2 relative luminance), worst first.
CONTRAST = """
() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m[3] ?? 1}; };
  const lum = c => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    return .2126 * f(c.r) + .7152 * f(c.g) + .0722 * f(c.b); };
  const ground = n => {
    for (; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c.a > .99) return c; }
    return {r: 255, g: 255, b: 255}; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, box = node.parentElement;
    if (!node.textContent.trim() || !box.checkVisibility()) continue;
    const svg = box.closest('svg');
    if (svg && svg.closest('figure')) continue;  // checked apart: cells of a heatmap are their own ground
    const style = getComputedStyle(box);
    const a = lum(parse(svg ? style.fill : style.color)), b = lum(ground(svg ? svg.parentElement : box));
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), node.textContent.trim().slice(0, 40)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
}
"""


def hostile(folder: Path) -> Path:
    """A page with hostile names of tasks, parts, tables and releases, and hostile words wherever words can stand."""
    bad = tuple(HOSTILE.values())
    plan = [PlanRow(task=b, risk="standard", advice="review", labels=9, why=b) for b in bad]
    ledger = {b: LedgerEntry(read=2, used=1, rejected=1, reasons={b: 1}) for b in bad}
    parts = [e.model_copy(update={"group": f"{b}={b}", "reason": b}) for e, b in zip(by_task(), bad, strict=True)]
    rows = [("Forgetting", [headline_estimates()["forgetting"]] * len(bad))]
    return write(
        folder,
        [
            shown(forest(by_task(tasks=bad))),
            shown(score_matrix(matrix(bad))),
            shown(intervals(parts, "Parts")),
            shown(estimates_table(parts, "Parts")),
            shown(plan_table(plan)),
            shown(ledger_table(ledger, [Notice(code="told", message=b) for b in bad])),
            shown(notes(list(bad), list(bad), list(bad), list(bad), ["margin"])),
            shown(releases_table(bad, rows)),
            shown(table("Texts", ["rater", "text"], [(b, b) for b in bad])),
            *(output({kind: b}) for b in bad for kind in ("text/plain", "text/html", "text/markdown")),
        ],
        "hostile.ipynb",
    )


def index(folder: Path) -> str:
    publications = [Publication(results(f"2026.{i}", worse=i / 10), f"s/{i}/index.html") for i in (9, 10, 11)]
    return render_index({"support-tickets": publications})


@pytest.fixture(params=["summary", "axis", "hostile", "index"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a page."""
    makers: dict[str, Callable[[Path], Path]] = {"summary": summary, "axis": axis_page, "hostile": hostile}
    maker = makers.get(request.param)
    html = index(tmp_path) if maker is None else render_notebook(maker(tmp_path), PAGE)
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("width", [360, 1280])
def test_fits_asks_for_nothing_and_runs_nothing(chromium: Any, address: str, width: int) -> None:
    """No sideways scrolling of the page, no request but the page itself, no dialog, no complaint."""
    page, asked, said = opened(chromium, address, width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert said == []
    assert page.title() != "owned"
    assert page.evaluate("document.scripts.length") == 0
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(chromium: Any, address: str, scheme: str) -> None:
    """Every visible text stands out from its ground by 4.5 to 1."""
    page, _, _ = opened(chromium, address, 1280, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) > 20
    assert [entry for entry in ratios if entry[0] < 4.5] == []
    page.evaluate(
        "document.querySelector('h1').style.color = getComputedStyle(document.body).backgroundColor"
    )  # the measure must notice
    assert page.evaluate(CONTRAST)[0][0] < 4.5
    page.context.close()


def test_figures_follow_the_theme(chromium: Any, tmp_path: Path) -> None:
    """Axis labels of a figure are dark on light and light on dark."""
    path = tmp_path / "page.html"
    path.write_text(render_notebook(axis_page(tmp_path), PAGE), encoding="utf-8")
    fills = []
    for scheme in ("light", "dark"):
        page, _, _ = opened(chromium, path.as_uri(), 1280, scheme)
        script = "[...document.querySelectorAll('figure svg text')].map(t => getComputedStyle(t).fill)"
        fills.append(sorted(set(page.evaluate(script))))
        assert "rgb(1, 2, 3)" not in fills[-1]
        page.context.close()
    assert fills[0] != fills[1]


def test_prints_to_a4_without_clipping(chromium: Any, address: str) -> None:
    """At the width of an A4 page between its margins nothing is wider than the paper, and a PDF comes out."""
    page, _, _ = opened(chromium, address, PAPER)
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert too_wide_on_paper(page) == []
    assert page.pdf(format="A4")[:5] == b"%PDF-"
    page.context.close()


def test_paper_has_what_is_folded_but_for_very_many_rows(chromium: Any, tmp_path: Path) -> None:
    """The numbers behind a figure of few tasks are printed closed as they are; those of sixty are not."""
    blocks = [shown(forest(by_task(tasks=tuple(f"task {i}" for i in range(count))))) for count in (5, 60)]
    path = tmp_path / "page.html"
    path.write_text(render_notebook(write(tmp_path, blocks), PAGE), encoding="utf-8")
    page, _, _ = opened(chromium, path.as_uri(), PAPER)
    heights = "[...document.querySelectorAll('figure.figure details')].map(d => d.getBoundingClientRect().height)"
    assert max(page.evaluate(heights)) < 60
    page.emulate_media(media="print")
    few, many = page.evaluate(heights)
    assert few > 100
    assert many < 60
    page.context.close()


def test_keyboard_reaches_links_with_visible_focus(chromium: Any, address: str) -> None:
    """The first stop leads to the content, and what has the focus has an outline."""
    page, _, _ = opened(chromium, address, 1280)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.context.close()


def test_a_policy_that_was_lost_would_be_noticed(chromium: Any, tmp_path: Path) -> None:
    """Negative control: a script smuggled past the sanitiser is stopped by the policy, and the test sees it."""
    html = render_notebook(write(tmp_path, [output({"text/plain": "MARK"})]), dataclasses.replace(PAGE))
    path = tmp_path / "page.html"
    path.write_text(html.replace("MARK", "<script>document.title='owned'</script>"), encoding="utf-8")
    page, _, said = opened(chromium, path.as_uri(), 800)
    assert page.title() != "owned"
    assert any("Content Security Policy" in line for line in said)
    page.context.close()
