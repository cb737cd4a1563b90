"""Margins become verdicts, verdicts the review sheet, and the parts of all notebooks one results file."""

from toolkit.review.accepted import accepted_notices, with_accepted
from toolkit.review.alarms import Publication, monitors
from toolkit.review.assumptions import Assumptions, assumptions
from toolkit.review.axes import review_axes
from toolkit.review.changed import changed_notices
from toolkit.review.decisions import Past, past_of, with_decisions
from toolkit.review.parts import Part, assemble, gathered, load_parts, save_part
from toolkit.review.raters import judged_by
from toolkit.review.sheet import Sheet, gaps_of, latest_tasks, review_sheet
from toolkit.review.verdicts import judged

__all__ = [
    "Assumptions",
    "Part",
    "Past",
    "Publication",
    "Sheet",
    "accepted_notices",
    "assemble",
    "assumptions",
    "changed_notices",
    "gaps_of",
    "gathered",
    "judged",
    "judged_by",
    "latest_tasks",
    "load_parts",
    "monitors",
    "past_of",
    "review_axes",
    "review_sheet",
    "save_part",
    "with_accepted",
    "with_decisions",
]
