"""Which publications stay when old ones go: the last of each verdict, what links lead to, and what must be kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from toolkit.reporting.history import History, Published
from toolkit.reporting.retention import Wanted, staying

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


def published(entry: str, *, age: float, verdict: str = "healthy", **config: object) -> Published:
    """One publication, `age` days old."""
    look = entry.startswith("looks/")
    name, _, revision = entry.removeprefix("looks/").partition("/r")
    finished = (NOW - dt.timedelta(days=age)).isoformat()
    content = {"verdict": verdict, "provenance": {"finished": finished, "config": config}}
    return Published(Path(entry), entry, name, int(revision or 1), look, entry, None, content)


def kept(*found: Published, keep: int = 1, days: float = 0) -> dict[str, str]:
    return staying(History(found, ()), Wanted(keep, dt.timedelta(days=days), NOW))


def test_the_last_of_each_verdict_and_what_links_lead_to_stay() -> None:
    """Also a baseline of what stays, but not the baseline's own baseline."""
    one, two, three = (published(name, age=9 - int(name)) for name in "123")
    three.content["baseline"], two.content["baseline"] = "2", "1"
    act = published("looks/a", age=5, verdict="act")
    looks = [published(f"looks/{name}", age=1) for name in "bc"]
    why = kept(one, act, two, three, *looks)
    assert why == {
        "looks/a": "the last that was act",
        "2": "a baseline",
        "3": "latest leads to it",
        "looks/c": "latest-look leads to it",
    }


def test_the_baseline_that_stream_toml_names_stays() -> None:
    releases = [published(name, age=5) for name in "12"]
    assert "1" not in kept(*releases, published("3", age=1))
    assert kept(*releases, published("3", age=1, baseline="1"))["1"] == "a baseline"


def test_later_revisions_of_what_stays_stay() -> None:
    """The superseded page leads to them."""
    act = published("1", age=5, verdict="act")
    why = kept(act, published("1/r2", age=4), published("2", age=3), published("3", age=2))
    assert why["1/r2"] == "an earlier revision leads to it"


REGULATED = {"tasks": [{"name": "a", "risk": "regulated"}]}


@pytest.mark.parametrize(
    ("years", "age", "stays"), [(1, 300, True), (1, 400, False), (0, 4000, True), (10, 3600, True), (10, 3700, False)]
)
def test_a_regulated_stream_is_retained(years: float, age: float, stays: bool) -> None:
    """Nothing before its years have passed; where nobody has said how many, nothing."""
    config = {**REGULATED, "retention_years": years}
    old = published("1", age=age, **config)
    assert ("1" in kept(old, published("2", age=2, **config), published("3", age=1, **config))) is stays


def test_retention_cannot_be_shortened_by_a_later_config() -> None:
    """A task that was regulated once, and years that were once promised, count for all of the stream."""
    first = published("1", age=900, **REGULATED, retention_years=5)
    later = [published(name, age=age, retention_years=0) for name, age in (("2", 800.0), ("3", 1.0))]
    assert {"1", "2", "3"} == set(kept(first, *later, keep=0))


def test_a_clock_without_a_time_keeps() -> None:
    """A publication that does not say when it was finished stays."""
    odd = published("1", age=5)
    odd.content["provenance"]["finished"] = "yesterday"
    assert "1" in kept(odd, published("2", age=2), published("3", age=1))
