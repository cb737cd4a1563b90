"""Which estimates of judge and people belong together: agreement, distances, few labels?"""

from __future__ import annotations

from typing import Any

from toolkit.analyses import Analysis
from toolkit.results import Estimate

CHANCE = ("cohen_kappa", "gwet_ac1", "krippendorff_alpha")


def ceiling(agreement: Analysis) -> Estimate | None:
    """Agreement of people with each other, where it was measured."""
    return next((e for e in agreement.select("agreement_ceiling") if e.measured), None)


def coefficients(agreement: Analysis) -> list[Estimate]:
    """Agreement corrected for chance, coefficient by coefficient."""
    return [e for name in CHANCE for e in agreement.select(name, group=None)]


def coefficient_table(agreement: Analysis) -> list[Estimate]:
    """The coefficients with other distances between grades, those of people with each other, and judge by judge."""
    found = [e for name in CHANCE for e in agreement.select(name)]
    return [e for e in found if e.measured]


def ranks_and_calibration(agreement: Analysis) -> list[Estimate]:
    """Whether judge and people rank alike, item by item and system by system, and whether the judge is calibrated."""
    names = ("rank_correlation", "meta_correlation", "calibration_error")
    return [e for name in names for e in agreement.select(name, task=None)]


def in_place_of_a_person(agreement: Analysis) -> list[Estimate]:
    """The alternative annotator test: could the judge stand in for a person?"""
    return [e for e in agreement.select("agreement_gap") if not e.is_whole]


def distances(analysis: Analysis) -> list[Estimate]:
    """All distances between judge and people over all tasks, with their floor and what is detectable."""
    names = ("score_divergence", "energy_distance", "mmd", "two_sample_auc")
    return [e for name in names for e in analysis.select(name, task=None) if e.measured]


def by_people(analysis: Analysis) -> list[Estimate]:
    """Forgetting and transfer as people's labels correct them, over all tasks and task by task."""
    names = ("forward_transfer", "backward_transfer")
    return [e for name in names for e in analysis.select(name, group="part=human-corrected")]


def label_plan(analysis: Analysis) -> list[Estimate]:
    """Labels saved over all tasks, and needed next time over all tasks and task by task."""
    return [*analysis.select("labels_saved", group=None, task=None), *analysis.select("labels_needed", group=None)]


def judge_errors(agreement: Analysis) -> list[Estimate]:
    """Sensitivity and specificity of the judge, and the rate that they make of its own, over all and task by task."""
    parts = [e for e in agreement.select("agreement") if e.group in ("part=sensitivity", "part=specificity")]
    return [*parts, *agreement.select("corrected_score", group="definition=rogan-gladen")]


def calibration(agreement: Analysis) -> dict[str, Any]:
    """Arguments of the calibration curve of all judges together; where there is none, the reason."""
    bins = agreement.select("calibration_curve")
    if bins:
        return {"bins": bins}
    return {"reason": next((e.reason for e in agreement.select("calibration_error") if e.reason), "no scores to bin")}
