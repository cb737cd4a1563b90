"""An executed notebook becomes one self-contained, safe page whose numbers are those of its estimates."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from tests.invented import HOSTILE, by_task, headline_estimates, matrix, results
from tests.reporting.pages import PAGE, axis_page, output, shown, summary, write
from toolkit.errors import RunFailed, UsageError
from toolkit.figures import MIME, table
from toolkit.reporting.page import Link, Page
from toolkit.reporting.render import Publication, render_index, render_notebook, superseded_notice

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Outline(HTMLParser):
    """Tags, headings, addresses, ids and marked numbers of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.levels: list[int] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.numbers: list[tuple[str, str, float]] = []
        self.unscoped = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert not any(name.startswith("on") for name in given)
        self.tags.append(tag)
        self.levels += [int(tag[1])] if re.fullmatch(r"h[1-6]", tag) else []
        self.addresses += [given[name] for name in ("src", "href") if name in given and tag != "a"]
        self.ids += [given["id"]] if "id" in given else []
        self.unscoped += tag == "th" and "scope" not in given
        if tag == "data" and "data-estimate" in given:
            self.numbers.append((given["data-estimate"], given["data-field"], float(given["value"])))


class TestPage:
    @pytest.mark.parametrize("make", [summary, axis_page])
    def test_is_self_contained_and_in_order(self, make: object, tmp_path: Path) -> None:
        """One document, no script, no address outside of itself, one h1, no heading level skipped, ids unique."""
        html = render_notebook(make(tmp_path), PAGE)  # type: ignore[operator]
        seen = Outline(html)
        assert html.startswith("<!doctype html>")
        assert html.rstrip().endswith("</html>")
        assert f'content="{POLICY}"' in html.replace("&#39;", "'")
        assert not {"script", "link", "iframe", "object", "form"} & set(seen.tags)
        assert all(address.startswith(("data:image/png;base64,", "#")) for address in seen.addresses)
        assert "url(" not in re.sub(r"url\(#", "", html)
        assert "@import" not in html
        assert seen.levels.count(1) == 1
        assert all(later <= level + 1 for level, later in zip(seen.levels, seen.levels[1:], strict=False))
        assert len(seen.ids) == len(set(seen.ids))
        assert seen.unscoped == 0
        assert html.count("<!--notice-->") == 1

    def test_code_is_not_shown(self, tmp_path: Path) -> None:
        """Readers see results; the code is in the linked notebook."""
        html = render_notebook(summary(tmp_path), PAGE)
        assert "hidden_code" not in html
        assert 'href="notebooks/summary.ipynb"' in html

    def test_numbers_are_those_of_the_estimates(self, tmp_path: Path) -> None:
        """Every marked number on the pages equals the field of the estimate that it names."""
        known = {e.id: e for e in [*headline_estimates().values(), *by_task(), *matrix()]}
        count = 0
        for make in (summary, axis_page):
            for name, field, value in Outline(render_notebook(make(tmp_path), PAGE)).numbers:
                held: object = known[name]
                for part in field.split("."):
                    held = held[part] if isinstance(held, dict) else getattr(held, part)
                assert held == value
                count += 1
        assert count > 250

    def test_frame(self, tmp_path: Path) -> None:
        """Stream, release, baseline, date, fingerprint, engine, version and navigation are there."""
        html = render_notebook(axis_page(tmp_path), PAGE)
        for text in ("Support-ticket labelling", "release 2026.11", "compared with 2026.10", "23 November 2026"):
            assert text in html
        for text in ("9f31c2aa0b11", "DuckDB", "streamreview 0.1.0", 'aria-current="page"', 'href="results.json"'):
            assert text in html
        assert "Stale" not in html
        assert "<strong>Stale.</strong>" in render_notebook(axis_page(tmp_path), dataclasses.replace(PAGE, stale=True))
        assert "look of 23 November" in render_notebook(axis_page(tmp_path), dataclasses.replace(PAGE, look=True))
        assert "revision 2" in render_notebook(axis_page(tmp_path), dataclasses.replace(PAGE, revision=2))

    def test_a_review_sheet_gives_the_page_its_title(self, tmp_path: Path) -> None:
        """The release's sentence is the h1 of the summary and is not repeated; the question stands above."""
        html = render_notebook(summary(tmp_path), PAGE)
        title = re.search(r"<h1>(.*?)</h1>", html)
        assert title is not None
        assert title[1].startswith("Old tasks are being lost")
        assert html.count("Old tasks are being lost") == 2  # here and in <title>
        assert "What should we do?" in html

    def test_hostile_frame_is_text(self, tmp_path: Path) -> None:
        """Whatever a log or a path puts into the frame is escaped, and links lead to pages only."""
        bad = HOSTILE["tag"] + HOSTILE["quote"]
        page = Page(
            title=bad, heading=bad, stream=bad, release=bad, date=bad, baseline=bad, fingerprint=bad, engine=bad,
            toolkit=bad, notebook="javascript:alert(1)", pages=(Link(bad, "javascript:alert(1)"),),
        )  # fmt: skip
        html = render_notebook(axis_page(tmp_path, tuple(HOSTILE.values())), page)
        Outline(html)
        assert "<img src=x" not in html
        assert "javascript:" not in html

    def test_fifty_tasks_stay_under_a_megabyte_and_a_half(self, tmp_path: Path) -> None:
        """The largest page the specification names."""
        html = render_notebook(axis_page(tmp_path, tuple(f"task number {i}" for i in range(50))), PAGE)
        assert len(html.encode()) < 1_500_000

    def test_seven_pages_take_less_than_two_seconds(self, tmp_path: Path) -> None:
        """Rendering is a small part of a run."""
        paths = [summary(tmp_path), *([axis_page(tmp_path)] * 6)]
        started = time.process_time()
        for path in paths:
            render_notebook(path, PAGE)
        assert time.process_time() - started < 2


class TestOtherOutputs:
    def rendered(self, tmp_path: Path, *cells: object) -> str:
        html = render_notebook(write(tmp_path, cells), PAGE)
        Outline(html)
        return html.partition("<main")[2].partition("</main>")[0]

    def test_html_of_an_analyst_is_sanitised(self, tmp_path: Path) -> None:
        """A data frame's table stays, its script and styles go."""
        html = self.rendered(
            tmp_path, output({"text/html": "<style>x</style><table><tr><td>7</td></tr></table><script>a</script>"})
        )
        assert "<td>7</td>" in html
        assert "<script" not in html
        assert "<style" not in html

    def test_markdown_is_sanitised_and_keeps_math_as_text(self, tmp_path: Path) -> None:
        """Raw HTML in Markdown runs nothing; dollars stay."""
        html = self.rendered(tmp_path, new_markdown_cell("# T\n\n<img src=x onerror=alert(1)> $x$ [l](javascript:a)"))
        assert "<h2>T</h2>" in html
        assert "onerror" not in html
        assert "javascript" not in html
        assert "$x$" in html

    def test_a_heading_that_repeats_the_title_is_left_away(self, tmp_path: Path) -> None:
        """Alone in JupyterLab a notebook has its title; on the page the head says it."""
        html = self.rendered(
            tmp_path, new_markdown_cell("# What should we do?\n\nRead on."), new_markdown_cell("# Else")
        )
        assert "What should we do?" not in html
        assert "Read on." in html
        assert "<h2>Else</h2>" in html

    def test_text_streams_and_raw_cells_are_escaped(self, tmp_path: Path) -> None:
        """Printed text is shown, warnings fold, terminal colours go."""
        cell = new_code_cell(
            "x", execution_count=1,
            outputs=[
                new_output("stream", name="stdout", text="\x1b[31m<b>out</b>\x1b[0m"),
                new_output("stream", name="stderr", text="careful"),
            ],
        )  # fmt: skip
        html = self.rendered(tmp_path, cell, new_raw_cell("<i>raw</i>"), output({"text/plain": "<u>plain</u>"}))
        assert "&lt;b&gt;out&lt;/b&gt;" in html
        assert "\x1b" not in html
        assert re.search(r"<details[^>]*><summary>Messages of this cell</summary><pre>careful", html)
        assert "&lt;i&gt;raw&lt;/i&gt;" in html
        assert "&lt;u&gt;plain&lt;/u&gt;" in html

    def test_pictures(self, tmp_path: Path) -> None:
        """PNG with its description, SVG cleaned; what is no base64 is not put into an address."""
        html = self.rendered(
            tmp_path,
            output({"image/png": "iVBORw0KGgo="}, **{"image/png": {"alt": 'a "quoted" finding'}}),
            output({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script>a</script><text>t</text></svg>"}),
            output({"image/png": '"><script>alert(1)</script>', "text/plain": "instead"}),
        )
        assert 'alt="a &#34;quoted&#34; finding"' in html
        assert "<text>t</text>" in html
        assert "instead" in html
        assert "<script" not in html

    def test_what_a_page_cannot_hold_is_named(self, tmp_path: Path) -> None:
        """Nothing is dropped in silence."""
        html = self.rendered(tmp_path, output({"application/vnd.plotly.v1+json": {}}))
        assert "application/vnd.plotly.v1+json" in html

    def test_a_forged_block_is_drawn_as_text_or_refused(self, tmp_path: Path) -> None:
        """The stored data of a block are no more trusted than any other text."""
        block = table("t", ["a", "b"], [["x", "y"]])
        data = json.loads(json.dumps(block.data).replace('"y"', json.dumps("<script>alert(1)</script>")))
        cell = output({MIME: {"kind": "table", "data": data}})
        assert "&lt;script&gt;alert(1)" in self.rendered(tmp_path, cell)
        figure = {"svg": "<svg onload='x'", "caption": "c", "alt": "a", "note": "", "table": None, "width": 1}
        with pytest.raises(RunFailed, match="no readable SVG"):
            self.rendered(tmp_path, output({MIME: {"kind": "figure", "data": figure}}))
        with pytest.raises(RunFailed, match="no name"):
            self.rendered(tmp_path, output({MIME: {"kind": "../../etc/passwd", "data": {}}}))

    def test_an_unreadable_notebook_is_one_line(self, tmp_path: Path) -> None:
        """File and remedy, no traceback."""
        path = tmp_path / "broken.ipynb"
        path.write_text("{")
        with pytest.raises(RunFailed, match=r"broken\.ipynb: not readable as a notebook") as failed:
            render_notebook(path, PAGE)
        assert "\n" not in str(failed.value)
        with pytest.raises(RunFailed):
            render_notebook(tmp_path / "absent.ipynb", PAGE)


class TestTemplates:
    def test_single_files_can_be_overridden(self, tmp_path: Path) -> None:
        """One stylesheet, one logo or one block of one's own; all else stays ours."""
        own = tmp_path / "own"
        (own / "static").mkdir(parents=True)
        (own / "blocks").mkdir()
        (own / "static" / "brand.css").write_text(".sr { --good: #123456; }")
        (own / "static" / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        (own / "blocks" / "plan.html.j2").write_text("{% macro render(d, page) %}OUR OWN PLAN{% endmacro %}")
        html = render_notebook(summary(tmp_path), PAGE, template=own)
        assert "--good: #123456" in html
        assert 'src="data:image/svg+xml;base64,' in html
        assert "OUR OWN PLAN" in html
        assert "Five questions" in html
        assert "OUR OWN PLAN" not in render_notebook(summary(tmp_path), PAGE)

    def test_a_missing_folder_or_a_huge_logo_is_said(self, tmp_path: Path) -> None:
        """Wrong usage, in one line."""
        with pytest.raises(UsageError, match="no such template folder"):
            render_notebook(summary(tmp_path), PAGE, template=tmp_path / "absent")
        (tmp_path / "static").mkdir()
        (tmp_path / "static" / "logo.png").write_bytes(b"x" * 300_000)
        with pytest.raises(UsageError, match="too many for a logo"):
            render_notebook(summary(tmp_path), PAGE, template=tmp_path)

    def test_superseded_notice(self) -> None:
        """Leads to the revision and escapes what it is given."""
        notice = superseded_notice("r2/index.html", 2)
        assert '<a href="r2/index.html">revision 2</a>' in notice
        assert "javascript" not in superseded_notice("javascript:alert(1)", 2)


class TestIndex:
    def test_releases_looks_and_marks(self) -> None:
        """Newest release first, looks and superseded folded, stale said, five chips a release."""
        publications = [
            Publication(results("2026.09"), "s/2026.09/index.html"),
            Publication(results("2026.10"), "s/2026.10/index.html", superseded=True),
            Publication(results("2026.10", revision=2, worse=1.4), "s/2026.10/r2/index.html"),
            Publication(results("2026-11-02T06:00Z", look=True), "s/looks/a/index.html"),
            Publication(results("2026.11", worse=2.0), "s/2026.11/index.html", stale=True),
        ]
        html = render_index({"support-tickets": publications}, problems=["chain broken at <x>"])
        seen = Outline(html)
        assert seen.levels.count(1) == 1
        shown = [html.index(f">{name}</bdi></a>") for name in ("2026.11", "2026.10, revision 2", "2026.09", "2026.10")]
        assert shown == sorted(shown)
        one = '(<data class="num" value="1" data-count="" data-field="publications">1</data>)</summary>'
        assert html.index(f"<summary>Looks between releases {one}") < html.index("2026-11-02T06:00Z")
        assert html.index(f"<summary>Superseded {one}") < html.index("Superseded by a later revision")
        assert html.count("Stale: the log") == 1
        assert html.count("<article") == 5
        assert html.count('class="spark"') == 5
        assert "chain broken at &lt;x&gt;" in html
        assert f'content="{POLICY}"' in html.replace("&#39;", "'")

    def test_nothing_published_yet(self) -> None:
        """Says how the first report is made."""
        assert "streamreview run STREAM" in render_index({})


def test_the_template_is_found_by_nbconvert(tmp_path: Path) -> None:
    """conf.json declares HTML, so the folder is an nbconvert template."""
    from toolkit.resources import templates_folder

    conf = json.loads((templates_folder() / "report" / "conf.json").read_text())
    assert conf["mimetypes"] == {"text/html": True}
    assert nbformat.read(write(tmp_path, [shown(table("t", ["a"], [["b"]]))]), as_version=4).cells
