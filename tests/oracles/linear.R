# CR2 standard errors and Satterthwaite degrees of freedom of weighted least squares (clubSandwich).
suppressPackageStartupMessages(library(clubSandwich))
source("json.R")

set.seed(20261124)
case <- function(n, sizes, weighted) {
  cluster <- rep(seq_along(sizes), sizes)[seq_len(n)]
  x <- exp(0.8 * rnorm(n))
  z <- rnorm(max(cluster))[cluster] + 0.3 * rnorm(n)
  # Alike within clusters: otherwise clubSandwich takes another, equally valid root of the same matrix.
  w <- if (weighted) runif(max(cluster), 0.2, 3)[cluster] else rep(1, n)
  y <- 0.4 + 0.2 * x - 0.1 * z + 0.5 * rnorm(max(cluster))[cluster] + rnorm(n) * (0.3 + 0.3 * x)
  fit <- lm(y ~ x + z, weights = w)
  # clubSandwich scales the weights to mean one, and the working variances have to follow.
  V <- vcovCR(fit, cluster = cluster, type = "CR2", target = mean(w) / w, inverse_var = TRUE)
  test <- coef_test(fit, vcov = V, test = "Satterthwaite")
  list(y = I(y), x = I(x), z = I(z), w = I(w), cluster = I(as.numeric(cluster)), coefficients = I(unname(coef(fit))),
       se = I(test$SE), df = I(if (is.null(test$df)) test$df_Satt else test$df), p = I(test$p_Satt))
}

cat(as_json(list(
  versions = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich"))),
  own_rows = case(40, rep(1, 40), FALSE),
  clustered = case(60, c(1, 9, 2, 3, 7, 5, 1, 8, 4, 6, 2, 12), FALSE),
  weighted = case(60, c(1, 9, 2, 3, 7, 5, 1, 8, 4, 6, 2, 12), TRUE)
)), "\n")
