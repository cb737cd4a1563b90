"""Invented results for tests of looks: the one place where numbers are made up."""
# ruff: noqa: E501

from __future__ import annotations

import math

from toolkit.results import (
    AxisReview,
    Change,
    Estimate,
    InputFile,
    LedgerEntry,
    Notice,
    PlanRow,
    Provenance,
    Results,
)

HOSTILE = {
    "tag": "<img src=x onerror=alert(1)>",
    "script": "</script><script>document.title='owned'</script>",
    "math": "$x_1^2$ and $\\frac{1}{2}$",
    "long": "a very long task name " * 14,
    "emoji": "refunds 🧾🚀",
    "rtl": "\u202eevil\u202c שלום עולם",
    "newline": "two\nlines\x07\x1b[31m",
    "quote": "\"' onmouseover=alert(1) x='",
}
TASKS = (
    "billing",
    "shipping",
    "contract clauses",
    "returns",
    "warranty",
    "complaints",
    "invoices",
    "refunds",
)


def headline_estimates() -> dict[str, Estimate]:
    """The five headline estimates of an invented release, by axis."""
    return {
        "forgetting": Estimate(
            quantity="backward_transfer", axis="forgetting", value=-0.031, low=-0.044, high=-0.018, margin=0.01,
            scope="seeds", n={"items": 4000, "seeds": 5, "tasks": 8}, method="crossed items x seeds t",
            finding="worse", verdict="act", change=Change(against="2026.10", value=-0.012, low=-0.023, high=-0.001),
        ),
        "feedback": Estimate(
            quantity="feedback_bias", axis="feedback", value=0.31, low=0.24, high=0.38, margin=0.15,
            unit="points of the feedback scale", scope="items", n={"labels": 1900}, method="t over items",
            finding="worse", verdict="act", change=Change(against="2026.10", value=0.07, low=0.001, high=0.14),
        ),
        "alignment": Estimate(
            quantity="agreement_gap", axis="alignment", value=-0.05, low=-0.12, high=0.02, margin=0.1, unit="share",
            scope="items", n={"labels": 160}, method="item jackknife", finding="unclear", verdict="unclear",
            change=Change(against="2026.10", value=0.0, low=-0.06, high=0.06),
        ),
        "transfer": Estimate(
            quantity="forward_transfer", axis="transfer", against="isolated", value=0.024, low=0.011, high=0.037,
            margin=0.01, scope="seeds", n={"items": 4000, "seeds": 5, "tasks": 8}, method="crossed items x seeds t",
            finding="better", verdict="healthy", change=Change(against="2026.10", value=0.006, low=-0.009, high=0.021),
        ),
        "generation": Estimate(
            quantity="label_error_rate", axis="generation", value=0.06, low=0.051, high=0.07, margin=0.1, unit="share",
            scope="items", n={"samples": 2400}, method="Wilson", finding="no material change", verdict="healthy",
            change=Change(against="2026.10", value=-0.008, low=-0.019, high=0.003),
        ),
    }  # fmt: skip


SENTENCES = {
    "forgetting": "Earlier tasks lost 3.1 points since they were learned. Billing lost most: 6.2 points (4.0 to 8.4). New in this release.",
    "feedback": "The judge scores 0.31 higher than people on the 1 to 5 scale, and 0.04 more at each stage. Standing since 2026.10.",
    "alignment": "The judge agrees with people 5 points less than people agree with each other; 140 more human labels would settle it.",
    "transfer": "Earlier experience helps new tasks: they end 2.4 points above the same tasks learned alone.",
    "generation": "6 of 100 accepted samples carry a wrong label, and variety holds at equal sample size.",
}


def axes() -> list[AxisReview]:
    """The five axis reviews that go with the headline estimates."""
    return [
        AxisReview(
            axis=estimate.axis, required=True, verdict=estimate.verdict or "not measured", finding=estimate.finding,
            headline=estimate.id, because=("billing",) if name == "forgetting" else (), sentence=SENTENCES[name],
            standing=name == "feedback",
        )
        for name, estimate in headline_estimates().items()
    ]  # fmt: skip


HISTORY: dict[str, list[float | None]] = {
    "forgetting": [-0.008, -0.011, -0.009, None, -0.016, -0.019, -0.031],
    "feedback": [0.14, 0.15, 0.19, 0.2, 0.24, 0.31],
    "alignment": [-0.04, -0.06, -0.05, -0.03, -0.05, -0.05],
    "transfer": [0.012, 0.014, 0.011, 0.018, 0.018, 0.024],
    "generation": [0.08, 0.079, 0.072, 0.07, 0.068, 0.06],
}
SENTENCE = (
    "Old tasks are being lost, and the judge is drifting from people; new tasks still profit. "
    "Two of five axes are beyond the change that matters. Keep people on contract clauses (regulated), "
    "and put billing under review before the next release."
)


def matrix(tasks: tuple[str, ...] = TASKS) -> list[Estimate]:
    """A score matrix, stage x task, with forgetting and some transfer."""
    cells = []
    for stage in range(len(tasks) + 1):
        for place, task in enumerate(tasks, start=1):
            learned = stage >= place
            mean = 0.84 + 0.02 * math.sin(place) - 0.011 * (stage - place) if learned else 0.31 + 0.02 * stage
            cells.append(
                Estimate(
                    quantity="score",
                    axis="transfer",
                    task=task,
                    stage=stage,
                    value=mean,
                    low=mean - 0.02,
                    high=mean + 0.02,
                    scope="seeds",
                    n={"items": 500, "seeds": 5},
                    method="crossed",
                )
            )
    return cells


def by_task(quantity: str = "backward_transfer", tasks: tuple[str, ...] = TASKS, **more: object) -> list[Estimate]:
    """One estimate a task, some of them harmful, one without an interval, one not measured."""
    made = []
    for place, task in enumerate(tasks):
        value = -0.06 + 0.012 * place
        fields: dict[str, object] = {
            "value": value, "low": value - 0.018 - 0.002 * place, "high": value + 0.018 + 0.002 * place, "scope": "seeds",
            "n": {"items": 500, "seeds": 5}, "margin": 0.02, "simultaneous": True, "method": "pooled",
        }  # fmt: skip
        if place == len(tasks) - 2:
            fields |= {"low": None, "high": None, "scope": None, "reason": "needs two seeds or items"}
        if place == len(tasks) - 1:
            fields |= {
                "value": None,
                "low": None,
                "high": None,
                "scope": None,
                "reason": "needs a later task",
            }
        made.append(Estimate.model_validate({"quantity": quantity, "axis": "forgetting", "task": task} | fields | more))
    return made


PLAN = [
    PlanRow(task="shipping", risk="standard", advice="watch", labels=20, why="Bias and divergence inside their margins"),
    PlanRow(task="billing", risk="standard", advice="review", labels=120, why="Lost 6.2 points (4.0 to 8.4); answers 'credit' where people say 'refund'"),
    PlanRow(task="contract clauses", risk="regulated", advice="required", labels=300, why="The judge's bias is beyond the regulated margin in the last two stages"),
    PlanRow(task="returns", risk="standard", advice="review", labels=60, why="Judge alignment unclear at 40 labels"),
]  # fmt: skip
LEDGER = {
    "evaluations": LedgerEntry(read=400_012, used=400_000, rejected=12, reasons={"score outside its range": 9, "unreadable line": 3}),
    "feedback": LedgerEntry(read=12_300, used=12_300, rejected=0),
}  # fmt: skip
NOTICES = [
    Notice(
        code="items-differ",
        message="Stage 3 scores 12 items of returns that stage 4 does not: they are left out of pairs.",
    )
]


def results(release: str, *, revision: int = 1, look: bool = False, stale: bool = False, worse: float = 1.0) -> Results:
    """An invented results file."""
    estimates = [e.model_copy(update={"value": (e.value or 0) * worse}) for e in headline_estimates().values()]
    return Results(
        stream="support-tickets", title="Support-ticket labelling", release=release, look=look, revision=revision,
        stale=stale, verdict="act", sentence=SENTENCE, measured=5, axes=tuple(axes()), estimates=tuple(estimates),
        ledger=LEDGER, people_plan=tuple(PLAN),
        provenance=Provenance(
            started="2026-11-23T06:00:00Z", finished="2026-11-23T06:02:00Z", operator="tests", toolkit="0.1.0",
            python="3.11", packages={}, engine="DuckDB", inputs=(InputFile(path="evaluations.parquet", bytes=1, sha256="0"),),
            fingerprint="9f31c2", config={"score_range": [0, 1]}, models={}, random_seed=0,
        ),
    )  # fmt: skip


def share(quantity: str, value: float, half: float, **more: object) -> Estimate:
    """A share of labelled items with a symmetric interval."""
    fields = {
        "quantity": quantity, "axis": "alignment", "value": value, "low": value - half, "high": value + half,
        "unit": "share", "scope": "items", "n": {"labels": 200},
    }  # fmt: skip
    return Estimate.model_validate(fields | more)
