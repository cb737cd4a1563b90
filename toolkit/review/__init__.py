"""Margins become verdicts, verdicts the review sheet, and the parts of all notebooks one results file."""

from toolkit.review.alarms import Publication, monitors
from toolkit.review.assumptions import Assumptions, assumptions
from toolkit.review.axes import review_axes
from toolkit.review.parts import Part, assemble, gathered, load_parts, save_part
from toolkit.review.sheet import Sheet, gaps_of, latest_tasks, review_sheet
from toolkit.review.verdicts import judged

__all__ = [
    "Assumptions",
    "Part",
    "Publication",
    "Sheet",
    "assemble",
    "assumptions",
    "gaps_of",
    "gathered",
    "judged",
    "latest_tasks",
    "load_parts",
    "monitors",
    "review_axes",
    "review_sheet",
    "save_part",
]
