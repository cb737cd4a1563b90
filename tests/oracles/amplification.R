# Fieller's confidence set as the ratios r that a paired t test of x - r y does not reject, by root finding; R's `sleep`.
source("json.R")
drug1 <- sleep$extra[sleep$group == 1]
drug2 <- sleep$extra[sleep$group == 2]

rejected <- function(x, y, level) function(r) t.test(x - r * y)$p.value - (1 - level)
ends <- function(x, y, level, grid) {
  f <- rejected(x, y, level)
  v <- vapply(grid, f, 0)
  at <- which(v[-1] * v[-length(v)] < 0)
  vapply(at, function(i) uniroot(f, c(grid[i], grid[i + 1]), tol = 1e-13)$root, 0)
}
case <- function(x, y, level, shape, roots) {
  list(
    above = mean(x), below = mean(y), variance_above = var(x) / length(x), variance_below = var(y) / length(y),
    covariance = cov(x, y) / length(x), df = length(x) - 1, level = level, shape = shape, ends = I(roots)
  )
}
fine <- seq(-50, 50, by = 0.01) + 0.0031
growth <- 1:6
distances <- c(0.11, 0.19, 0.24, 0.31, 0.30, 0.33)
weights <- 1 / c(1, 2, 1, 1, 2, 1)
fit <- nls(
  distances ~ c0 * (1 - exp(-r * growth)), start = list(c0 = 0.4, r = 0.3), weights = weights,
  control = nls.control(tol = 1e-7, minFactor = 1e-12)
)
cat(as_json(list(
  versions = list(R = as.character(getRversion())),
  drug1 = I(drug1), drug2 = I(drug2),
  fieller = list(
    case(drug1, drug2, 0.95, "interval", ends(drug1, drug2, 0.95, fine)),
    case(drug2, drug1, 0.95, "complement", ends(drug2, drug1, 0.95, fine)),
    case(drug2, drug1, 0.7, "interval", ends(drug2, drug1, 0.7, fine))
  ),
  saturating = list(
    rounds = growth, distances = distances, variances = 1 / weights,
    limit = unname(coef(fit)["c0"]), rate = unname(coef(fit)["r"]), fitted = I(as.numeric(fitted(fit)))
  )
)), "\n", sep = "")
