"""A hostile log through a whole run: on every published page nothing runs, nothing is asked for, nothing breaks out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import findings
from tests.browser.hostile import BAD, write_hostile
from tests.browser.looking import opened
from tests.end_to_end.conftest import command

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOREIGN = (
    "() => [...document.querySelectorAll('*')].flatMap(n => [...n.attributes]"
    ".filter(a => /^on/i.test(a.name) || /^\\s*(javascript|vbscript|file|http):/i.test(a.value))"
    ".filter(a => ['href', 'src', 'action', 'data', 'xlink:href'].includes(a.name) || /^on/i.test(a.name))"
    ".map(a => n.tagName + ' ' + a.name + '=' + a.value))"
)


@pytest.fixture(scope="module")
def pages(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All published pages, the index with them; asks for the browser first, to skip early."""
    folder = tmp_path_factory.mktemp("hostile")
    stream = write_hostile(folder / "stream")
    done = command("run", stream, "--out", folder / "reports", "--fail-on", "none", home=folder / "home")
    assert done.returncode == 0, done.stderr
    found = [*folder.glob("reports/*.html"), *folder.glob("reports/hostile/1/*.html")]
    assert len(found) >= 8, found
    return sorted(found)


def test_the_words_arrive(pages: list[Path]) -> None:
    """Negative control: what must do no harm does stand on the pages, as text."""
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "&lt;/script&gt;" in text
    assert "7*7" in text
    assert "\x00" not in text
    assert "\x1b" not in text
    assert BAD["bidi"][0] not in re.sub(r'data-plan="[^"]*"', "", text)  # the mark names the task as it is


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_and_nothing_breaks_out(chromium: Any, pages: list[Path], width: int) -> None:
    """No script, handler, request, complaint or dialog; with all details open no page scrolls sideways."""
    for path in pages:
        page, asked, said = opened(chromium, path.as_uri(), width)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.wait_for_timeout(50)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()], path.name
        assert said == [], path.name
        assert page.title() != "owned"
        assert page.evaluate("document.scripts.length") == 0
        assert page.evaluate(FOREIGN) == [], path.name
        page.context.close()


@pytest.mark.nightly
def test_readers_by_ear_are_not_misled(chromium: Any, pages: list[Path]) -> None:
    """axe-core finds nothing grave with such names either."""
    for path in pages:
        assert findings(chromium, path, 360, "light")[0] == []
