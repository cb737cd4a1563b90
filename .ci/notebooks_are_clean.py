"""Is every notebook committed without outputs, with one parameters cell, and without code of its own?"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import nbformat


def problems(path: Path) -> list[str]:
    """What is wrong with one notebook, a line each."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = []
    if any(cell.outputs or cell.execution_count for cell in code):
        found.append("has outputs: strip them")
    if sum("parameters" in cell.metadata.get("tags", []) for cell in code) != 1:
        found.append("needs exactly one cell tagged `parameters`")
    nodes = (node for cell in code for node in ast.walk(ast.parse(cell.source)))
    own = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.For, ast.While))]
    found += [f"line {node.lineno} of a cell: no def, class or loop in a notebook; move it to toolkit/" for node in own]
    return found


if __name__ == "__main__":
    lines = [f"{path}: {line}" for path in sorted(Path("notebooks").glob("*.ipynb")) for line in problems(path)]
    print("\n".join(lines) if lines else "notebooks are clean")
    sys.exit(bool(lines))
