# Weighted kappa of two raters and Spearman's rank correlation by psych and base R; recalibration by glm.
# Rscript agreement.R > agreement.json
suppressMessages(library(psych))
source("json.R")

set.seed(21)
n <- 90
truth <- sample(1:5, n, TRUE, c(.1, .2, .3, .25, .15))
noisy <- function() pmin(5, pmax(1, truth + sample(-2:2, n, TRUE, c(.05, .2, .5, .2, .05))))
a <- noisy(); b <- noisy()
squared <- outer(1:5, 1:5, function(i, k) 1 - (i - k)^2 / 16)
straight <- outer(1:5, 1:5, function(i, k) 1 - abs(i - k) / 4)
kappa_of <- function(w) cohen.kappa(cbind(a, b), w = w)
linear <- kappa_of(straight); quadratic <- kappa_of(squared)

p <- runif(150, .05, .95); y <- rbinom(150, 1, plogis(.4 + .6 * qlogis(p)))
l <- qlogis(p)
oracles <- list(
  made_with = list(R = R.version.string, psych = as.character(packageVersion("psych"))),
  a = I(a), b = I(b),
  kappa = list(nominal = linear$kappa, linear = linear$weighted.kappa, quadratic = quadratic$weighted.kappa),
  spearman = cor(a, b, method = "spearman"),
  p = I(p), y = I(as.integer(y)),
  slope = unname(coef(glm(y ~ l, binomial, epsilon = 1e-14))[2]),
  intercept = unname(coef(glm(y ~ offset(l), binomial, epsilon = 1e-14))[1])
)
cat(as_json(oracles), "\n", sep = "")
