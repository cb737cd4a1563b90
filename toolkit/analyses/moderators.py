"""What a task's effect may depend on: how similar the task is to those learned before it."""

from __future__ import annotations

from toolkit.analyses.evidence import Evidence


def similarity_to_earlier(evidence: Evidence) -> dict[str, float] | str:
    """Similarity of each task after the first to its nearest earlier task, or why it is not known."""
    table, scores = evidence.cube.table("similarity"), evidence.scores
    if table is None:
        return "needs similarity between tasks: log similarity.csv (task, other, similarity)"
    if scores is None:
        return "needs evaluations"
    pairs = {(row["task"], row["other"]): row["similarity"] for row in table.to_pylist()}
    result = {}
    for j, task in enumerate(scores.tasks):
        found = [pairs.get((task, other), pairs.get((other, task))) for other in scores.tasks[:j]]
        known = [value for value in found if value is not None]
        if known and len(known) == len(found):
            result[task] = max(known)
    return result
