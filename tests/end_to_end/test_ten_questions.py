"""Ten questions of somebody who opens the summary page: each is answered on the review sheet, or one click from it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.end_to_end.conftest import published
from tests.end_to_end.test_demo_report import STREAM
from toolkit.language import AXIS_TITLES, chip, urgency
from toolkit.results import Results


class Page:
    """A page of a publication: its HTML, its words, its links, and the review sheet alone."""

    def __init__(self, folder, name="index.html", html=None):
        self.folder = folder
        self.html = (folder / name).read_text() if html is None else html

    @property
    def words(self):
        """The text that a reader sees, in one line."""
        return text_of(self.html)

    @property
    def sheet(self):
        """The review sheet."""
        return Page(self.folder, html=re.search(r'<section class="block sheet".*?</section>', self.html, re.DOTALL)[0])

    @property
    def rows(self):
        """The rows of the sheet, one an axis or several that were not measured."""
        return [Page(self.folder, html=row) for row in re.findall(r"<article.*?</article>", self.html, re.DOTALL)]

    @property
    def links(self):
        """Where the links of this part lead."""
        return [unescape(href) for href in re.findall(r'<a [^>]*?href="([^"]*)"', self.html)]

    def numbers(self, id_):
        """The printed numbers of an estimate, by field."""
        marked = re.findall(
            r'<data class="num" value="([^"]*)" data-estimate="([^"]*)" data-field="([^"]*)"', self.html
        )
        return {field: float(value) for value, found, field in marked if unescape(found) == id_}

    def follow(self, href):
        """The page one click away, which has to be there."""
        return Page(self.folder, href)


def text_of(html):
    html = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    words = unescape(re.sub(r"</?(?:p|h\d|li|td|th|div|dt|dd|article|section|figure)\b[^>]*>", " ", html))
    return plain(re.sub(r"<[^>]+>", "", words))


def plain(text):
    """With single ordinary spaces."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def release(demo):
    """The newest release: its results and its summary page."""
    name = demo[0][-1].name
    return Results.model_validate(published(demo[1], STREAM, name)), Page(demo[1] / STREAM / name)


@pytest.fixture(scope="module")
def judged(release):
    """Each axis that was judged: its review, its headline, and its row on the sheet."""
    results, page = release
    estimates = {e.id: e for e in results.estimates}
    rows = {axis: next(row for row in page.sheet.rows if f">{title}</a>" in row.html)
            for axis, title in AXIS_TITLES.items()}  # fmt: skip
    found = [(a, estimates[a.headline], rows[a.axis]) for a in results.axes if a.verdict != "not measured"]
    assert len(found) >= 3
    return found


def test_what_got_worse(release, judged):
    """Every axis with its verdict in words, the most urgent first, and the whole in the title."""
    results, page = release
    title = results.sentence.partition(". ")[0]
    assert title in re.search(r"<h1>(.*?)</h1>", page.html)[1]
    for review, _, row in judged:
        assert chip(review.verdict).text in row.words
        assert plain(review.sentence) in row.words
    shown = sorted(judged, key=lambda found: page.sheet.html.index(found[2].html))
    places = [urgency(review.verdict) for review, _, _ in shown]
    assert places == sorted(places)


def test_by_how_much(judged):
    for _, headline, row in judged:
        assert row.numbers(headline.id)["value"] == pytest.approx(headline.value)


def test_how_sure(judged):
    """The interval, its level, and what it holds for."""
    for _, headline, row in judged:
        found = row.numbers(headline.id)
        assert (found["low"], found["high"]) == (pytest.approx(headline.low), pytest.approx(headline.high))
        assert found["level"] == headline.level
        assert re.search(r"new (test )?items|models trained anew", row.words)


def test_since_when(release, judged):
    """New or standing where something has to be acted on; the course over releases is one click away."""
    results, page = release
    for review, _, row in judged:
        said = re.search(r"New in this release|Standing since \d{4}\.\d\d", row.words)
        assert bool(said) is (review.verdict == "act"), review.axis
        assert review.verdict != "act" or (review.since is None) is review.new
    assert "releases.html" in page.links
    course = page.follow("releases.html").words
    assert results.baseline in course
    assert results.release in course


def test_which_task(release, judged):
    """Tasks that decide stand in the sentence; all tasks stand on the page behind the title."""
    tasks = [task["name"] for task in release[0].provenance.config["tasks"]]
    for review, _, row in judged:
        assert all(task.lower() in row.words.lower() for task in review.because[:1])
    (row,) = (row for review, _, row in judged if review.axis == "forgetting")
    page = row.follow(row.links[0])
    assert all(task in page.words for task in tasks[:-1])  # the last has no later task that could cost it anything


def test_what_to_do(release):
    """The lead says what people do; below, every task has its advice with a number of labels and the reasons."""
    results, page = release
    assert re.search(r"People are required|Keep people reviewing", page.sheet.words)
    assert len(results.people_plan) == len(results.provenance.config["tasks"])
    for row in results.people_plan:
        assert row.task in page.words
        assert plain(row.reasons[0]) in page.words
    assert re.search(r"People required|Review a sample|Keep a watch sample", page.words)


def test_who_says_so(release, judged):
    """Who ran it, at the top of every page; behind a title, who chose the margin, when and why, and who judged."""
    results, page = release
    for review, _, row in judged:
        chosen = results.provenance.config["review"]["margins"][
            "feedback_bias" if review.axis == "feedback" else review.axis
        ]
        behind = row.follow(row.links[0]).words
        assert f"chosen by {chosen['chosen_by']} on {chosen['date']}: {chosen['reason']}" in behind
    assert f"run by {results.provenance.operator}" in page.words
    assert "results.json" in page.links
    people, judge = (next(one for one in results.judged_by if one.source == s) for s in ("human", "synthetic"))
    (row,) = (row for review, _, row in judged if review.axis == "feedback")
    behind = row.follow(row.links[0]).words
    told = f"{people.raters} person ({people.judgements:,} judgements), 1 judge ({judge.names[0]}; "
    assert f"Judged by {told}" in behind


def test_on_how_much_data(release):
    """One line under the lead, the sums of the ledger; a click leads to the ledger by table."""
    results, page = release
    read, used, rejected = (sum(getattr(e, part) for e in results.ledger.values())
                            for part in ("read", "used", "rejected"))  # fmt: skip
    assert f"{read:,} rows read, {used:,} used, {rejected:,} rejected." in page.sheet.words
    assert "#ledger" in page.sheet.links
    assert page.html.count('id="ledger"') == 1
    ledger = page.html[page.html.index('id="ledger"') :]
    assert all(name in ledger for name in results.ledger)


def test_compared_with_what(release, judged):
    """The baseline's name at the top of the page and beside every change."""
    results, page = release
    assert f"compared with {results.baseline}" in page.words
    for _, headline, row in judged:
        assert headline.change.against == results.baseline
        assert results.baseline in row.words


def test_where_is_the_detail(release, judged):
    """Each row leads to a page that is there, which leads to its executed notebook."""
    for _, headline, row in judged:
        behind = row.follow(row.links[0])
        assert behind.numbers(headline.id)["value"] == pytest.approx(headline.value)
        (notebook,) = (href for href in behind.links if href.startswith("notebooks/"))
        assert json.loads((behind.folder / notebook).read_text())["cells"]
