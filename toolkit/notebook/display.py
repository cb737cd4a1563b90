"""How do results and cubes get their looks in a notebook, though they know nothing of pages?

Types of this package draw themselves; those of the layers below are registered with the IPython that is running.
"""

from __future__ import annotations

import sys
from typing import Any


def register() -> None:
    """Show estimates, analyses and cubes as tables in the running IPython; nothing happens outside of one."""
    if "IPython" not in sys.modules:
        return
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        return
    from toolkit.analyses import Analysis
    from toolkit.cube import Cube
    from toolkit.results import Estimate

    bundles = shell.display_formatter.mimebundle_formatter
    bundles.for_type(Estimate, estimate)
    bundles.for_type(Analysis, analysis)
    bundles.for_type(Cube, cube)


def estimate(found: Any) -> dict[str, Any]:
    """One estimate as a cell shows it."""
    from toolkit.notebook.cards import estimate_block

    return estimate_block(found)._repr_mimebundle_()


def analysis(found: Any) -> dict[str, Any]:
    """An analysis's estimates as a cell shows them."""
    from toolkit.notebook.cards import UNKNOWN, estimates_block
    from toolkit.notebook.estimates import Estimates

    return estimates_block(Estimates(found.estimates, UNKNOWN))._repr_mimebundle_()


def cube(found: Any) -> dict[str, Any]:
    """A cube as a cell shows it."""
    from toolkit.notebook.cards import cube_block

    return cube_block(found)._repr_mimebundle_()
