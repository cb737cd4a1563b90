"""Do mistakes that come back get noticed, and are they told from plain forgetting and from hard items?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.recurrence import recurrence_statistic
from toolkit.inference.ladder import interval
from toolkit.inference.quantiles import z_quantile
from toolkit.simulation.calibration.study import ALPHA, LEVEL, Generator, Line, Outcome, Study, excludes

if TYPE_CHECKING:
    import pandas as pd

Bools = npt.NDArray[np.bool_]

TASKS, ITEMS, LATER = 5, 200, 3  # evaluated at arrival and at so many later stages
MARGIN = 0.9  # mean latent margin; items and answers' luck have sd 1
ANYWHERE = (-math.inf, math.inf)


def answers(rng: Generator, *, forgetting: float, effect: float) -> tuple[Bools, Bools]:
    """Wrong answers of the stream [stage, task, item] since arrival, and of the isolated student [task, item].

    forgetting: what every item loses of its margin at each later stage; effect: what items lose beyond that which
    were wrong once and then right
    """
    item = MARGIN + rng.standard_normal((TASKS, ITEMS))
    wrong = np.empty((LATER + 1, TASKS, ITEMS), dtype=bool)
    ever, fixed = np.zeros((2, TASKS, ITEMS), dtype=bool)
    for stage in range(LATER + 1):
        wrong[stage] = item - forgetting * stage - effect * fixed + rng.standard_normal((TASKS, ITEMS)) < 0
        fixed |= ever & ~wrong[stage]
        ever |= wrong[stage]
    return wrong, item + rng.standard_normal((TASKS, ITEMS)) < 0


def followed(wrong: Bools, isolated: Bools) -> pd.DataFrame:
    """Items that were right at the stage before, in the groups `fixed` and `never`, as the reduction counts them."""
    import pandas as pd

    stage, task, item = np.nonzero(~wrong[1:-1])
    stage = stage + 2
    before = np.logical_or.accumulate(wrong, axis=0)
    fixed = before[stage - 2, task, item]
    again, alone = wrong[stage, task, item], isolated[task, item]
    columns = {"seed": np.zeros(len(item), dtype=int), "task": task, "stage": stage, "cluster": task * ITEMS + item}
    for group, there in (("fixed", fixed), ("never", ~fixed)):
        columns |= {f"at_risk_{group}": there, f"wrong_again_{group}": there & again,
                    f"isolated_wrong_{group}": there & alone}  # fmt: skip
    return pd.DataFrame({name: values.astype(np.int64) for name, values in columns.items()})


def _naive(cells: pd.DataFrame) -> Outcome:
    """Fixed items against never-wrong ones, as if they were equally hard: two proportions, z."""
    counts = cells.sum()
    shares = [(counts[f"wrong_again_{group}"], counts[f"at_risk_{group}"]) for group in ("fixed", "never")]
    rates = [wrong / size for wrong, size in shares]
    error = math.sqrt(sum(rate * (1 - rate) / size for rate, (_, size) in zip(rates, shares, strict=True)))
    return Outcome(float(abs(rates[0] - rates[1]) > z_quantile(LEVEL) * error))


def _study(name: str, *lines: Line, forgetting: float = 0.0, effect: float = 0.0) -> Study:
    def replicate(rng: Generator) -> Sequence[Outcome]:
        cells = followed(*answers(rng, forgetting=forgetting, effect=effect))
        found = excludes(interval([recurrence_statistic(cells)], level=LEVEL, bounds=ANYWHERE), 0.0)
        return (found, _naive(cells))[: len(lines)]

    return Study(name, lines, replicate)


DIFFERENCES = "difference in differences of log odds, jackknife"
STUDIES = (
    _study(
        "recurrence-none",
        Line("mistakes that come back: none do", "items", DIFFERENCES, (0.03, 0.07), kind="size", nominal=ALPHA),
        Line("the same", "items", "fixed against never-wrong items, z", (0.5, 1.0), kind="size", nominal=ALPHA,
             negative=True),
    ),
    _study(
        "recurrence-forgetting",
        Line("mistakes that come back: none do, all items are forgotten", "items", DIFFERENCES, (0.03, 0.07),
             kind="size", nominal=ALPHA),
        forgetting=0.2,
    ),
    _study(
        "recurrence-real",
        Line("mistakes that come back: fixed items are weaker by .5", "items", DIFFERENCES, (0.5, 1.0), kind="power",
             nominal=None),
        effect=0.5,
    ),
)  # fmt: skip
