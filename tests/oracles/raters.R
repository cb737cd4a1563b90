# Two-way cluster covariance of weighted means (sandwich), and variance components of a complete crossed design (lme4).
# Rscript raters.R > raters.json
suppressPackageStartupMessages({library(sandwich); library(lme4)})
source("json.R")

set.seed(20261124)
ratings <- function(items, raters, share) {
  grid <- expand.grid(item = seq_len(items), rater = seq_len(raters))
  grid <- grid[runif(nrow(grid)) < share, ]
  grid$y <- 0.1 + 0.2 * rnorm(items)[grid$item] + 0.15 * rnorm(raters)[grid$rater] + 0.2 * rnorm(nrow(grid))
  grid$w <- if (share < 1) runif(nrow(grid), 0.5, 3) else 1
  grid
}
columns <- function(d) lapply(d, function(x) I(as.numeric(x)))
incomplete <- ratings(60, 5, 0.5)
fit <- lm(y ~ 1, incomplete, weights = w)
by <- function(cluster) c(vcovCL(fit, cluster = cluster, type = "HC0", cadjust = FALSE))
complete <- ratings(40, 4, 1)
mixed <- lmer(y ~ 1 + (1 | item) + (1 | rater), complete,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))

cat(as_json(list(
  versions = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                  lme4 = as.character(packageVersion("lme4"))),
  incomplete = c(columns(incomplete), list(
    mean = unname(coef(fit)), items = by(~ item), raters = by(~ rater), both = by(incomplete$item * 100 + incomplete$rater),
    variance = by(~ item + rater))),
  complete = c(columns(complete), list(mean = unname(fixef(mixed)), variance = c(as.matrix(vcov(mixed)))))
)), "\n")
