"""Is a run compared with the release that was named, else with the one before?"""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import UsageError
from toolkit.reporting.baseline import choose_baseline
from toolkit.reporting.history import History, Published


def history(*entries: tuple[str, int]) -> History:
    """Publications in order: (release, revision); revision 0 is a look."""
    published = tuple(
        Published(Path(), f"{name}/{revision}", name, revision or 1, not revision, f"{name}-{revision}", None, {})
        for name, revision in entries
    )
    return History(published, ())


SOME = history(("b", 1), ("a", 1), ("look", 0), ("b", 2), ("c", 1))


@pytest.mark.parametrize(
    ("release", "wanted", "sha"),
    [
        ("d", None, "c-1"),  # a new release: the one before
        (None, None, "c-1"),  # a look: the newest release
        ("c", None, "a-1"),  # again: the one published before it
        ("a", None, "b-2"),  # in its current revision
        ("b", None, None),  # the first
        ("d", "b", "b-2"),
    ],
)
def test_the_named_release_else_the_one_before(release: str | None, wanted: str | None, sha: str | None) -> None:
    found = choose_baseline(SOME, release=release, wanted=wanted, where="reports")
    assert (found and found.sha256) == sha


def test_a_missing_baseline_is_wrong_usage() -> None:
    """A look is never a baseline."""
    for wanted in ("nope", "look"):
        with pytest.raises(UsageError, match=r"is not published in reports \(published: b, a, c\)"):
            choose_baseline(SOME, release="d", wanted=wanted, where="reports")
    with pytest.raises(UsageError, match="published: none yet"):
        choose_baseline(history(), release="d", wanted="c", where="reports")


def test_a_release_is_not_its_own_baseline() -> None:
    with pytest.raises(UsageError, match="is the release itself"):
        choose_baseline(SOME, release="c", wanted="c", where="reports")
