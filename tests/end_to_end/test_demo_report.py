"""From a real stream to published pages: numbers against pandas on the raw log, pages against results.json."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest

from tests.end_to_end.conftest import command, published
from toolkit.results import Results

STREAM = "digits-under-change"
PAGES = ("index", "transfer", "forgetting", "feedback", "divergence", "generation", "releases")


def estimates(results):
    return {e.id: e for e in Results.model_validate(results).estimates}


def test_headlines_equal_pandas_on_the_raw_log(demo):
    """Average accuracy and backward transfer by ten lines of pandas, to 1e-9."""
    streams, reports = demo
    for stream in streams:
        found = estimates(published(reports, STREAM, stream.name))
        rows = pd.concat([pd.read_json(f, lines=True) for f in sorted((stream / "evaluations").glob("*.jsonl"))])
        rows = rows[rows["arm"].fillna("stream").eq("stream") & rows["step"].isna()]
        rows["seed"] = rows["seed"].fillna(0) if "seed" in rows else 0
        R = rows.groupby(["seed", "stage", "task"])["score"].mean().unstack("task")
        order = [re.search('"(.*)"', line)[1] for line in (stream / "stream.toml").read_text().splitlines()
                 if line.startswith("name = ")][1:]  # fmt: skip
        last = R.xs(len(order), level="stage")
        assert found["average_accuracy/stream/all"].value == pytest.approx(last.mean().mean(), abs=1e-9)
        lost = [(last[t] - R.xs(k + 1, level="stage")[t]).mean() for k, t in enumerate(order[:-1])]
        assert found["backward_transfer/stream/all"].value == pytest.approx(sum(lost) / len(lost), abs=1e-9)


def test_every_estimate_is_whole(demo):
    """Value, interval, n, scope and method, or a reason; the interval holds the value."""
    for stream in demo[0]:
        for e in estimates(published(demo[1], STREAM, stream.name)).values():
            if e.low is None or e.high is None:
                assert e.reason, e.id
            else:
                assert e.scope, e.id
                assert e.method, e.id
                assert e.n, e.id
                assert e.low <= e.value <= e.high, e.id


def test_the_second_release_is_compared_with_the_first(demo):
    results = published(demo[1], STREAM, demo[0][1].name)
    assert results["baseline"] == demo[0][0].name
    before, now = (estimates(published(demo[1], STREAM, s.name)) for s in demo[0])
    name = "backward_transfer/stream/all"
    change = now[name].change
    assert change.value == pytest.approx(now[name].value - before[name].value, abs=1e-9)
    assert change.low < change.value < change.high


class Numbers(HTMLParser):
    """Every printed number that names its estimate."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "data-estimate" in values and "value" in values:
            self.found.append((values["data-estimate"], values["data-field"], float(values["value"])))


def test_numbers_on_pages_are_those_of_results_json(demo):
    for stream in demo[0]:
        by_id = estimates(published(demo[1], STREAM, stream.name))
        total = 0
        for page in PAGES:
            reader = Numbers()
            reader.feed((demo[1] / STREAM / stream.name / f"{page}.html").read_text())
            for id_, field, value in reader.found:
                if page == "releases" and id_ not in by_id:
                    continue
                part = by_id[id_]
                for name in field.split("."):
                    part = part[name] if isinstance(part, dict) else getattr(part, name)
                if page != "releases":  # that page shows earlier releases' numbers under the same ids
                    assert value == pytest.approx(part, rel=1e-12), (page, id_, field)
                total += 1
        assert total > 100


def test_pages_are_self_contained_and_small(demo):
    for page in PAGES:
        html = (demo[1] / STREAM / demo[0][1].name / f"{page}.html").read_text()
        assert "<script" not in html.lower()
        assert "default-src 'none'" in html
        assert len(html) < 1_500_000
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)


def test_an_unchanged_log_is_up_to_date(demo, home, tmp_path):
    """In a copy of the reports: a run writes the list of releases anew, and others read it."""
    streams, reports = demo
    shutil.copytree(reports, tmp_path / "reports", symlinks=True)
    done = command("run", streams[1], "--out", tmp_path / "reports", "--fail-on", "none", home=home)
    assert done.returncode == 0
    assert "p to date" in done.stdout


def test_a_cube_read_back_gives_the_numbers_of_its_report(demo):
    """Analyses on the stored cube of the publication equal the published estimates to the last digit."""
    from toolkit.notebook import open_run

    folder = demo[1] / STREAM / demo[0][1].name
    run = open_run(cube=str(folder / "cube"), baseline=str(demo[1] / STREAM / demo[0][0].name))
    by_id = estimates(published(demo[1], STREAM, demo[0][1].name))
    again = {e.id: e for e in run.findings[0]}
    assert again == by_id
