"""What the means over tasks leave out is said."""

import numpy as np

from tests.builders import cube_from_scores, scores_from_matrix
from toolkit.analyses import Evidence
from toolkit.analyses.coverage import coverage_notices


def notices(R, **more):
    cube = cube_from_scores(scores_from_matrix(R, **more))
    return {notice.code: notice.message for notice in coverage_notices(Evidence(cube))}


def test_a_whole_log_has_nothing_to_say():
    assert notices(np.full((1, 3, 4, 3), 0.5)) == {}


def test_a_lost_seed_is_named_with_its_arm():
    R = np.full((2, 3, 4, 3), 0.5)
    R[0, 2, 3, 1] = np.nan
    R[1] = np.nan
    for j in range(3):
        R[1, :, j + 1, j] = 0.4
    found = notices(R, arms=("stream", "isolated"))
    assert "arm 'stream': seeds 2 lack" in found["seeds-incomplete"]
    assert "isolated" not in found["seeds-incomplete"]


def test_a_task_without_scores_is_named():
    R = np.full((1, 2, 4, 3), 0.5)
    R[..., 1] = np.nan
    assert "task 2" in notices(R)["tasks-unscored"]
