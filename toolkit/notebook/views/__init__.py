"""Which estimates does a figure take, and in which shape? Selections only: nothing is computed here."""

from toolkit.notebook.views.alignment import (
    by_people,
    calibration,
    ceiling,
    coefficient_table,
    coefficients,
    distances,
    in_place_of_a_person,
    judge_errors,
    label_plan,
    ranks_and_calibration,
)
from toolkit.notebook.views.common import age, by_age, by_stage, group_name, over_all_tasks, task_name, whole_and_tasks
from toolkit.notebook.views.feedback import beside_the_bias, group_means, slopes
from toolkit.notebook.views.forgetting import beside_luck, definitions, luck_name, tasks_of
from toolkit.notebook.views.releases import LINKS, Releases, cheapest, gaps, headlines, releases
from toolkit.notebook.views.transfer import curves, gains, plasticity, similarity

__all__ = [
    "LINKS",
    "Releases",
    "age",
    "beside_luck",
    "beside_the_bias",
    "by_age",
    "by_people",
    "by_stage",
    "calibration",
    "ceiling",
    "cheapest",
    "coefficient_table",
    "coefficients",
    "curves",
    "definitions",
    "distances",
    "gains",
    "gaps",
    "group_means",
    "group_name",
    "headlines",
    "in_place_of_a_person",
    "judge_errors",
    "label_plan",
    "luck_name",
    "over_all_tasks",
    "plasticity",
    "ranks_and_calibration",
    "releases",
    "similarity",
    "slopes",
    "task_name",
    "tasks_of",
    "whole_and_tasks",
]
