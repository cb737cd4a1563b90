"""Which measures of diversity can a set of samples have, and what are they at one size?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.samples import SampleSet
from toolkit.inference.diversity import (
    cosine_dispersion,
    distinct_share,
    kind_entropy,
    rarefied_vendi,
    squared_dispersion,
    unit_rows,
)
from toolkit.inference.duplicates import (
    groups_of_copies,
    near_embeddings,
    near_texts,
    share_distinct,
    share_unlike_others,
    word_grams,
)
from toolkit.inference.interval import Bounds
from toolkit.inference.novelsum import cosine_distances, local_density, rarefied_novelsum
from toolkit.inference.rarefaction import Rarefied

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

MOST_ROWS = 1024  # of a set, the first in hash order: a simple random sample
REFERENCE_ROWS = 1024
MOST_KINDS = 50  # an attribute with more values has no categories
DENSITY = "density_in_reference"
LABELS = ("parsed_label", "target_label", "verified_label")  # the first that a sample has is its label


@dataclass(frozen=True)
class Measure:
    """A measure of diversity: from which data of the samples (embedding, words, copies, label or attr_*), in what."""

    name: str
    data: str
    unit: str
    bounds: Bounds
    method: str


SHARE: Bounds = (0.0, 1.0)
POSITIVE: Bounds = (0.0, np.inf)
# The first that a log allows is the headline.
MEASURES = (
    Measure("vendi", "embedding", "effective samples", (1.0, np.inf), "Vendi score, cosine of embeddings"),
    Measure("distinct-2", "words", "share", SHARE, "distinct pairs of neighbouring words over all pairs"),
    Measure("label-entropy", "label", "nats", POSITIVE, "entropy of labels, Miller-Madow"),
    Measure("novelsum", "embedding", "NovelSum", POSITIVE, "NovelSum, 10 neighbours, powers .5 and 1"),
    Measure("cosine-distance", "embedding", "cosine distance", (0.0, 2.0), "mean cosine distance of two samples"),
    Measure("squared-distance", "embedding", "squared distance", POSITIVE, "mean squared distance to the centroid"),
    Measure("distinct-samples", "copies", "share", SHARE, "distinct samples over all samples"),
    Measure("unlike-others", "copies", "share", SHARE, "share without a near copy: three-word shingles with a "
            "Jaccard similarity of .8, or without texts a cosine of .999"),
)  # fmt: skip
WITHOUT_DENSITY = "without a reference density"


@dataclass(frozen=True)
class Data:
    """What one kind of measure needs of a set: `values` [sample], and for embeddings their density in the reference."""

    values: tuple[npt.NDArray[np.generic], ...] | npt.NDArray[np.generic]
    density: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)


def attribute_measures(frame: pd.DataFrame) -> tuple[Measure, ...]:
    """The entropy of each attribute that has categories; numbers have none."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    found = []
    for name in sorted(str(n) for n in frame.columns if str(n).startswith("attr_")):
        column = frame[name]
        numeric = is_numeric_dtype(column) and not is_bool_dtype(column)
        if not numeric and 2 <= column.nunique() <= MOST_KINDS:
            found.append(Measure(name, name, "nats", POSITIVE, f"entropy of {name}, Miller-Madow"))
    return tuple(found)


def has_direction(samples: SampleSet) -> npt.NDArray[np.bool_]:
    """[sample]: whether it has an embedding that is finite and not zero."""
    if samples.embedding is None:
        return np.zeros(len(samples), dtype=bool)
    return np.asarray(np.isfinite(samples.embedding).all(1) & (samples.embedding != 0).any(1))


def reference_of(samples: SampleSet) -> Floats | None:
    """Embeddings of up to 1,024 samples that people wrote, [point, dimension]; None with fewer than two distinct."""
    human = samples.of(side="human")
    at = np.flatnonzero(has_direction(human))
    if human.embedding is None or len(at) < 2:
        return None
    some = np.unique(at[np.linspace(0, len(at) - 1, min(len(at), REFERENCE_ROWS)).astype(int)])
    points = human.embedding[some].astype(float)
    return points if len(np.unique(points, axis=0)) > 1 else None


def with_density(samples: SampleSet, reference: Floats | None) -> SampleSet:
    """The samples with the density of the reference at each beside them, where both are known."""
    found = np.full(len(samples), np.nan)
    at = has_direction(samples)
    if reference is not None and samples.embedding is not None and samples.embedding.shape[1] == reference.shape[1]:
        found[at] = local_density(samples.embedding[at], reference)
    return replace(samples, frame=samples.frame.assign(**{DENSITY: found}))


def data_of(samples: SampleSet, measures: tuple[Measure, ...], *, texts: bool) -> dict[str, Data]:
    """What the measures need of one set, by `Measure.data`; texts: whether copies are told by words or by embedding."""
    directed = samples.take(np.flatnonzero(has_direction(samples))[:MOST_ROWS])
    found = {}
    if directed.embedding is not None and len(directed):
        density = directed.frame[DENSITY].to_numpy(dtype=float)
        found["embedding"] = Data(directed.embedding, density if np.isfinite(density).all() else None)
    words = tuple(text for text in samples.words or () if len(text))[:MOST_ROWS]
    if words:
        found["words"] = Data(words)
    if texts or "embedding" in found:
        found["copies"] = Data(words) if texts else found["embedding"]
    for name in {m.data for m in measures if m.data == "label" or m.data.startswith("attr_")}:
        column = labels_of(samples.frame) if name == "label" else samples.frame[name]
        found[name] = Data(column.dropna().astype(str).to_numpy(dtype=object)[:MOST_ROWS])
    return found


def labels_of(frame: pd.DataFrame) -> pd.Series[str]:
    """[sample]: the label that was read, else the one asked for, else the verified one."""
    first, *others = (frame[name].astype(object) for name in LABELS)
    for other in others:
        first = first.where(first.notna(), other)
    return first


def measured(measure: Measure, data: Data, size: int, *, draws: int, variance: bool) -> Rarefied:
    """One measure at one size. Raises ValueError where the set is smaller."""
    name, values = measure.name, data.values
    if measure.data == "embedding" and isinstance(values, np.ndarray):
        points = values.astype(float)
        if name == "squared-distance":
            return squared_dispersion(points, size)
        X = unit_rows(points)
        if name == "vendi":
            return rarefied_vendi(X, size, draws=draws, variance=variance)
        if name == "novelsum":
            D = cosine_distances(X)
            return rarefied_novelsum(D, data.density, size, draws=draws, variance=variance)
        return cosine_dispersion(X, size)
    if measure.data == "words":
        return distinct_share(word_grams(tuple(np.asarray(v, dtype=np.int32) for v in values), 2), size)
    if name == "distinct-samples":
        return share_distinct(groups_of_copies(list(values)), size)
    if name == "unlike-others":
        if isinstance(values, np.ndarray):
            return share_unlike_others(near_embeddings(unit_rows(values.astype(float))), size)
        return share_unlike_others(near_texts(tuple(v.astype(np.int32) for v in values)), size)
    _, kinds = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    return kind_entropy(kinds, size)
