"""Samples for the reader: the right ones, and none whose text is not to be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.builders import config, cube_from_tables, sample_rows
from toolkit.analyses import Evidence
from toolkit.analyses.showcase import HIDDEN, NO_TEXTS, showcase
from toolkit.figures import samples as samples_block


def _evidence(frame: pd.DataFrame) -> Evidence:
    return Evidence(cube_from_tables(config(2), sample_rows=sample_rows(frame)))


def _frame() -> pd.DataFrame:
    """Three accepted samples on a line, of which two are close in angle, and a rejected one."""
    return pd.DataFrame({
        "text": ["first", "middle", "last", "odd"],
        "words": [[0], [1], [2], [3]],
        "embedding": [[1.0, 0.0], [1.0, 1.0], [1.0, 1.1], [0.0, -9.0]],
        "accepted": [True, True, True, False],
    })  # fmt: skip


def test_typical_alike_and_rejected() -> None:
    """Nearest the mean, the pair of the largest cosine, and what the gates turned away; each by hand."""
    found = showcase(_evidence(_frame()))
    assert not isinstance(found, str)
    by_why = {why: [one.text for one in found if one.why == why] for why in ("typical", "most alike", "rejected")}
    assert by_why["typical"][0] == "middle"  # mean (1, .7)
    assert sorted(by_why["most alike"]) == ["last", "middle"]
    assert by_why["rejected"] == ["odd"]


def test_without_embeddings_words_in_common_count() -> None:
    """Jaccard similarity of the sets of words: 2 of 4 against 1 of 5."""
    frame = pd.DataFrame({"text": list("abc"), "words": [[1, 2, 3], [4, 2, 3], [5, 6, 3]]})
    found = showcase(_evidence(frame))
    assert not isinstance(found, str)
    assert [one.text for one in found if one.why == "most alike"] == ["a", "b"]


def test_hidden_texts_give_the_reason() -> None:
    """No text in the cube, no text for the reader; without samples another reason."""
    assert showcase(_evidence(_frame().assign(text=None))) == HIDDEN
    assert showcase(_evidence(_frame().drop(columns="words"))) == NO_TEXTS
    assert showcase(Evidence(cube_from_tables(config(2)))) == NO_TEXTS


def test_texts_are_escaped_short_and_few() -> None:
    """A hostile text stays text; a long one is cut; the latest training run and stage speak for a task."""
    hostile = "<script>alert(1)</script>\n\x1b[31m" + "x" * 5000
    frame = pd.concat([_frame().assign(stage=1), _frame().assign(stage=2, text=hostile)])
    found = showcase(_evidence(frame.assign(sample=np.arange(8))))
    assert not isinstance(found, str)
    assert {one.stage for one in found} == {2}
    html = samples_block(found).html()
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html
    assert html.count("x" * 300) == len(found)
    assert "x" * 401 not in html
