"""With what chance did people come to label each answer, where labels were drawn in one round or several?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from toolkit.inference.ppi_design import over_rounds

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

ROUND = r", round ([1-9][0-9]{0,3})$"  # how the strata of a second and later draw from the same answers end


def in_round(stratum: str, number: int) -> str:
    """A stratum's name in the first, second, ... draw from the same answers, by which analyses tell draws apart."""
    return stratum if number == 1 else f"{stratum}, round {number}"


def rounds_of(human: pd.DataFrame) -> pd.Series[int]:
    """[row]: the number of the draw that a label comes from; 1 where nothing is known of it."""
    import pandas as pd

    if "stratum" not in human:
        return pd.Series(1, index=human.index)
    named = human["stratum"].astype("string").str.extract(ROUND, expand=False)
    return named.where(human["probability"].notna()).fillna("1").astype(int)


def chances(label: pd.Series[Any], rows: pd.DataFrame, *, declared: bool) -> tuple[Floats, bool]:
    """[row]: each labelled answer's chance, up to a common factor, and whether labels are a probability sample.

    label: [row] absent where people gave none. rows: all judged answers, with columns stage, task, logged and number.
    declared: labels without a logged chance were drawn at random, as the stream's configuration says.
    """
    logged, number = (rows[name].to_numpy(dtype=float) for name in ("logged", "number"))
    labelled, missing = label.notna().to_numpy(), ~np.isfinite(logged)
    known = not missing[labelled & (number == 1)].any()
    weight, sampled = np.full(len(rows), np.nan), True
    for _, part in rows.assign(place=np.arange(len(rows))).groupby(["stage", "task"]):
        cell = part["place"].to_numpy()
        here = cell[labelled[cell]]
        first, chance = number[here] == 1, logged[here]
        if first.all():
            sampled = sampled and (known or declared)
            weight[here] = 1 / chance if known else len(cell) / len(here)
            continue
        if missing[here].any():  # labels that were there before anything was drawn
            chance = np.where(first, first.sum() / len(cell) if declared else np.nan, chance)
        weight[here] = over_rounds(chance, number[here])
    return 1 / (weight / min(1.0, float(np.nanmin(weight)))), sampled
