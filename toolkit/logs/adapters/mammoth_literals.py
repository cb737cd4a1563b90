"""What a line of Mammoth's `logs.pyd` says: a Python dictionary, read without running any of it.

The logger prints `str(dict)`, so NumPy scalars, arrays, tensors and `nan` stand in it as calls and names that
`ast.literal_eval` refuses. They are rewritten to the literals inside them first; every other call is refused.
"""

from __future__ import annotations

import ast
import math
import re

_LONGEST = 1 << 20
_STRING = r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\""""
_OBJECT = re.compile(rf"({_STRING})|<(?:[^<>\n]|<[^<>\n]*>)*>")
_NUMBERS = {"nan": math.nan, "NaN": math.nan, "inf": math.inf, "Infinity": math.inf, "True_": True, "False_": False}
_NUMBER = re.compile(r"(float|int|uint)\d*_?|bool_?|str_|longdouble")
_WRAPPERS = frozenset({"array", "tensor", "Parameter", "OrderedDict", "PosixPath", "WindowsPath"})
_IGNORED = frozenset({"device", "Size", "dtype"})
_MODULES = frozenset({"np", "numpy", "torch", "pathlib"})


def read_dictionary(line: str) -> dict[str, object]:
    """The dictionary in `line`, arrays and tensors as lists, objects that print as `<...>` as None.

    Raises ValueError, with a reason in general words, where it is anything but a dictionary of literals.
    """
    if len(line) > _LONGEST:
        raise ValueError("a line of more than a megabyte")
    try:
        tree = ast.parse(_OBJECT.sub(lambda m: m[1] or "None", line.strip()), mode="eval")
        value = ast.literal_eval(_Literals().visit(tree))
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError("no Python dictionary (half a line?)") from None
    except (TypeError, ValueError):
        raise ValueError("holds more than literals, and is not run") from None
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("no dictionary with names as keys")
    return value


class _Literals(ast.NodeTransformer):
    """Replaces known wrappers by what they wrap; what it does not know stays, for `literal_eval` to refuse."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(_NUMBERS[node.id]) if node.id in _NUMBERS else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        name = _known(node)
        return ast.Constant(_NUMBERS[name]) if name in _NUMBERS else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(operand, ast.Constant) and isinstance(operand.value, float):
            return ast.Constant(-operand.value)  # also -nan and -inf
        return ast.UnaryOp(node.op, operand)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = _known(node.func)
        if name in _IGNORED and all(isinstance(value, ast.Constant) for value in _arguments(node)):
            return ast.Constant(None)
        if name is not None and node.args and (name in _WRAPPERS or _NUMBER.fullmatch(name)):
            return ast.copy_location(self.visit(node.args[0]), node)
        return node


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _known(node: ast.AST) -> str | None:
    """The last part of a bare name, or of one in a module whose objects print themselves so."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in _MODULES:
        return node.attr
    return None
