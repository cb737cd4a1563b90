# JSON with 17 significant digits, which give every double back; jsonlite stops at 15.
as_json <- function(x, indent = "") {
  inner <- paste0(indent, "  ")
  block <- function(open, parts, close) {
    paste0(open, "\n", paste0(inner, parts, collapse = ",\n"), "\n", indent, close)
  }
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, as_json, "", indent = inner)
    if (is.null(names(x))) return(block("[", parts, "]"))
    return(block("{", paste0("\"", names(x), "\": ", parts), "}"))
  }
  if (is.matrix(x)) return(as_json(lapply(seq_len(nrow(x)), function(i) I(unname(x[i, ]))), indent))
  text <- if (is.character(x)) paste0("\"", x, "\"") else if (is.logical(x)) ifelse(x, "true", "false") else sprintf("%.17g", x)
  if (length(text) == 1 && !inherits(x, "AsIs")) text else paste0("[", paste(text, collapse = ", "), "]")
}
