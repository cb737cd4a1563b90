"""A block is JSON for pages, HTML for JupyterLab and text for the rest, and hostile texts stay text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from tests.invented import (
    HISTORY,
    HOSTILE,
    LEDGER,
    NOTICES,
    PLAN,
    SENTENCE,
    axes,
    by_task,
    headline_estimates,
)
from toolkit.errors import UsageError
from toolkit.figures import (
    MIME,
    Block,
    estimates_table,
    gaps,
    headline,
    latest_table,
    ledger_table,
    notes,
    plan_table,
    releases_table,
    sheet,
    table,
)
from toolkit.figures.cells import plain_cell
from toolkit.figures.environment import render_block, safe_href
from toolkit.results import AxisReview, Estimate, PlanRow


class Marks(HTMLParser):
    """Collects marked numbers, tags and the attributes that could run something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.numbers: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.handlers += [name for name in given if name.startswith("on")]
        if tag == "data" and "data-estimate" in given:
            self.numbers.append((given["data-estimate"] or "", given["data-field"] or "", given["value"] or ""))


def all_blocks() -> list[Block]:
    estimates = headline_estimates()
    tasks = by_task()
    return [
        sheet("act", SENTENCE, 5, axes(), list(estimates.values()), HISTORY, links={"transfer": "transfer.html"}),
        headline(axes()[0], estimates["forgetting"], history=HISTORY["forgetting"]),
        estimates_table(tasks, "By task"),
        plan_table(PLAN),
        latest_table([("billing", tasks[0], tasks[1]), ("refunds", tasks[-1], tasks[-2])]),
        gaps(tasks),
        ledger_table(LEDGER, NOTICES),
        releases_table(
            ["r1", "r2"], [("Forgetting", [None, estimates["forgetting"]])], ["healthy", "act"]
        ),
        notes(["holds"], ["open"], ["doubt"], ["limits"], ["margin", "backward_transfer"]),
        table("Any", ["a", "b"], [["x", None], ["y", "z"]]),
    ]  # fmt: skip


@pytest.mark.parametrize("block", all_blocks(), ids=lambda block: block.kind)
class TestEveryBlock:
    def test_bundle(self, block: Block) -> None:
        """JSON survives storage; HTML carries its own styles and no script; text says something."""
        bundle = block._repr_mimebundle_()
        assert json.loads(json.dumps(bundle[MIME])) == {"kind": block.kind, "data": dict(block.data)}
        assert bundle["text/html"].count("<style>") == 1
        assert "<script" not in bundle["text/html"]
        assert len(bundle["text/plain"]) > 10

    def test_marked_numbers_are_those_of_the_estimates(self, block: Block) -> None:
        """Every mark leads to an estimate that holds exactly this value in this field."""
        known = {e.id: e for e in [*headline_estimates().values(), *by_task()]}
        for name, field, value in Marks(block.html()).numbers:
            held: object = known[name]
            for part in field.split("."):
                held = held[part] if isinstance(held, dict) else getattr(held, part)
            assert held == float(value)


class TestSheet:
    def test_most_urgent_first_and_unmeasured_in_one_row(self) -> None:
        """Act, then unclear, then healthy; what was not measured shares the last row."""
        reviews = axes()
        reviews[3] = AxisReview(axis="transfer", required=False, verdict="not measured", sentence="Needs an arm.")
        reviews[4] = AxisReview(axis="generation", required=False, verdict="not measured", sentence="Needs samples.")
        data = sheet("act", "Earlier tasks are being lost.", 3, reviews, list(headline_estimates().values())).data
        assert [row["axis"] for row in data["axes"]] == ["forgetting", "feedback", "alignment"]
        assert [row["title"] for row in data["missing"]] == ["Transfer", "Generation"]
        assert data["sentence"] == "Earlier tasks are being lost"
        assert plain_cell(data["measured"]) == "3 of 5 measured."

    def test_zeros_and_limits_are_aligned(self) -> None:
        """Strips below each other share zero and margin, and harm lies on the left of both."""
        data = sheet("act", SENTENCE, 5, axes(), list(headline_estimates().values())).data
        strips = [row["strip"] for row in data["axes"]]
        assert len({(s["zero"], s["limit"]) for s in strips}) == 1
        acting = [row["strip"] for row in data["axes"] if row["chip"]["tone"] == "act"]
        assert all(s["right"] < s["limit"] < s["zero"] for s in acting)

    def test_first_release_says_that_there_is_no_change(self) -> None:
        """Without a baseline the sheet says so instead of leaving a hole."""
        bare = [e.model_copy(update={"change": None}) for e in headline_estimates().values()]
        assert "First release" in sheet("act", SENTENCE, 5, axes(), bare).html()
        assert "First release" not in sheet("act", SENTENCE, 5, axes(), list(headline_estimates().values())).html()


class TestGaps:
    def test_backticks_are_code_and_nothing_else(self) -> None:
        """Column names in reasons and steps read as code; what stands between is escaped."""
        html = gaps([], cheapest=["log `pair` and `<b>`"]).html()
        assert "log <code>pair</code> and <code>&lt;b&gt;</code>" in html

    def test_estimates_lacking_the_same_share_a_line(self) -> None:
        """Grouped by reason; complete ones do not appear."""
        items = gaps(by_task()).data["items"]
        assert [(item["told"], item["reason"], item["valued"]) for item in items] == [
            ("Backward transfer", "needs two seeds or items", True),
            ("Backward transfer", "needs a later task", False),
        ]
        assert "Everything" in gaps(by_task()[:2]).html()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
class TestHostileTexts:
    def test_stay_text(self, text: str) -> None:
        """A name or sentence from a log adds no tag and no handler to any block."""
        estimate = Estimate(
            quantity="backward_transfer", axis="forgetting", task=text, group=f"attr={text}", reason=text
        )
        review = axes()[0].model_copy(update={"sentence": text})
        row = PlanRow(
            task=text, risk="standard", advice="watch", labels=20, why=text, reasons=(text, text), purpose=text,
            drawn=text,
        )  # fmt: skip
        blocks = [
            estimates_table([estimate, headline_estimates()["forgetting"]], text),
            gaps([estimate], cheapest=[text]),
            headline(review, headline_estimates()["forgetting"]),
            plan_table([row]),
            notes([text], [text], [text], [text]),
            table(text, [text, "b"], [[text, text]]),
        ]
        harmless = {"style", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "ul", "ol", "li"}
        harmless |= {"bdi", "b", "section", "h2", "h3", "span", "svg", "path", "line", "rect", "circle", "text"}
        harmless |= {"data", "strong", "dl", "dt", "dd", "br", "code"}
        for block in blocks:
            seen = Marks(block.html())
            assert set(seen.tags) <= harmless
            assert seen.handlers == []
            assert "\x1b" not in str(estimates_table([estimate], "t").data)


def test_long_names_are_shortened_with_the_whole_at_hand() -> None:
    """The whole name is the title of the short one."""
    html = render_block("plan", plan_table([PLAN[0].model_copy(update={"task": "n" * 300})]).data)
    assert re.search(r'<bdi title="n{300}">n{39}…</bdi>', html)


def test_a_block_that_cannot_be_stored_fails_where_it_is_made() -> None:
    """Infinity and arrays are no JSON."""
    with pytest.raises(ValueError, match="JSON"):
        Block("table", {"x": float("inf")}, "")


def test_an_unknown_kind_is_refused() -> None:
    """With the name of the file that would draw it."""
    with pytest.raises(UsageError, match=r"blocks/nonsense\.html\.j2"):
        render_block("nonsense", {})


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("transfer.html", "transfer.html"),
        ("../r2/index.html#x", "../r2/index.html#x"),
        ("looks/2026-11-23T06:00Z/index.html", "looks/2026-11-23T06:00Z/index.html"),
        ("https://example.org/", "https://example.org/"),
        ("javascript:alert(1)", "#"),
        ("java\tscript:alert(1)", "#"),
        (" data:text/html,x", "#"),
        ("//evil.example/", "#"),
        ("vbscript:x", "#"),
    ],
)
def test_links_lead_to_pages_only(href: str, kept: str) -> None:
    """No scheme that runs something survives."""
    assert safe_href(href) == kept


def test_pages_render_without_plotting_libraries() -> None:
    """Importing the blocks loads neither matplotlib nor seaborn nor pandas."""
    code = (
        "import sys, toolkit.figures, toolkit.reporting.render; "
        "print([m for m in ('matplotlib', 'seaborn', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
