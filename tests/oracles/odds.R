# Odds of a right answer by age: cluster-robust binomial GLMs by sandwich, CR3 by explicit refits without each task.
# Rscript odds.R > odds.json
suppressMessages({library(sandwich); library(clubSandwich)})
source("json.R")

set.seed(11)
tasks <- 6; seeds <- 3; items <- 20; stages <- tasks  # after each task; task j arrives at stage j
d <- expand.grid(item = 1:items, task = 1:tasks, stage = 1:stages, seed = 1:seeds, arm = 0:1)
d <- d[d$stage >= d$task & d$task < tasks, ]
d$age <- d$stage - d$task
ability <- matrix(rnorm(items * tasks), items); easy <- rnorm(tasks, .9, .4); slope <- rnorm(tasks, -.25, .1)
d$y <- rbinom(nrow(d), 1, plogis(easy[d$task] + ability[cbind(d$item, d$task)] +
                                   (slope[d$task] + c(-.08, .05, .02)[d$seed] + .12 * d$arm) * d$age))
d$key <- interaction(d$task, d$item, drop = TRUE)

age_of <- function(d) unname(coef(glm(y ~ factor(task) + age, binomial, d, epsilon = 1e-14))["age"])
jackknife <- function(d, by) {
  whole <- age_of(d)
  without <- vapply(unique(d[[by]]), function(g) age_of(d[d[[by]] != g, ]), 0)
  (length(without) - 1) / length(without) * sum((without - whole)^2)
}
by_item <- function(formula, d, term) {
  fit <- glm(formula, binomial, d, epsilon = 1e-14)
  covariance <- vcovCL(fit, cluster = d$key, type = "HC0", cadjust = TRUE)
  list(value = unname(coef(fit)[term]), variance = covariance[term, term])
}

stream <- d[d$arm == 0, ]
pooled <- glm(y ~ factor(task) + age, binomial, stream, epsilon = 1e-14)
# clubSandwich's CR3 cannot leave out a task whose own effect is in the model: so the last step of the GLM's weighted
# least squares, age and response centred within tasks.
stream$w <- pooled$weights
centred <- function(x) x - ave(x * stream$w, stream$task, FUN = sum) / ave(stream$w, stream$task, FUN = sum)
stream$x <- centred(stream$age); stream$z <- centred(residuals(pooled, "working") + predict(pooled))
linear <- lm(z ~ 0 + x, stream, weights = w)
each <- function(f) lapply(1:seeds, function(s) f(d[d$seed == s, ]))
oracles <- list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   clubSandwich = as.character(packageVersion("clubSandwich"))),
  tasks = tasks, seeds = seeds, items = items,
  rows = lapply(d[c("arm", "seed", "stage", "task", "item", "y")], function(x) I(as.integer(x))),
  by_seed = each(function(d) by_item(y ~ factor(task) + age, d[d$arm == 0, ], "age")),
  difference_by_seed = each(function(d) by_item(y ~ factor(task) * factor(arm) + age * arm - arm, d, "age:arm")),
  pooled = age_of(stream),
  task_variance = jackknife(stream, "task"),
  seed_variance = jackknife(stream, "seed"),
  residual_variance = vcovCL(pooled, cluster = interaction(stream$task, stream$seed), type = "HC0", cadjust = TRUE)["age", "age"],
  linear_task_variance = (tasks - 2) / (tasks - 1) * as.numeric(vcovCR(linear, cluster = stream$task, type = "CR3"))
)
cat(as_json(oracles), "\n", sep = "")
