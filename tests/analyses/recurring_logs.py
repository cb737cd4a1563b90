"""Streams with known recurrence: five tasks of 200 items, answers of equal spread (probit), three stages each."""

import numpy as np
import pandas as pd


def log_odds(wrong, n):
    return np.log((wrong + 0.5) / (n - wrong + 0.5))


def simulated(
    rng, *, tasks=5, ages=3, items=200, effect=0.0, shift=0.0, carried=0.0, luck=np.random.Generator.standard_normal
):
    """Counts by item, as `recurrence_statistic` takes them.

    shift: [task, age] how much worse the stream is on all items; effect: on items once wrong and right last;
    luck: of a single answer; carried: its correlation from stage to stage.
    """
    easy = 0.9 + rng.normal(0, 1, (tasks, items))
    shift = np.broadcast_to(shift, (tasks, ages))
    alone = luck(rng, size=easy.shape) > easy
    ever, last, parts = np.zeros(easy.shape, bool), np.ones(easy.shape, bool), []
    task, chance = np.repeat(np.arange(tasks), items), luck(rng, size=easy.shape)
    for age in range(ages):
        fixed, never = ever & last, ~ever
        chance = carried * chance + np.sqrt(1 - carried**2) * luck(rng, size=easy.shape)
        wrong = chance > easy - shift[:, [age]] - effect * fixed
        if age >= 2:
            columns = {"seed": 0, "task": task, "stage": age, "cluster": np.arange(tasks * items)}
            for name, group in (("fixed", fixed), ("never", never)):
                columns |= {f"at_risk_{name}": group.ravel(), f"wrong_again_{name}": (group & wrong).ravel(),
                            f"isolated_wrong_{name}": (group & alone).ravel()}  # fmt: skip
            cells = pd.DataFrame(columns)
            parts.append(cells[cells["at_risk_fixed"] | cells["at_risk_never"]])
        ever, last = ever | wrong, ~wrong
    return pd.concat(parts, ignore_index=True)


def pooled_counts(cells):
    """The same difference of log odds from counts summed over tasks and stages, z by the delete-one jackknife."""
    columns = [
        f"{count}_{group}" for group in ("fixed", "never") for count in ("at_risk", "wrong_again", "isolated_wrong")
    ]
    by_item = cells.groupby("cluster")[columns].sum().to_numpy(dtype=float).T

    def value(f, a, b, u, c, d):
        return log_odds(a, f) - log_odds(b, f) - log_odds(c, u) + log_odds(d, u)

    whole, without = value(*by_item.sum(1)), value(*(by_item.sum(1)[:, None] - by_item))
    return whole / np.sqrt(((without - without.mean()) ** 2).sum())
