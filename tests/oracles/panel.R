# Slopes within units and periods: CR2 errors and Satterthwaite degrees of freedom of the fit with all dummies
# (lm, clubSandwich), and the same slopes from plm's within transformation.
suppressPackageStartupMessages({library(clubSandwich); library(plm)})
source("json.R")

set.seed(20261124)
tasks <- 7; seeds <- 4; stages <- 6
d <- expand.grid(stage = 1:stages, task = 1:tasks, seed = 1:seeds)
d <- d[d$stage >= d$task - 2, ]
d <- d[-c(3, 17, 40), ]
d$unit <- interaction(d$task, d$seed, drop = TRUE)
effect <- rnorm(nlevels(d$unit))[d$unit]
drift <- rnorm(stages)[d$stage]
d$x <- 0.8 * effect + 0.5 * drift + rnorm(nrow(d))
d$z <- rnorm(nrow(d))
d$y <- 2 * effect - drift + 0.3 * d$x + 0.1 * d$z + 0.6 * rnorm(tasks)[d$task] * d$x + rnorm(nrow(d))

slope <- function(formula, cluster, effect) {
  fit <- lm(formula, data = d)
  test <- coef_test(fit, vcov = vcovCR(fit, cluster = cluster, type = "CR2"), test = "Satterthwaite", coefs = "x")
  within <- plm(y ~ x + z, data = d, index = c("unit", "stage"), model = "within", effect = effect)
  list(slope = unname(coef(fit)["x"]), plm = unname(coef(within)["x"]), se = test$SE,
       df = if (is.null(test$df)) test$df_Satt else test$df, p = test$p_Satt)
}

cat(as_json(list(
  versions = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")),
                  plm = as.character(packageVersion("plm"))),
  y = I(d$y), x = I(d$x), z = I(d$z), stage = I(as.numeric(d$stage)), task = I(as.numeric(d$task)),
  seed = I(as.numeric(d$seed)), unit = I(as.numeric(d$unit)),
  task_one_way = slope(y ~ x + z + factor(unit), d$task, "individual"),
  task_two_way = slope(y ~ x + z + factor(unit) + factor(stage), d$task, "twoways"),
  seed_two_way = slope(y ~ x + z + factor(unit) + factor(stage), d$seed, "twoways"),
  stage_two_way = slope(y ~ x + z + factor(unit) + factor(stage), d$stage, "twoways")
)), "\n")
