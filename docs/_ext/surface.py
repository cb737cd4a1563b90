"""What can be imported by those who analyse? All public names of `toolkit`, and the classes that they hand out."""

from __future__ import annotations

import inspect

import toolkit
from toolkit import notebook
from toolkit.analyses import Analysis
from toolkit.results import Estimate


def surface_page() -> str:
    """Functions, then classes, then the modules of many small functions."""
    public = {name: getattr(toolkit, name) for name in toolkit.__all__}
    handed = {name: getattr(notebook, name) for name in notebook.__all__}
    functions = [name for name, found in public.items() if inspect.isfunction(found)]
    classes = {
        name: f"{found.__module__}.{name}"
        for name, found in {**handed, **public, "Analysis": Analysis, "Estimate": Estimate}.items()
        if inspect.isclass(found)
    }
    modules = [found.__name__ for found in public.values() if inspect.ismodule(found)]
    return "\n\n".join(
        [
            "## Functions",
            *(_directive(f"autofunction:: toolkit.{name}") for name in functions),
            "## Classes",
            *(
                _directive(f"autoclass:: {path}", ":members:", ":exclude-members: model_config")
                for path in sorted(classes.values())
            ),
            *(
                f"## {module}\n\n{_directive(f'automodule:: {module}', ':members:', ':imported-members:')}"
                for module in modules
            ),
        ]
    )


def _directive(first: str, *options: str) -> str:
    return "\n".join(["```{eval-rst}", f".. {first}", *(f"   {option}" for option in options), "```"])
