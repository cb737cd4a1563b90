"""What does a set of estimates look like to pandas, polars, Arrow and xarray?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import UsageError
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import xarray as xr

_ALONG = ("arm", "against", "group", "stage", "task")
_SHOWN = ("value", "low", "high")


def to_arrow(estimates: Sequence[Estimate]) -> pa.Table:
    """One row each: the columns of estimates.parquet, then one whole-number column a count (`n_items`)."""
    import pyarrow as pa

    from toolkit.reporting.tables import arrow_table

    table = arrow_table(estimates)
    for kind in dict.fromkeys(kind for e in estimates for kind in e.n):
        table = table.append_column(f"n_{kind}", pa.array([e.n.get(kind) for e in estimates], pa.int64()))
    return table


def to_pandas(estimates: Sequence[Estimate]) -> pd.DataFrame:
    """`to_arrow` indexed by id; absent whole numbers are <NA>, absent values nan."""
    import pandas as pd
    import pyarrow as pa

    whole = {pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}
    return to_arrow(estimates).to_pandas(types_mapper=whole.get).set_index("id")


def to_polars(estimates: Sequence[Estimate]) -> Any:
    """`to_arrow` as a polars frame. Raises UsageError where polars is not installed."""
    try:
        polars = import_module("polars")
    except ImportError:
        raise UsageError("polars is not installed: pip install polars, or take to_pandas() or to_arrow()") from None
    return polars.from_arrow(to_arrow(estimates))


def to_xarray(estimates: Sequence[Estimate]) -> xr.Dataset:
    """Value, low and high [arm, against, group, stage, task], of these the dimensions along which estimates differ.

    Stages ascend, names stand in order of appearance; nan where a number is missing. Raises UsageError where
    quantities are mixed, or estimates of a whole (all tasks, all stages, no part) with those of its parts.
    """
    import xarray as xr

    quantities = list(dict.fromkeys(e.quantity for e in estimates))
    if len(quantities) != 1:
        raise UsageError(f"to_xarray takes one quantity, and here are {len(quantities)}: pick one by its name")
    labels = {name: _labels(name, [getattr(e, name) for e in estimates]) for name in _ALONG}
    labels = {name: found for name, found in labels.items() if len(found) > 1}
    places = {name: {label: place for place, label in enumerate(found)} for name, found in labels.items()}
    shape = tuple(len(found) for found in labels.values())
    cells = {shown: np.full(shape, math.nan) for shown in _SHOWN}
    for e in estimates:
        at = tuple(places[name][getattr(e, name)] for name in labels)
        for shown, cell in cells.items():
            number = getattr(e, shown)
            cell[at] = math.nan if number is None else number
    units = {e.unit for e in estimates}
    attributes = {"quantity": quantities[0], "units": units.pop() if len(units) == 1 else "mixed"}
    return xr.Dataset({shown: (tuple(labels), cell) for shown, cell in cells.items()}, labels, attributes)


def _labels(name: str, values: Sequence[Any]) -> list[Any]:
    found = list(dict.fromkeys(values))
    if None in found and len(found) > 1:
        raise UsageError(
            f"to_xarray: some estimates have a {name} and some speak of the whole; "
            f"filter({name}=...) keeps the first, filter({name}=None) the others"
        )
    return sorted(found) if name == "stage" else found
