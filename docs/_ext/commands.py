"""What does the command line take? Read from the command line itself, as Markdown."""

from __future__ import annotations

import inspect
from typing import Any

import typer

from toolkit.cli.app import app


def command_pages() -> str:
    """A section a command: its usage, what it does, and its arguments and options."""
    group: Any = typer.main.get_command(app)
    return "\n".join(_section(name, command) for name, command in sorted(group.commands.items()))


def _section(name: str, command: Any) -> str:
    context = command.make_context(f"streamreview {name}", [], resilient_parsing=True)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    records = filter(None, (parameter.get_help_record(context) for parameter in command.params))
    rows = [f"| `{names}` | {_cell(text)} |" for names, text in records]
    about = inspect.cleandoc(command.help or "").replace("<", r"\<")
    return "\n".join([f"## {name}", "", "```text", usage, "```", "", about, "", "| | |", "|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("[", r"\[")
