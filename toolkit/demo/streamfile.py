"""What does the demo say about its stream? stream.toml with tasks, models and margins, and similarity.csv."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from toolkit.demo.images import TaskImages, class_means, similarity
from toolkit.demo.judge import JUDGE
from toolkit.demo.settings import Method, Settings

NAME = "digits-under-change"
TITLE = "Handwritten digits under changing acquisition"

# Chosen before the first release, for what a desk that reads 1,000 digits a day would notice.
_CHOSEN = {"chosen_by": "streamreview demo", "date": dt.date(2026, 8, 31)}
_MARGINS: dict[str, dict[str, Any]] = {
    "transfer": {
        "value": 0.03,
        "unit": "score",
        "reason": "for less than 30 digits of 1,000 nobody would change how a new condition is started",
    },
    "forgetting": {
        "value": 0.03,
        "unit": "score",
        "reason": "30 more wrong digits of 1,000 on a condition that was learned call for learning it again",
    },
    "feedback_bias": {
        "value": 0.05,
        "unit": "points of the feedback scale (0 to 1)",
        "reason": "a judge that praises 5 answers of 100 too many hides more than the loss that matters",
    },
    "alignment": {
        "value": 0.05,
        "unit": "agreement",
        "reason": "5 disagreements of 100 are what a person can go through by hand each stage",
    },
    "generation": {
        "value": 0.05,
        "unit": "share of labels that are wrong",
        "reason": "with more than 5 wrong labels of 100 the student learns the errors",
    },
}
_REGULATED: dict[str, dict[str, Any]] = {
    "forgetting": {
        "value": 0.02,
        "unit": "score",
        "reason": "archive film cannot be sent back to be read again",
    },
    "feedback_bias": {
        "value": 0.03,
        "unit": "points of the feedback scale (0 to 1)",
        "reason": "on archive film nobody checks the judge a second time",
    },
}


def stream_toml(method: Method, settings: Settings, previous: str | None) -> str:
    """stream.toml of one release; `previous` is its baseline."""
    import tomlkit

    review = {
        "seeds_shared": True,
        "human_sampling": "random",
        "margins": {
            **{axis: margin | _CHOSEN for axis, margin in _MARGINS.items()},
            "regulated": {axis: margin | _CHOSEN for axis, margin in _REGULATED.items()},
        },
    }
    tasks = [
        {"name": condition.name, "domain": condition.domain, "risk": condition.risk}
        for condition in settings.conditions
    ]
    return tomlkit.dumps(
        {
            "name": NAME,
            "title": TITLE,
            "score_range": [0, 1],
            "step_unit": "samples",
            "release": method.release,
            **({"baseline": previous} if previous else {}),
            "tasks": tasks,
            "feedback": {"range": [0, 1]},
            "models": models(method, settings),
            "review": review,
        }
    )


def models(method: Method, settings: Settings) -> dict[str, str]:
    """What ran, with its version; `demo` tells a finished folder from another version's."""
    learn = f"scikit-learn {version('scikit-learn')}"
    return {
        "demo": settings.fingerprint(method),
        "method": method.summary,
        "data": f"load_digits of {learn}: UCI optical recognition of handwritten digits, labelled by people",
        "generator": f"Gaussian per class, Ledoit-Wolf covariance, temperature {method.temperature:g}, {learn}",
        "judge": f"{JUDGE}, {learn}",
        "student": f"network 64-{settings.hidden}-10, plain gradient descent, NumPy {version('numpy')}",
    }


def similarity_csv(tasks: Sequence[TaskImages]) -> str:
    """similarity.csv: every ordered pair of tasks, measured on their training images alone."""
    means = {task.name: class_means(task.training.pixels, task.training.labels) for task in tasks}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("task", "other", "similarity"))
    for task in means:
        for other in means:
            if other != task:
                table.writerow((task, other, f"{similarity(means[task], means[other]):.6f}"))
    return text.getvalue()
