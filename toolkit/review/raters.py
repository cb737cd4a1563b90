"""Whose judgements do the numbers rest on: how many people, which judges and rules, and how much did they judge?"""

from __future__ import annotations

from toolkit.cube import Cube
from toolkit.results import JudgedBy
from toolkit.results.basis import Judging

_SOURCES: tuple[Judging, ...] = ("human", "synthetic", "rule")


def judged_by(cube: Cube) -> tuple[JudgedBy, ...]:
    """People, judges and rules, each with the judgements that they gave; abstentions are none."""
    table = cube.table("judgements")
    if table is None:
        return ()
    rows = table.select(["source", "rater", "abstained"]).to_pandas()
    rows = rows[~rows["abstained"].fillna(False).astype(bool)]
    found = []
    for source in _SOURCES:
        of = rows[rows["source"] == source]
        names = sorted(of["rater"].dropna().astype(str).unique())
        if len(of):
            shown = source != "human" or cube.config.review.show_raters
            found.append(JudgedBy(source=source, raters=len(names), judgements=len(of), names=tuple(names) * shown))
    return tuple(found)
