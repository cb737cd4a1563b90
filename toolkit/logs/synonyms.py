"""What other people call the columns of a stream log."""

from __future__ import annotations

import re

from toolkit.logs.schema import TABLES

_COMMON = {
    "stage": "epoch round checkpoint phase experience training_exp after_task tasks_learned tasks_seen session",
    "task": "dataset subset task_name benchmark domain task_id skill category split_name eval_exp",
    "arm": "condition method strategy setting variant",
    "seed": "run replicate trial random_seed rng_seed repetition rep run_id",
}
_ITEM = "id example_id question_id item_id doc_id sample_id test_id prompt_id uid row_id idx example question"
_SYNONYMS: dict[str, dict[str, str]] = {
    "evaluations": {
        **_COMMON,
        "item": _ITEM,
        "score": "acc accuracy correct exact_match em is_correct reward f1 metric_value value result top1 top1_acc",
        "answer": "prediction predicted pred output model_answer response y_pred predicted_label",
        "truth": "target gold reference expected ground_truth gold_label y_true true_label correct_answer label",
        "step": "global_step training_step iteration iter steps samples_seen tokens_seen",
        "cluster": "group passage document passage_id document_id customer conversation_id cluster_id",
        "order": "task_order ordering sequence curriculum",
        "n": "count num_items n_items support num_samples",
        "sd": "std stdev stddev standard_deviation",
    },
    "feedback": {
        **_COMMON,
        "item": _ITEM,
        "score": "rating grade judgement judgment reward likert stars value mark points",
        "label": "verdict annotation judged_label chosen_label class annotated_label",
        "source": "rater_type annotator_type judge_type origin feedback_type kind",
        "rater": "annotator judge model worker annotator_id judge_model rater_id reviewer user grader labeler",
        "criterion": "dimension aspect metric rubric_item criteria",
        "probability": "sampling_probability inclusion_probability p_selected",
        "length": "answer_length response_length n_tokens n_words num_tokens num_words",
        "target": "target_type judged",
        "pair": "pair_id comparison comparison_id battle_id",
    },
    "samples": {
        **_COMMON,
        "sample": "id sample_id uid generation_id synthetic_id example_id item idx",
        "accepted": "kept used is_kept selected passed_filter keep in_training",
        "target_label": "label intended_label requested_label target",
        "parsed_label": "generated_label predicted_label output_label",
        "verified_label": "true_label gold_label checked_label human_label",
        "parse_ok": "parsed parse_success valid is_valid well_formed",
        "origin": "source sample_source provenance",
        "text": "content generation output prompt_text completion synthetic_text body",
        "embedding": "vector emb embeddings features",
        "cost": "price usd cost_usd",
        "tokens": "n_tokens num_tokens token_count total_tokens",
        "seconds": "duration latency time_s elapsed runtime",
        "parents": "parent parent_ids derived_from seed_ids",
    },
}


def plain(name: str) -> str:
    """A column name without the accidents of its spelling: `Example ID` and `exampleId` are example_id."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def synonyms(table: str, column: str) -> tuple[str, ...]:
    """What `column` of `table` is also called, the most telling names first."""
    return tuple(_SYNONYMS[table].get(column, "").split())


def meaning_of(table: str, name: str) -> str | None:
    """The column of `table` that `name` stands for, or None."""
    spelled = plain(name)
    if spelled in TABLES[table].names:
        return spelled
    return next((column for column in TABLES[table].names if spelled in synonyms(table, column)), None)


def guess_aliases(table: str, names: tuple[str, ...]) -> dict[str, str]:
    """Aliases for the columns of `table` that are not among `names`, from name to column.

    A name that is itself a column of some table is left alone: aliases hold for all tables.
    """
    taken = {column for known in TABLES.values() for column in known.names}
    spelled = {plain(name): name for name in reversed(names) if name not in taken}
    aliases: dict[str, str] = {}
    for column in TABLES[table].names:
        if column in names:
            continue
        fitting = [spelled[word] for word in (column, *synonyms(table, column)) if word in spelled]
        name = next((name for name in fitting if name not in aliases), None)
        if name is not None:
            aliases[name] = column
    return aliases
