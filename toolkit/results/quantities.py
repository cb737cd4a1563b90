"""Which quantities there are, to which axis each belongs, and which direction of it does harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from toolkit.results.estimate import Axis

Harm = Literal["low", "high", "both", "none"]


@dataclass(frozen=True)
class Quantity:
    """One named quantity.

    harm: which direction does harm, where scores are higher-is-better; "both" for a bias, whose sign may be
    either; "none" for a level or a coefficient that is reported but not judged against a margin.
    """

    name: str
    axis: Axis
    harm: Harm


def _table(axis: Axis, **harms: Harm) -> dict[str, Quantity]:
    return {name: Quantity(name, axis, harm) for name, harm in harms.items()}


QUANTITIES: dict[str, Quantity] = {
    **_table(
        "transfer",
        score="none",
        average_accuracy="none",
        learning_accuracy="none",
        forward_transfer="low",
        zero_shot_transfer="low",
        normalised_area_transfer="none",
        samples_saved="none",
        learning_curve_area="none",
        plasticity_slope="none",
        transfer_similarity_slope="none",
        next_task_transfer="low",
        between_task_sd="none",
        intransigence="high",
    ),
    **_table(
        "forgetting",
        backward_transfer="low",
        max_forgetting="high",
        retention="none",
        retention_half_life="none",
        retention_model_error="none",
        forgetting_odds_per_stage="none",
        item_loss_rate="none",
        item_gain_rate="none",
        recurrence_rate="none",
        joint_gap="high",
    ),
    **_table(
        "feedback",
        feedback_bias="both",
        feedback_bias_trend="none",
        feedback_bias_by_attribute="none",
        position_bias="none",
        length_bias="none",
        family_preference="none",
        bias_amplification="both",
        critique_equivalent_samples="none",
        proxy_human_gap_trend="none",
    ),
    **_table(
        "alignment",
        agreement="none",
        agreement_ceiling="none",
        agreement_gap="low",
        cohen_kappa="none",
        gwet_ac1="none",
        krippendorff_alpha="none",
        rank_correlation="none",
        calibration_error="none",
        calibration_curve="none",
        meta_correlation="none",
        corrected_score="none",
        labels_saved="none",
        labels_needed="none",
        score_divergence="none",
        energy_distance="none",
        mmd="none",
        two_sample_auc="none",
    ),
    **_table(
        "generation",
        acceptance_rate="none",
        parse_failure_rate="none",
        label_error_rate="high",
        diversity="none",
        diversity_trend="none",
        tail_mass="none",
        real_data_share="none",
        cost_per_accepted="none",
        tokens_per_accepted="none",
        seconds_per_accepted="none",
        cost_trend="none",
        accepted_score="none",
        label_confusion="none",
        median_log_variance="none",
        sample_divergence="none",
        divergence_growth="none",
        property_gap="none",
        lagged_effect="none",
    ),
}

HEADLINES: dict[Axis, tuple[str, ...]] = {
    "transfer": ("forward_transfer", "zero_shot_transfer"),  # the first that was measured
    "forgetting": ("backward_transfer",),
    "feedback": ("feedback_bias",),
    "alignment": ("agreement_gap",),
    "generation": ("label_error_rate",),
}
