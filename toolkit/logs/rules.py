"""Which values of a typed row are outside what the log allows, and what is put in place of a missing score.

One function a table. It gets stream.toml, the columns that the file has, and SQL for whether the score could
not be read; it gives changes (column -> SQL) and rules (SQL that is true for a bad row, reason).
"""

from __future__ import annotations

from toolkit.logs.config import StreamConfig

_Rules = tuple[dict[str, str], list[tuple[str, str]]]


def _evaluation_rules(config: StreamConfig, columns: frozenset[str], wrong_score: str) -> _Rules:
    low, high = config.score_range
    changes = {'"cluster"': "coalesce(cluster, item)"}
    rules: list[tuple[str, str]] = []
    score = "score"
    if "score" not in columns:
        score = "(CASE WHEN answer = truth THEN 1.0 ELSE 0.0 END)::DOUBLE"
        rules.append(("answer IS NULL OR truth IS NULL", "no score, and answer or truth is missing"))
        if config.missing_score == "wrong":
            score = "(CASE WHEN answer = truth THEN 1.0 WHEN truth IS NOT NULL THEN 0.0 END)::DOUBLE"
            rules[0] = ("truth IS NULL", "no score, and truth is missing")
    elif config.missing_score == "wrong":
        worst = low if config.higher_is_better else high
        # A score that is no number is a mistake of the log and rejected; only a missing one counts as wrong.
        score = f"coalesce(score, CASE WHEN NOT {wrong_score} THEN {worst!r}::DOUBLE END)"
    else:
        rules.append(("score IS NULL", "score is missing"))
    if score != "score":
        changes['"score"'] = score
    rules += [
        (
            f"score NOT BETWEEN {low!r}::DOUBLE AND {high!r}::DOUBLE",
            f"score outside score_range {_span(low, high)}",
        ),
        ("n <= 0", "n is not above 0"),
        ("NOT (sd >= 0 AND isfinite(sd))", "sd is negative or infinite"),
        ("NOT (step >= 0 AND isfinite(step))", "step is negative or infinite"),
    ]
    return changes, rules


def _feedback_rules(config: StreamConfig, columns: frozenset[str], wrong_score: str) -> _Rules:
    low, high = config.feedback.range or config.score_range
    where = "feedback.range" if config.feedback.range else "score_range"
    given = "NOT abstained AND form {} 'preference' AND score NOT BETWEEN {!r}::DOUBLE AND {!r}::DOUBLE"
    rules = [
        ("score IS NULL AND label IS NULL AND NOT abstained", "neither score nor label"),
        (given.format("<>", low, high), f"score outside {where} {_span(low, high)}"),
        # A preference is 1 where the answer shown first wins, whatever the scale of the other judgements is.
        (given.format("=", 0.0, 1.0), "score of a preference outside [0, 1]"),
        ("NOT (probability > 0 AND probability <= 1)", "probability outside (0, 1]"),
    ]
    # No judgement was given, so none may be read from such a row.
    changes = {f'"{name}"': f"CASE WHEN NOT abstained THEN {name} END" for name in ("score", "label")}
    return (changes if "abstained" in columns else {}), rules


def _sample_rules(config: StreamConfig, columns: frozenset[str], wrong_score: str) -> _Rules:
    amounts = [name for name in ("cost", "tokens", "seconds") if name in columns]
    rules = [(f"NOT isfinite({name})", f"{name} is infinite") for name in amounts]
    # They are summed as whole numbers, which have room for so much.
    rules += [(f"abs({name}) >= 1e18::DOUBLE", f"{name} is beyond 1e18") for name in amounts]
    return {}, rules


RULES = {"evaluations": _evaluation_rules, "feedback": _feedback_rules, "samples": _sample_rules}


def _span(low: float, high: float) -> str:
    return f"[{low:g}, {high:g}]"
