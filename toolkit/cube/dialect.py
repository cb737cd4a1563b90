"""How is a query of the reduction said to Spark? DuckDB's text in, Spark SQL with the same answer out.

SQLGlot knows most of both languages. What it does not know is spelled here, function by function; a function that
neither knows is refused, for Spark may have one of the same name that does something else (`hash` is one).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

_Args = Sequence[exp.Expr]

_WHITE = r"[\t\n\f\r ]"
_NUMERAL = r"\A\s*[+-]?([0-9]+(_[0-9]+)*\.?([0-9]+(_[0-9]+)*)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+(_[0-9]+)*)?\s*\z"
"""Text that DuckDB reads as a number: Spark would also take 1.5f and 1d, and not take 1_000."""
_ENDLESS = r"(?i)\A\s*[+-]?inf(inity)?\s*\z"
_NO_NUMBER = r"(?i)\A\s*[+-]?nan\s*\z"
_UNSIGNED = "64 bits without sign"  # Spark has them with one; what looks at their size must know


def parse(statement: str) -> exp.Expr:
    """A statement in DuckDB's dialect as a tree."""
    return sqlglot.parse_one(statement, read="duckdb")


def to_spark(query: str | exp.Expr, parameters: Mapping[str, Any] | None = None) -> str:
    """A query of DuckDB as Spark SQL; parameters: values of `$name`, numbers, texts, truth values or lists of texts.

    A double that it casts to a whole number must be one: DuckDB would round it, Spark cuts it off.
    Raises NotImplementedError where it uses a function that has no spelling here.
    """
    tree = parse(query) if isinstance(query, str) else query.copy()
    values = parameters or {}
    for node in reversed(list(tree.walk(bfs=False))):  # what is inside comes before what is around it
        new = _rewritten(node, values)
        if new is not node:
            if node is tree:
                tree = new
            else:
                node.replace(new)
    return tree.sql(dialect="spark")


def relations(tree: exp.Expr) -> set[str]:
    """Names of the relations that a query reads and does not define itself."""
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


def _rewritten(node: exp.Expr, values: Mapping[str, Any]) -> exp.Expr:
    match node:
        case exp.Placeholder():
            return _literal(values[node.name])
        case exp.Anonymous():
            name = str(node.this).lower()
            if name not in _FUNCTIONS:
                raise NotImplementedError(f"no spelling for Spark of the function {name}")
            return _FUNCTIONS[name](node.expressions)
        case exp.RegexpFullMatch():
            pattern = node.expression.name.replace(r"\s", _WHITE).replace("(?i)", "(?iu)")
            return exp.RegexpLike(this=node.this, expression=exp.Literal.string(rf"\A(?:{pattern})\z"))
        case exp.BitwiseRightShift() if _UNSIGNED in node.this.meta:
            return _call("shiftrightunsigned", node.this, node.expression)
        case exp.Mod() if _UNSIGNED in node.this.meta:
            return _call("pmod", node.this, node.expression)
        case exp.Sum() if any(_UNSIGNED in inner.meta for inner in node.walk()):
            return exp.Sum(this=exp.cast(node.this, "decimal(20, 0)"))  # adds up to 30 digits, where bigint has 18
        case exp.Floor():
            return _floor(node.this)
        case exp.Lower():
            return _lower(node.this)
        case exp.TryCast() if node.to.is_type("double"):
            return _number(node.this)
        case exp.TryCast() if node.to.is_type("float[]"):
            return _floats(node.this)
        case exp.Cast() if node.to.is_type("hugeint", "int128"):
            return exp.cast(exp.cast(node.this, "bigint"), "decimal(38, 0)")
        case exp.Cast() if node.to.is_type("utinyint"):
            return exp.cast(node.this, "int")
    return node


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, bool | int | float | str):
        return exp.convert(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return exp.cast(exp.array(*(exp.convert(one) for one in value)), "text[]", dialect="duckdb")
    raise NotImplementedError(f"no literal for a parameter of type {type(value).__name__}")


def _call(name: str, *arguments: exp.Expr | int) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[exp.convert(one, copy=True) for one in arguments])


def _unsigned(node: exp.Expr) -> exp.Expr:
    node.meta[_UNSIGNED] = True
    return node


def _number(text: exp.Expr) -> exp.Expr:
    """The number that a text spells, NULL where it spells none."""
    text = exp.cast(text, "text")

    def like(pattern: str) -> exp.Expr:
        return exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))

    def double(value: exp.Expr) -> exp.Expr:
        return exp.cast(value, "double")

    plain = _call("replace", text, exp.Literal.string("_"), exp.Literal.string(""))
    signed = _call("concat", _call("regexp_extract", text, exp.Literal.string("-"), 0), exp.Literal.string("Infinity"))
    return (
        exp.Case()
        .when(like(_NUMERAL), double(plain))
        .when(like(_ENDLESS), double(signed))
        .when(like(_NO_NUMBER), double(exp.Literal.string("NaN")))
    )


def _lower(text: exp.Expr) -> exp.Expr:
    """Letter by letter, as in DuckDB: Java makes two of one letter, and has a sigma for the end of a word."""
    return exp.Lower(this=_call("translate", text, exp.Literal.string("İΣ"), exp.Literal.string("iσ")))


def _floats(numbers: exp.Expr) -> exp.Expr:
    """A list of numbers as floats, NULL for each that is too large for one: Spark would call it infinite."""
    one, endless = exp.column("one"), exp.cast(exp.Literal.string("Infinity"), "double")
    small = exp.cast(one, "float")
    too_large = exp.and_(_call("abs", small).eq(endless), _call("abs", one).neq(endless))
    return _call("transform", numbers, _function(exp.Case().when(exp.not_(too_large), small), "one"))


def _list_count(arguments: _Args) -> exp.Expr:
    there = exp.not_(exp.Is(this=exp.column("one"), expression=exp.Null()))
    return _call("size", _call("filter", arguments[0], _function(there, "one")))


def _list_sum(arguments: _Args) -> exp.Expr:
    """As doubles, one after the other; NULL of a list without numbers."""
    added = exp.Add(this=exp.column("total"), expression=_call("coalesce", exp.column("one"), 0))
    zero = exp.cast(exp.Literal.number(0), "double")
    total = _call("aggregate", arguments[0], zero, _function(added, "total", "one"))
    return exp.Case().when(_list_count(arguments) > 0, total)


def _function(value: exp.Expr, *names: str) -> exp.Expr:
    return exp.Lambda(this=value, expressions=[exp.to_identifier(name) for name in names])


def _hash(arguments: _Args) -> exp.Expr:
    """Any 64 bits will do. Spark leaves NULL out of a hash, so where NULL stands is hashed beside the values."""
    several = len(arguments) > 1
    nulls = [exp.Is(this=one.copy(), expression=exp.Null()) for one in arguments] if several else []
    return _unsigned(_call("xxhash64", *arguments, *nulls))


def _md5_number_lower(arguments: _Args) -> exp.Expr:
    """The last eight bytes of the digest, the last of them first, as a number with the same 64 bits."""
    digest = _call("md5", arguments[0])
    pairs = [_call("substring", digest, place, 2) for place in range(31, 16, -2)]
    return _unsigned(exp.cast(_call("conv", _call("concat", *pairs), 16, -10), "bigint"))


def _floor(number: exp.Expr) -> exp.Expr:
    """A double, as in DuckDB; Spark's is a bigint, which the largest do not fit into. From 2^52 all are whole."""
    whole = exp.cast(exp.Floor(this=number.copy()), "double")
    return (
        exp.Case().when(exp.LT(this=_call("abs", number), expression=exp.convert(1 << 52)), whole).else_(number.copy())
    )


def _isfinite(arguments: _Args) -> exp.Expr:
    """NaN is greater than any number in Spark, as in DuckDB."""
    return exp.LT(this=_call("abs", arguments[0]), expression=exp.cast(exp.Literal.string("Infinity"), "double"))


def _bit_count(arguments: _Args) -> exp.Expr:
    return _call("bit_count", arguments[0])


_FUNCTIONS: dict[str, Callable[[_Args], exp.Expr]] = {
    "hash": _hash,
    "md5_number_lower": _md5_number_lower,
    "isfinite": _isfinite,
    "bit_count": _bit_count,
    "list_count": _list_count,
    "list_sum": _list_sum,
}
