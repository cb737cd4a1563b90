"""What an analysis works on: the cube of a release, and that of the release it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from toolkit.cube import Cube, Scores, scores_of
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, Notice


@dataclass(frozen=True)
class Evidence:
    """One release's cube, and its baseline's with the baseline's name, where there is one."""

    cube: Cube
    baseline: Cube | None = None
    baseline_release: str | None = None

    @property
    def config(self) -> StreamConfig:
        """The stream's configuration."""
        return self.cube.config

    @cached_property
    def scores(self) -> Scores | None:
        """Scores of the first task order; None where the log has no evaluations."""
        return scores_of(self.cube)

    @cached_property
    def baseline_scores(self) -> Scores | None:
        """The baseline's scores of the same task order, where both have evaluations."""
        if self.baseline is None or self.scores is None:
            return None
        return scores_of(self.baseline, self.scores.order)

    @cached_property
    def items(self) -> dict[str, int]:
        """Distinct test items by task."""
        return items_of(self.cube)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible score."""
        return self.config.score_range

    @property
    def level(self) -> float:
        """Nominal coverage of intervals."""
        return self.config.review.level


@dataclass(frozen=True)
class Analysis:
    """What one analysis found: estimates, and what a reader must know beside them."""

    estimates: tuple[Estimate, ...]
    notices: tuple[Notice, ...] = ()

    def select(self, quantity: str, **fields: object) -> tuple[Estimate, ...]:
        """Estimates of one quantity whose fields have these values: select("score", arm="stream")."""
        chosen = (e for e in self.estimates if e.quantity == quantity)
        return tuple(e for e in chosen if all(getattr(e, name) == value for name, value in fields.items()))

    def one(self, quantity: str, **fields: object) -> Estimate:
        """The only such estimate, of the whole where no group is asked for; LookupError where it is not one."""
        found = self.select(quantity, **fields)
        if len(found) > 1 and "group" not in fields:  # beside it stand parts, other definitions and models
            found = tuple(e for e in found if e.group is None) or tuple(e for e in found if e.is_whole)
        if len(found) != 1:
            raise LookupError(f"{len(found)} estimates of {quantity} with {fields}")
        return found[0]


def items_of(cube: Cube) -> dict[str, int]:
    """Distinct test items by task."""
    table = cube.table("counts")
    if table is None:
        return {}
    return dict(zip(table["task"].to_pylist(), table["items"].to_pylist(), strict=True))
