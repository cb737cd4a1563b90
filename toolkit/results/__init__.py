"""The result types: what analyses return, figures draw, pages print and results.json holds."""

from toolkit.results.basis import Assumption, JudgedBy
from toolkit.results.estimate import AXES, Axis, Change, Estimate, Finding, Scope, Verdict
from toolkit.results.report import (
    AxisReview,
    InputFile,
    LedgerEntry,
    Monitor,
    Notice,
    PlanRow,
    Provenance,
    Results,
)

__all__ = [
    "AXES",
    "Assumption",
    "Axis",
    "AxisReview",
    "Change",
    "Estimate",
    "Finding",
    "InputFile",
    "JudgedBy",
    "LedgerEntry",
    "Monitor",
    "Notice",
    "PlanRow",
    "Provenance",
    "Results",
    "Scope",
    "Verdict",
]
