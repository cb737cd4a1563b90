# Binomial mixed models by lme4's glmer (nAGQ = 1, Laplace), on cbpp and on simulated crossed data.
# Rscript mixed.R > mixed.json
suppressMessages(library(lme4))
source("json.R")

tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-2, rhoend = 1e-10, maxfun = 1e5), tolPwrss = 1e-13,
                      calc.derivs = FALSE)
case <- function(name, d, fixed, factors) {
  random <- paste0("(1 | ", factors, ")", collapse = " + ")
  fit <- suppressMessages(glmer(as.formula(paste("cbind(successes, trials - successes) ~", fixed, "+", random)),
                                data = d, family = binomial, control = tight))
  covariance <- suppressWarnings(as.matrix(vcov(fit, use.hessian = FALSE)))
  codes <- lapply(setNames(factors, factors), function(f) as.integer(factor(d[[f]])))
  list(name = name, successes = d$successes, trials = d$trials, X = unname(model.matrix(as.formula(paste("~", fixed)), d)),
       factors = codes, coefficients = unname(fixef(fit)), covariance = unname(covariance),
       sds = as.list(sqrt(unlist(VarCorr(fit)))[factors]), log_likelihood = as.numeric(logLik(fit)),
       singular = isSingular(fit, tol = 1e-3))
}
simulated <- function(seed, items, tasks, seeds, rows, largest, sds, b) {
  set.seed(seed)
  d <- data.frame(item = sample(items, rows, TRUE), task = sample(tasks, rows, TRUE), seed = sample(seeds, rows, TRUE),
                  age = sample(0:5, rows, TRUE), arm = sample(0:1, rows, TRUE), trials = sample(largest, rows, TRUE))
  eta <- b[1] + b[2] * d$age + b[3] * d$arm + b[4] * d$age * d$arm + rnorm(items, 0, sds[1])[d$item] +
    rnorm(tasks, 0, sds[2])[d$task] + rnorm(seeds, 0, sds[3])[d$seed]
  d$successes <- rbinom(rows, d$trials, plogis(eta))
  d
}

herds <- data.frame(successes = cbpp$incidence, trials = cbpp$size, period = cbpp$period, herd = cbpp$herd)
counts <- simulated(1, 30, 5, 4, 300, 6, c(.9, .6, .4), c(.6, -.2, .3, .1))
answers <- simulated(2, 60, 6, 3, 700, 1, c(1.2, .5, .3), c(.8, -.3, .2, .15))
boundary <- simulated(9, 40, 6, 3, 400, 3, c(.8, .5, 0), c(.4, -.1, 0, 0))
levels <- simulated(5, 25, 4, 3, 250, 4, c(.3, .4, .2), c(2.2, -.1, .1, 0))

oracles <- list(
  made_with = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                   Matrix = as.character(packageVersion("Matrix"))),
  cases = list(
    case("cbpp, incidence by period and herd", herds, "period", "herd"),
    case("counts, three crossed factors", counts, "age * arm", c("item", "task", "seed")),
    case("single answers, three crossed factors", answers, "age * arm", c("item", "task", "seed")),
    case("no spread between seeds", boundary, "age", c("item", "task", "seed")),
    case("high scores, two of three factors", levels, "age + arm", c("item", "task"))
  )
)
cat(as_json(oracles), "\n", sep = "")
