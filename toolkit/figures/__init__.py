"""Blocks for notebook cells: the review sheet, tables and notes, and figures of estimates.

Blocks draw results and compute nothing statistical. Plotting libraries load when a figure is first asked
for, so that pages render without them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from toolkit.figures.alarms import alarms_table
from toolkit.figures.blocks import MIME, Block
from toolkit.figures.people import plan_table
from toolkit.figures.remarks import gaps, notes
from toolkit.figures.review_sheet import headline, sheet
from toolkit.figures.review_tables import latest_table, ledger_table, releases_table
from toolkit.figures.showcase import samples
from toolkit.figures.tables import estimates_table, table
from toolkit.figures.together import definitions_table, family_table, tasks_table

if TYPE_CHECKING:
    from toolkit.figures.bars import agreement, calibration
    from toolkit.figures.effects import forest, intervals
    from toolkit.figures.learning import Curve, curves
    from toolkit.figures.matrix import score_matrix
    from toolkit.figures.scatter import scatter_with_line
    from toolkit.figures.stages import over_stages
    from toolkit.figures.tradeoff import frontier

_DRAWN = {
    "Curve": "learning",
    "agreement": "bars",
    "calibration": "bars",
    "curves": "learning",
    "forest": "effects",
    "frontier": "tradeoff",
    "intervals": "effects",
    "over_stages": "stages",
    "scatter_with_line": "scatter",
    "score_matrix": "matrix",
}

__all__ = [
    "MIME",
    "Block",
    "Curve",
    "agreement",
    "alarms_table",
    "calibration",
    "curves",
    "definitions_table",
    "estimates_table",
    "family_table",
    "forest",
    "frontier",
    "gaps",
    "headline",
    "intervals",
    "latest_table",
    "ledger_table",
    "notes",
    "over_stages",
    "plan_table",
    "releases_table",
    "samples",
    "scatter_with_line",
    "score_matrix",
    "sheet",
    "table",
    "tasks_table",
]


def __getattr__(name: str) -> Any:
    if name not in _DRAWN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    drawn = getattr(importlib.import_module(f"{__name__}.{_DRAWN[name]}"), name)
    globals()[name] = drawn
    return drawn
