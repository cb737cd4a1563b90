"""Which studies make up the calibration? All of them by name, in the order of the table."""

from __future__ import annotations

from toolkit.simulation.calibration import (
    agreement,
    alarms,
    bands,
    divergences,
    dropouts,
    equivalence,
    fading,
    families,
    fewlabels,
    forgetting,
    identity,
    looks,
    matrix,
    missing_ratings,
    newtasks,
    planned_labels,
    recurring,
    reuse,
    rounds,
    transfer,
    trends,
)
from toolkit.simulation.calibration.study import Study

STUDIES: dict[str, Study] = {
    study.name: study
    for module in (
        transfer, reuse, matrix, newtasks, forgetting, bands, trends, fading, agreement, missing_ratings,
        fewlabels, rounds, planned_labels, divergences, looks, alarms, families,
        recurring, equivalence, dropouts, identity,
    )
    for study in module.STUDIES
}  # fmt: skip
