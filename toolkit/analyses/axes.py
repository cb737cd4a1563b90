"""Which analyses answer the question of one page? Those of feedback and of alignment are several."""

from __future__ import annotations

from dataclasses import replace

from toolkit.analyses.agreement import agreement
from toolkit.analyses.amplification import amplification
from toolkit.analyses.annotators import alternative
from toolkit.analyses.calibration import calibration
from toolkit.analyses.changes import with_changes
from toolkit.analyses.collapse import collapse
from toolkit.analyses.corrected import corrected
from toolkit.analyses.critiques import equivalent_samples
from toolkit.analyses.divergence import divergence
from toolkit.analyses.diversity import diversity
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.feedback import feedback
from toolkit.analyses.fidelity import fidelity
from toolkit.analyses.generation import NO_SAMPLES, generation
from toolkit.analyses.inheritance import inheritance
from toolkit.analyses.loop import lagged_effects
from toolkit.analyses.proxy import proxy_drift
from toolkit.analyses.ranks import meta_correlation, rank_correlation
from toolkit.analyses.sensitivity import sensitivity
from toolkit.analyses.yields import yields
from toolkit.results import Estimate

_NEEDS = {
    "position_bias": "needs preferences judged in both orders, with `pair` and `position`",
    "family_preference": "needs rater_family and generator_family, two of each",
}


def feedback_page(evidence: Evidence) -> Analysis:
    """The judge's bias and what it depends on, its course beside people's, and what forms of feedback are worth."""
    found = feedback(evidence)
    found = replace(found, estimates=with_changes(found.estimates, evidence, lambda old: feedback(old).estimates))
    proxy = with_changes(proxy_drift(evidence), evidence, proxy_drift)
    beside = [*proxy, *equivalent_samples(evidence)]
    if any(estimate.measured for estimate in found.estimates):  # else one reason stands for all
        for quantity, reason in _NEEDS.items():
            if not found.select(quantity):
                beside.append(Estimate(quantity=quantity, axis="feedback", level=evidence.level, reason=reason))
    return _with(found, *beside)


def alignment_page(evidence: Evidence) -> Analysis:
    """Agreement of judges and people, how differently they judge, and what people's labels make of judges' scores."""
    margin = evidence.config.review.margins.feedback_bias
    parts = [agreement(evidence), rank_correlation(evidence), meta_correlation(evidence), calibration(evidence)]
    estimates = [estimate for part in parts for estimate in part.estimates]
    notices = tuple(notice for part in parts for notice in part.notices)
    measured_by_people = [
        *corrected(evidence, half_width=None if margin is None else margin.value),
        *sensitivity(evidence),
    ]
    last = alternative(evidence).estimates
    found = (*estimates, *divergence(evidence), *measured_by_people, *last)
    return Analysis(with_changes(found, evidence, _of_baseline), notices)


def generation_page(evidence: Evidence) -> Analysis:
    """What samples cost, whether they carry their labels, stay varied and like people's, and what they hand on."""
    found = generation(evidence)
    if evidence.cube.table("samples") is None:
        quantities = ("acceptance_rate", "cost_per_accepted", "diversity", "tail_mass", "real_data_share")
        empty = (Estimate(quantity=q, axis="generation", level=evidence.level, reason=NO_SAMPLES) for q in quantities)
        return _with(found, *empty)
    parts = [yields(evidence), fidelity(evidence)]
    estimates = [estimate for part in parts for estimate in part.estimates]
    notices = (*found.notices, *(notice for part in parts for notice in part.notices))
    samples = [*diversity(evidence), *collapse(evidence), *amplification(evidence)]
    after = [*lagged_effects(evidence), *inheritance(evidence)]
    return Analysis((*found.estimates, *estimates, *samples, *after), notices)


def _of_baseline(old: Evidence) -> list[Estimate]:
    """The baseline's estimates that changes are made from; its distances are slow, and have no such change."""
    return [*agreement(old).estimates, *calibration(old).estimates, *corrected(old)]


def _with(found: Analysis, *more: Estimate) -> Analysis:
    return replace(found, estimates=(*found.estimates, *more))
