"""How likely are the data for given sds and fixed effects, the random intercepts integrated out by Laplace?

The deviance is the penalty at the mode of the intercepts plus the log determinant of the penalised Hessian there.
Its slope is exact: the mode moves with the parameters, by the implicit function theorem.
"""

from __future__ import annotations

import itertools

import numpy as np

from toolkit.inference.crossed import Floats, Mode, Rows


def laplace_deviance(rows: Rows, at: Mode) -> float:
    """-2 Laplace log-likelihood, without binomial coefficients."""
    return at.penalty + at.blocks.log_determinant(len(at.u))


def deviance_and_slope(rows: Rows, at: Mode, sds: Floats) -> tuple[float, Floats, Floats]:
    """The Laplace deviance, its slope in each sd [factor] and in each fixed effect [column], for fixed `at.b`."""
    F, u = len(sds), rows.levels(at.u)
    inverse = _inverse_tables(rows, at)
    shared = np.zeros((F, len(at.mean)))  # [factor, row]: row of the inverse at the row's level, times its intercepts
    direct = np.zeros(F)
    for (f, g), (table, values) in inverse.items():
        weights = at.blocks.tables[f, g]
        for a, c in {(f, g), (g, f)}:
            shared[a] += sds[c] * values
            direct[a] += 2 * sds[c] * float((table * weights).sum())
    variance = sds @ shared  # [row] of eta
    tilt = variance * at.weights * (1 - 2 * at.mean)  # how the determinant changes with eta
    turned = at.blocks.solve(rows.scaled_sums(tilt, sds))
    residual = rows.successes - rows.trials * at.mean
    slope = tilt - 2 * residual - at.weights * rows.spread(turned, sds)
    by_level = zip(u, rows.sums(slope), rows.levels(turned), rows.sums(residual), strict=True)
    by_sd = direct + np.array([float(own @ s + t @ r) for own, s, t, r in by_level])
    return laplace_deviance(rows, at), by_sd, rows.X.T @ slope


def _inverse_tables(rows: Rows, at: Mode) -> dict[tuple[int, int], tuple[Floats, Floats]]:
    """For factors f <= g, the block of the inverse Hessian (its diagonal for f = g), and its entry at each row."""
    inverse = at.blocks.rest_inverse()
    lean = at.blocks.across / at.blocks.diagonal[:, None]
    leaned = lean @ inverse
    ends = np.cumsum(rows.sizes) - rows.sizes[0]
    places = [np.arange(low, high) for low, high in itertools.pairwise(ends)]  # fixed effects come after them
    tables = {(0, 0): 1 / at.blocks.diagonal + (leaned * lean).sum(1)}
    for f, own in enumerate(places, start=1):
        tables[0, f] = -leaned[:, own]
        tables[f, f] = np.diag(inverse)[own]
        for g, other in enumerate(places[f:], start=f + 1):
            tables[f, g] = inverse[np.ix_(own, other)]
    at_rows = {pair: table.ravel()[rows.pairs.get(pair, rows.codes[pair[0]])] for pair, table in tables.items()}
    return {pair: (table, at_rows[pair]) for pair, table in tables.items()}


def traces(rows: Rows, at: Mode) -> Floats:
    """[factor]: trace of its block of the inverse Hessian."""
    tables = _inverse_tables(rows, at)
    return np.array([float(tables[f, f][0].sum()) for f in range(len(rows.sizes))])
