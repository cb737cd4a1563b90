"""How do five questions asked at once count? The headlines are one family, named beforehand: Holm's correction."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.inference.multiplicity import adjusted
from toolkit.results import AXES, Estimate
from toolkit.review.axes import headline_of


def with_headline_family(estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """The estimates, with the p-values of the measured headlines of all axes adjusted together (Holm 1979)."""
    heads = [headline_of(axis, [e for e in estimates if e.axis == axis]) for axis in AXES]
    tested = [head for head in heads if head is not None and head.measured and head.p_value is not None]
    corrected = adjusted([head.p_value for head in tested], "Holm")
    family = dict(zip((head.id for head in tested), corrected, strict=True))
    return tuple(
        e.model_copy(update={"p_adjusted": family[e.id], "adjustment": "Holm"}) if e.id in family else e
        for e in estimates
    )
