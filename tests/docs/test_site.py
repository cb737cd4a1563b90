"""Is the site whole: built without a warning, every link and anchor met, and nothing fetched by its readers?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import toolkit
from tests.docs.pages import DOCS, ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    place = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", place / "state", DOCS, place / "site"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return place / "site"


@pytest.mark.slow
def test_every_page_is_built_and_in_the_navigation(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.glob("*.md"):
        assert (site / f"{page.stem}.html").is_file()
        assert page.stem == "index" or f'href="{page.stem}.html"' in index


@pytest.mark.slow
def test_generated_parts_are_filled_in(site: Path) -> None:
    assert 'id="results-json"' in (site / "results.html").read_text(encoding="utf-8")
    commands = (site / "commands.html").read_text(encoding="utf-8")
    assert "--fail-on" in commands
    assert not [page.name for page in site.glob("*.html") if "{{ " in page.read_text(encoding="utf-8")]


@pytest.mark.slow
def test_public_names_are_told_and_their_parameters(site: Path) -> None:
    html = (site / "api.html").read_text(encoding="utf-8")
    places = set(re.findall(r'id="(?:module-)?toolkit\.([\w.]+)"', html))
    assert [name for name in toolkit.__all__ if not any(place.split(".")[-1] == name for place in places)] == []
    page = re.sub(r"<[^>]+>", "", html)
    assert re.search(r"history\s+\(str\)\s+\S+\s+the folder of the stream", page)


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loaded = r"<(?:script|img|iframe)[^>]+src=\"(https?:)?//|<link[^>]+rel=\"stylesheet\"[^>]+href=\"(https?:)?//"
    for page in site.glob("*.html"):
        assert not re.search(loaded, page.read_text(encoding="utf-8")), page.name


@pytest.mark.slow
def test_formulas_are_shown_as_mathml(site: Path) -> None:
    methods = (site / "methods.html").read_text(encoding="utf-8")
    source = (DOCS / "methods.md").read_text(encoding="utf-8")
    assert methods.count("<math ") >= source.count("$$") // 2 > 0
    assert "$" not in re.sub(r"<[^>]+>", "", methods.split("<article", 1)[1].split("</article>", 1)[0])
