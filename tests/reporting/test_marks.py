"""Findings on a page can be linked to once, and the page says where it lies and which numbers carry no mark."""

from __future__ import annotations

from dataclasses import replace

from tests.marks import seen_on
from tests.reporting.pages import PAGE
from toolkit.figures.environment import linkable


def test_the_first_place_of_a_finding_gets_its_id() -> None:
    """Later ones get none; a text that looks like the attribute stays as it is."""
    html = '<tr data-finding="a/b"><td></td></tr><section class="x" data-finding="a/b"></section> data-finding="t"'
    page = linkable(html, "s/1")
    assert page == '<tr id="a/b"><td></td></tr><section class="x"></section> data-finding="t"'


def test_the_command_names_the_publication() -> None:
    """A look lies below looks, a later revision below its release; a name is escaped."""
    assert PAGE.place == "support-tickets/2026.11"
    assert replace(PAGE, revision=2).place == "support-tickets/2026.11/r2"
    assert replace(PAGE, look=True, release="2026-11-24T100000Z").place == "support-tickets/looks/2026-11-24T100000Z"
    page = linkable("<code>streamreview lab REPORT#a/b</code>", "<s>/1")
    assert page == "<code>streamreview lab &lt;s&gt;/1#a/b</code>"


def test_a_number_without_a_mark_is_seen() -> None:
    """Names, quoted code and drawings are exempt; attributes are no text; a mark covers what is inside it."""
    bare = "<p title='7'><bdi>task 1</bdi> <code>2</code> <svg><text>3</text></svg> lost "
    assert seen_on(f"{bare}points</p>").unmarked == []
    assert len(seen_on(f"{bare}4 points</p>").unmarked) == 1
    marked = seen_on(f'{bare}<span data-estimate="x" data-field="reason">needs <b>5</b> seeds</span></p> 6')
    assert [(m.id, m.field, m.value, m.text) for m in marked.marked] == [("x", "reason", None, "needs 5 seeds")]
    assert len(marked.unmarked) == 1
