"""Which estimates of the samples belong together: gates, cost, labels, variety, tails, rounds, what is handed on?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toolkit.analyses import Analysis
from toolkit.analyses.fidelity import GENERATED
from toolkit.analyses.showcase import showcase
from toolkit.notebook.run import Run
from toolkit.notebook.views.common import by_stage
from toolkit.results import Estimate

_COSTS = ("cost_per_accepted", "tokens_per_accepted", "seconds_per_accepted", "cost_trend")
_ROUNDS = ("divergence_growth", "bias_amplification")
_REGIMES = {
    "regime=replace": "this stage alone",
    "regime=window": "last three stages",
    "regime=accumulate": "all so far",
}


def whole(analysis: Analysis, quantity: str) -> list[Estimate]:
    """All estimates of a quantity over all tasks and stages, group by group."""
    return [e for e in analysis.select(quantity, task=None, stage=None) if e.measured or e.group is None]


def gates(generation: Analysis) -> list[Estimate]:
    """What each gate let through, over all, and how samples that passed were scored."""
    passed = [e for e in whole(generation, "acceptance_rate") if (e.group or "").startswith("gate=")]
    return [*generation.select("acceptance_rate", group=None, task=None, stage=None), *passed,
            *whole(generation, "accepted_score")]  # fmt: skip


def costs(generation: Analysis) -> list[Estimate]:
    """Cost, tokens and time of an accepted sample, and whether it gets cheaper."""
    return [e for name in _COSTS for e in whole(generation, name)]


def stages_of(generation: Analysis, quantity: str, groups: dict[str | None, str]) -> dict[str, list[Estimate]]:
    """Estimates by stage, one line a group, named as given; groups that were not measured are left out."""
    lines = {name: by_stage(generation.select(quantity, group=group)) for group, name in groups.items()}
    return {name: line for name, line in lines.items() if any(e.measured for e in line)}


def variety(generation: Analysis) -> dict[str, list[Estimate]]:
    """The headline diversity by stage: accepted samples, all generated ones, and people's at the same size."""
    return stages_of(generation, "diversity", {None: "accepted", GENERATED: "generated", "side=human": "people's"})


def measures(generation: Analysis) -> list[Estimate]:
    """Diversity by each measure, accepted samples and people's, and its trend."""
    found = [e for e in whole(generation, "diversity") if not (e.group or "").startswith(GENERATED)]
    return [*found, *whole(generation, "diversity_trend")]


def frontier(generation: Analysis) -> dict[str, list[tuple[Estimate, Estimate]]]:
    """Diversity with the share of wrong labels, stage by stage: accepted samples, and all that were generated."""
    series = {}
    for group, name in ((None, "accepted"), (GENERATED, "generated")):
        wrong = {e.stage: e for e in by_stage(generation.select("label_error_rate", group=group))}
        varied = by_stage(generation.select("diversity", group=group))
        pairs = [(e, wrong[e.stage]) for e in varied if e.stage in wrong]
        if any(a.measured and b.measured for a, b in pairs):
            series[name] = pairs
    return series


def regimes(generation: Analysis) -> dict[str, list[Estimate]]:
    """The share of human samples in the training data, by what a stage trains on."""
    return stages_of(generation, "real_data_share", dict(_REGIMES.items()))


def rounds(generation: Analysis) -> list[Estimate]:
    """Whether the distance from people grows and levels off, and whether a bias of the samples is amplified."""
    return [e for name in _ROUNDS for e in whole(generation, name)]


def handed_on(generation: Analysis) -> list[Estimate]:
    """Properties of samples and of the student's answers against people's, over all stages."""
    return whole(generation, "property_gap")


def samples(run: Run) -> dict[str, Any]:
    """Arguments of the samples shown to the reader, or why there are none."""
    found = showcase(run.evidence)
    return {"shown": (), "reason": found} if isinstance(found, str) else {"shown": found}


def property_name(estimate: Estimate) -> str:
    """What a row of one property is called: `attr_ink=mean,of=samples,against=human` reads `ink, samples`."""
    named = dict(part.partition("=")[::2] for part in (estimate.group or "").split(","))
    first, value = next(iter(named.items()))
    what = first.removeprefix("attr_") + ("" if value == "mean" else f": {value}")
    return f"{what}, {named.get('of', '')} against {_reference(named)}"


def _reference(named: dict[str, str]) -> str:
    return {"human": "people's", "samples": "samples"}.get(named.get("against", ""), named.get("against", ""))


def confusions(generation: Analysis) -> Sequence[Estimate]:
    """Which labels are found in the place of which, the commonest first, after those found as asked for."""
    return whole(generation, "label_confusion")
