"""Do alarms over scheduled looks stay quiet where nothing changes, and find a loss? `looks.py` runs whole years."""

from __future__ import annotations

import pytest

from tests.end_to_end.looks import WITHIN, Year, told, year


@pytest.mark.parametrize("start", [2, pytest.param(6, marks=pytest.mark.nightly)])
def test_three_points_are_raised_soon(start: int) -> None:
    """Within eight looks, not before, and the alarm stands until the end."""
    found = year((7, start), looks=start + 3, loss=0.03, start=start)
    assert found.alarms
    assert start <= found.alarms[0] < start + WITHIN
    assert found.alarms == tuple(range(found.alarms[0], start + 4))


def test_an_unlucky_look_is_no_alarm() -> None:
    """A year whose third look lies below an ordinary 95 % interval though nothing changed: no sequence says so."""
    found = year((7, 21), looks=3, loss=0.0, start=1)
    assert found.ordinary == (3,)
    assert found.alarms == ()


def test_what_a_campaign_says_can_be_bad() -> None:
    """Too many alarms, a control that finds nothing, and losses that are missed or seen before they came."""
    quiet, peeked, false = Year((), ()), Year((), (4,)), Year((3,), (3,))
    assert told([quiet] * 90 + [peeked] * 10, loss=0.0, start=5)[1]
    assert not told([quiet] * 100, loss=0.0, start=5)[1]
    assert not told([false] * 10 + [peeked] * 20 + [quiet] * 70, loss=0.0, start=5)[1]
    line, good = told([Year((6, 7), ()), false], loss=0.03, start=5)
    assert line.endswith("in 1 of 2 years, before it in 1")
    assert not good
