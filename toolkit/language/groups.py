"""What is a part of a quantity called: another definition of it, another scope, a model, an age, an attribute?"""

from __future__ import annotations

from toolkit.results import Estimate

_PARTS = {
    "part=fixed": "wrong again, of mistakes once fixed",
    "part=never": "wrong, of items never wrong before",
    "part=isolated": "wrong when trained alone, of mistakes once fixed",
    "scope=tasks": "for new tasks of this kind",
    "scope=raters": "for new people",
    "part=sensitivity": "of answers that people find right",
    "part=specificity": "of answers that people find wrong",
    "definition=rogan-gladen": "by sensitivity and specificity (Rogan-Gladen)",
    "shrunk=morris": "drawn to the mean",
    "since=previous-stage": "since the stage before",
    "model=power": "power law of age",
    "model=constant": "no decay",
    "model=mixed": "mixed model",
    "definition=null-band": "what luck alone would show",
    "definition=plug-in": "best of all stages since arrival",
    "part=human-corrected": "by people's measure",
    "part=judge": "the judge's own course",
    "part=human": "people's own course",
    "part=rule-human": "rule against people",
    "part=judge-rule": "judge against rule",
    "part=preferences": "in preferences",
    "part=given-human": "at the same human score",
    "part=floor": "between halves of the people",
    "part=detectable": "smallest that so many items would show",
    "definition=psi": "population stability index",
    "part=people": "people with each other",
    "part=winning-rate": "people whom the judge could stand in for",
    "part=advantage": "mean chance of agreeing at least as well as the person",
    "part=families": "over families",
    "part=tasks": "over tasks",
    "part=slope": "slope of the recalibration",
    "part=intercept": "intercept of the recalibration",
    "definition=ordinal": "ordinal distance",
    "definition=interval": "interval distance",
    "definition=quadratic": "quadratic weights",
    "ceiling=1": "were people always to agree",
    "side=human": "people's samples",
    "side=generated": "all generated, before the gates",
    "gate=parse": "could be read",
    "gate=accepted": "accepted, of those that could be read",
    "part=equal-quality": "at equal label quality",
    "part=parsed": "generated label against the one asked for",
    "part=verified-parsed": "label found against the generated one",
    "source=human": "by people",
    "on=label-error": "on label errors",
    "part=reliability": "share of the bias's spread that is no noise",
    "measure=vendi": "Vendi score",
    "measure=novelsum": "NovelSum",
    "measure=distinct-2": "distinct pairs of words",
    "measure=label-entropy": "entropy of labels",
    "measure=cosine-distance": "mean cosine distance",
    "measure=squared-distance": "squared distance to the mean",
    "measure=distinct-samples": "samples that are no exact copy",
    "measure=unlike-others": "samples without a near copy",
    "measure=labels": "by the rarity of labels",
    "measure=mmd": "squared MMD",
    "measure=energy": "energy distance",
    "model=saturating": "limit, were it to level off",
    "part=prediction": "error of prediction against a straight line",
    "part=bound": "largest that the theory allows",
    "part=limit": "largest in the long run",
    "part=ratio": "last stage over the first",
    "regime=replace": "of the stage itself",
    "regime=window": "of the last three stages",
    "regime=accumulate": "of all stages so far",
}


def group_text(estimate: Estimate) -> str:
    """The part in plain words; empty for the whole. Names from the log stay as they are."""
    group = estimate.group
    if group is None:
        return ""
    if group == "part=slope" and estimate.quantity == "bias_amplification":
        return "a stage"
    if group in _PARTS:
        return _PARTS[group]
    return ", ".join(_PARTS.get(piece) or _named(piece) for piece in group.split(","))


def _named(group: str) -> str:
    name, _, value = group.partition("=")
    if name == "age":
        return f"after {value} further stage{'' if value == '1' else 's'}"
    if value in ("slope", "slope-given-human"):
        given = ", at the same human score" if value.endswith("human") else ""
        return f"{name.removeprefix('attr_')}, per standard deviation{given}"
    if name == "asked":
        return f"asked for {value}"
    if name in ("of", "against"):
        reference = {"human": "people's samples"}.get(value, value)
        return reference if name == "of" else f"against {reference}"
    if name in ("attribute", "measure"):
        return value.removeprefix("attr_").replace("-", " ")
    if name == "definition":
        return value.replace("-", " ").replace("_", " ")
    return f"{name.removeprefix('attr_')}: {value}" if value else group
