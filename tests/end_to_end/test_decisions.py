"""Decisions on a real publication: a stricter margin, findings that are accepted, and since when they stand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from tests.end_to_end.test_demo_report import STREAM
from toolkit.figures import headline
from toolkit.notebook import open_run

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="module")
def opened(demo):
    """The newest release of the demo on its stored cube, beside its baseline and its history."""
    old, new = (demo[1] / STREAM / stream.name for stream in demo[0])
    return open_run(cube=str(new / "cube"), baseline=str(old), history=str(demo[1] / STREAM), release=new.name)


def generation(run, *accepted, margin=0.0001, until=TODAY):
    """The review of generation and its estimates, under a margin that every wrong label is beyond."""
    config = run.config
    chosen = config.review.margins.generation.model_copy(update={"value": margin})
    margins = config.review.margins.model_copy(update={"generation": chosen})
    review = config.review.model_copy(update={"margins": margins})
    entries = [{"finding": f, "by": "quality board", "why": "known", "until": until} for f in accepted]
    config = config.model_validate({**config.model_dump(), "review": review.model_dump(), "accepted": entries})
    meta = run.cube.meta.model_copy(update={"config": config})
    cube = dataclasses.replace(run.cube, meta=meta)
    changed = dataclasses.replace(run, evidence=dataclasses.replace(run.evidence, cube=cube))
    analysis = changed.analyse("generation")
    return changed.axis("generation", analysis), analysis.estimates


def test_a_stricter_margin_is_said_with_the_verdict_under_the_old_one(opened, demo):
    (review, _), _ = generation(opened)
    assert review.verdict == "act"
    assert review.under_baseline_margins in ("healthy", "watch", "unclear")
    assert demo[0][0].name in review.changed[0]
    assert review.new
    assert review.since is None


@pytest.mark.nightly
def test_all_that_acts_can_be_accepted_and_less_than_all_does_not_do(opened):
    (review, _), _ = generation(opened)
    acting = [d.finding for d in review.decisions if d.verdict == "act"]
    assert acting
    (borne, head), _ = generation(opened, *acting)
    assert borne.verdict == "act"
    assert borne.besides_accepted != "act"
    assert borne.accepted_until == TODAY
    page = re.sub(r"<[^>]+>", "", headline(borne, head).html())
    assert f"Act, accepted until {TODAY}" in page
    assert f"accepted by quality board until {TODAY}: known" in page
    (none, _), _ = generation(opened, *acting, until=TODAY - dt.timedelta(1))
    assert none.besides_accepted is None
    if len(acting) > 1:
        assert generation(opened, *acting[1:])[0][0].besides_accepted == "act"


def test_estimates_carry_who_bears_them(opened):
    """So that every table can say it, and results.json does."""
    name = "label_error_rate/stream/all"
    _, found = generation(opened, name)
    assert [e.id for e in found if e.accepted] == [name]
