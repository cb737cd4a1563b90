# Random-effects meta-regression by metafor: tau^2, its interval, Knapp-Hartung tests, leverage, prediction, permutation.
# Rscript metaregression.R > metaregression.json
suppressMessages(library(metafor))
source("json.R")

tight <- list(threshold = 1e-13, maxiter = 1000, tol = 1e-14)
fitted <- function(yi, vi, mods, new, method) {
  # metafor does not take mods = NULL from a variable
  with_mods <- function(...) if (is.null(mods)) rma(yi, vi, ...) else rma(yi, vi, mods = matrix(mods, ncol = 1), ...)
  fit <- with_mods(method = method, test = "knha", control = tight)
  fixed <- with_mods(method = "FE")
  profile <- confint(fit, control = list(tol = 1e-14, maxiter = 10000))$random["tau^2", ]
  predicted <- if (is.null(mods)) predict(fit) else predict(fit, newmods = new)
  list(method = method, tau2 = fit$tau2, coefficients = I(as.vector(fit$beta)), errors = I(fit$se), factor = fit$s2w,
       plain_errors = I(fit$se / sqrt(fit$s2w)), Q = fit$QE, tau2_low = profile[["ci.lb"]], tau2_high = profile[["ci.ub"]],
       leverage = unname(hatvalues(fit)), fixed = I(as.vector(fixed$beta)), fixed_errors = I(fixed$se),
       low = I(fit$ci.lb), high = I(fit$ci.ub),
       predicted = predicted$pred, predicted_low = predicted$pi.lb, predicted_high = predicted$pi.ub)
}
case <- function(name, y, v, x = NULL, new = NULL, methods = c("PM", "REML"), permute = FALSE) {
  out <- list(name = name, y = y, v = v, x = x, new = new, fits = lapply(methods, function(m) fitted(y, v, x, new, m)))
  if (permute) {
    fit <- rma(y, v, mods = matrix(x, ncol = 1), method = "PM", test = "knha", control = tight)
    out$permutation_p <- permutest(fit, exact = TRUE, progbar = FALSE)$pval[2]
  }
  out
}

six_y <- c(.10, .30, .35, .65, .45, .15); six_v <- c(.03, .03, .05, .01, .05, .02)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg_y <- as.vector(bcg$yi); bcg_v <- as.vector(bcg$vi)
flat_y <- c(.21, .19, .22, .20, .18, .20); flat_v <- rep(.01, 6)
seven_y <- c(.02, .11, -.05, .20, .16, .31, .12); seven_v <- c(.004, .001, .012, .006, .002, .009, .003)

oracles <- list(
  made_with = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))),
  cases = list(
    case("six effects of a textbook", six_y, six_v, methods = c("DL", "PM", "REML")),
    case("six effects, along the order", six_y, six_v, x = 1:6, new = 7, permute = TRUE),
    case("dat.bcg, log relative risks", bcg_y, bcg_v),
    case("dat.bcg, absolute latitude", bcg_y, bcg_v, x = as.numeric(bcg$ablat), new = 60),
    case("dat.bcg, year, far from zero", bcg_y, bcg_v, x = as.numeric(bcg$year), new = 1990),
    case("seven tasks, along the order", seven_y, seven_v, x = 1:7, new = 8, permute = TRUE),
    case("less spread than the errors alone", flat_y, flat_v)
  )
)
cat(as_json(oracles), "\n", sep = "")
