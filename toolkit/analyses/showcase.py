"""Which samples should a reader see: typical ones, the two most alike, and some that the gates turned away?

Few and short. A text that is not to be shown is not in the cube, and so cannot be here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.samples import SampleSet, kept_samples

Why = Literal["typical", "most alike", "rejected"]
EACH = 2  # of one kind and task
COMPARED = 512  # samples of a task at most, for pairs
NO_TEXTS = "needs `text` in samples"
HIDDEN = "texts of samples are kept out of reports: `show_samples` of stream.toml, and regulated tasks"


@dataclass(frozen=True)
class Shown:
    """One sample for the reader: its text, why it is here, its task and stage, and its labels where it has them."""

    why: Why
    task: str
    stage: int
    text: str
    asked: str | None
    found: str | None


def showcase(evidence: Evidence, arm: str = "stream") -> tuple[Shown, ...] | str:
    """Samples of the latest tasks (`review.recent_tasks`), newest first; or why there are none.

    typical: nearest to the mean of their task's accepted samples, of one training run; most alike: the pair with the
    largest cosine of embeddings, or the largest share of words in common; rejected: the first in the order of a hash.
    """
    kept = kept_samples(evidence.cube, arm)
    if kept is None or kept.words is None:
        return NO_TEXTS
    with_text = kept.take(kept.frame["text"].notna().to_numpy(dtype=bool))
    if not len(with_text):
        return HIDDEN
    found: list[Shown] = []
    order = [task.name for task in evidence.config.tasks if (with_text.frame["task"] == task.name).any()]
    for task in reversed(order[-evidence.config.review.recent_tasks :]):
        found += _of_task(with_text.of(task=task))
    return tuple(found) or HIDDEN


def _of_task(there: SampleSet) -> list[Shown]:
    """The latest stage of the task, of its first training run: runs are not to be mixed in one mean."""
    there = there.of(stage=there.frame["stage"].max())
    there = there.of(seed=there.frame["seed"].min())
    accepted = there.of(side="accepted")
    accepted = accepted.take(np.arange(min(len(accepted), COMPARED)))
    shown = [_shown(accepted, i, "typical") for i in _typical(accepted)]
    shown += [_shown(accepted, i, "most alike") for i in _most_alike(accepted)]
    rejected = there.of(side="rejected")
    return shown + [_shown(rejected, i, "rejected") for i in range(min(EACH, len(rejected)))]


def _shown(samples: SampleSet, row: int, why: Why) -> Shown:
    one = samples.frame.iloc[row]
    return Shown(
        why, str(one["task"]), int(one["stage"]), str(one["text"]), _label(one["target_label"]),
        _label(one["verified_label"]),
    )  # fmt: skip


def _label(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _typical(samples: SampleSet) -> list[int]:
    if samples.embedding is None or not len(samples):
        return []
    away = np.linalg.norm(samples.embedding - np.nanmean(samples.embedding, axis=0), axis=1)
    return [int(i) for i in np.argsort(away, kind="stable")[:EACH] if np.isfinite(away[i])]


def _most_alike(samples: SampleSet) -> list[int]:
    if len(samples) < 2:
        return []
    alike = _cosines(samples.embedding) if samples.embedding is not None else _overlaps(samples.words or ())
    alike = np.where(np.isfinite(alike), alike, -np.inf)
    np.fill_diagonal(alike, -np.inf)
    best = int(alike.argmax())
    if not np.isfinite(alike.flat[best]):
        return []
    return [best // len(samples), best % len(samples)]


def _cosines(embedding: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """[row, row]; nan with a vector of zeros."""
    length = np.linalg.norm(embedding.astype(float), axis=1, keepdims=True)
    unit = embedding / np.where(length > 0, length, np.nan)
    return np.asarray(unit @ unit.T, dtype=float)


def _overlaps(words: tuple[npt.NDArray[np.int32], ...]) -> npt.NDArray[np.float64]:
    """[row, row] Jaccard similarity of the sets of words; nan of two empty texts."""
    numbers, at = np.unique(np.concatenate(words) if words else np.array([], dtype=np.int32), return_inverse=True)
    there = np.zeros((len(words), len(numbers)))
    there[np.repeat(np.arange(len(words)), [len(w) for w in words]), at] = 1
    both = there @ there.T
    size = there.sum(axis=1)
    union = size[:, None] + size[None] - both
    return np.asarray(np.divide(both, union, out=np.full_like(both, np.nan), where=union > 0))
