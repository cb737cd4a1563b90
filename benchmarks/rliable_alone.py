"""How long does rliable take, in a process of its own with the older packages that it needs?

python benchmarks/rliable_alone.py SCORES.npy DRAWS prints seconds; SCORES is [run, task].
"""

from __future__ import annotations

import sys
import time

import numpy as np


def main() -> None:
    """Time intervals of the mean and of the interquartile mean, imports left out."""
    from rliable.library import get_interval_estimates

    scores, draws = np.load(sys.argv[1]), int(sys.argv[2])
    start = time.perf_counter()
    get_interval_estimates({"stream": scores}, lambda R: np.array([R.mean(), np.median(R)]), reps=draws)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
