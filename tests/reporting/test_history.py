"""Is the order of publication told right, and does a changed results.json come to light?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from toolkit.reporting.history import read_history
from toolkit.reporting.layout import Layout


class Shelf:
    """Publications of one stream, written one after another with the chain that a run writes."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.previous: str | None = None
        self.clock = 0

    def add(self, entry: str, *, finished: str | None = None, follow: bool = True) -> Path:
        """Publish `entry` ("1", "1/r2", "looks/x") and return its results.json."""
        self.clock += 1
        release, _, rest = entry.partition("/")
        look = release == "looks"
        content = {
            "release": rest if look else release,
            "revision": int(rest[1:]) if rest and not look else 1,
            "provenance": {
                "finished": finished or f"2026-11-01T00:00:{self.clock:02}+00:00",
                "previous_sha256": self.previous,
            },
        }
        path = self.layout.stream("s") / entry / "results.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
        if follow:
            self.previous = hashlib.sha256(path.read_bytes()).hexdigest()
        return path


def test_order_is_that_of_publication_not_of_names_or_clocks(tmp_path: Path) -> None:
    """A clock that was set back does not reorder the chain."""
    shelf = Shelf(tmp_path)
    shelf.add("2026.9")
    shelf.add("2026.10")
    shelf.add("looks/x", finished="2020-01-01T00:00:00+00:00")
    shelf.add("2026.9/r2")
    shelf.add("alpha", finished="2019-01-01T00:00:00+00:00")
    history = read_history(shelf.layout, "s")
    assert [p.entry for p in history.published] == ["2026.9", "2026.10", "looks/x", "2026.9/r2", "alpha"]
    assert history.releases == ("2026.9", "2026.10", "alpha")
    assert history.problems == ()
    assert history.before("2026.10") == "2026.9"
    assert history.before("2026.9") is None
    assert history.before("new") == history.before(None) == "alpha"
    current = history.current("2026.9")
    assert current is not None
    assert current.revision == 2
    assert history.head is not None
    assert history.head.entry == "alpha"
    assert history.latest_look is not None
    assert history.latest_look.entry == "looks/x"


def test_a_changed_file_breaks_the_chain_after_it(tmp_path: Path) -> None:
    """The line names the file whose predecessor is not what it was."""
    shelf = Shelf(tmp_path)
    first, second, _ = shelf.add("1"), shelf.add("2"), shelf.add("3")
    assert read_history(shelf.layout, "s").problems == ()
    first.write_text(first.read_text().replace('"revision": 1', '"revision": 1 '))
    (problem,) = read_history(shelf.layout, "s").problems
    assert str(second) in problem
    assert "changed or removed" in problem


def test_a_removed_file_breaks_the_chain(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add("1")
    second, third = shelf.add("looks/x"), shelf.add("2")
    second.unlink()
    (problem,) = read_history(shelf.layout, "s").problems
    assert str(third) in problem


def test_two_successors_of_one_are_named(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add("1")
    shelf.add("2", follow=False)
    third = shelf.add("3")
    (problem,) = read_history(shelf.layout, "s").problems
    assert str(third) in problem
    assert "two runs wrote at once" in problem


def test_two_beginnings_are_named(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add("1", follow=False)
    second = shelf.add("2")
    (problem,) = read_history(shelf.layout, "s").problems
    assert str(second) in problem


def test_an_unreadable_file_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add("1")
    broken = shelf.add("2")
    broken.write_text('{"release": "2"')
    history = read_history(shelf.layout, "s")
    assert [p.entry for p in history.published] == ["1"]
    assert str(broken) in history.problems[0]


def test_links_named_latest_are_no_publications(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add("1")
    (shelf.layout.stream("s") / "latest").symlink_to("1")
    (shelf.layout.stream("s") / "latest-look").symlink_to("1")
    assert [p.entry for p in read_history(shelf.layout, "s").published] == ["1"]
