"""What stands in results.json? The published JSON Schema, as tables in Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parents[1] / "results.schema.json"


def schema_tables() -> str:
    """A section an object, the whole file first."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = {"results.json": schema, **schema["$defs"]}
    return "\n".join(_section(name, part) for name, part in parts.items())


def _section(name: str, part: dict[str, Any]) -> str:
    needed = set(part.get("required", ()))
    rows = [
        f"| `{field}` | {_type(about)} | {'yes' if field in needed else ''} | {_text(about.get('description', ''))} |"
        for field, about in part.get("properties", {}).items()
    ]
    about = part.get("description", "")
    return "\n".join([f"## {name}", "", about, "", "| field | type | needed | |", "|---|---|---|---|", *rows, ""])


def _type(about: dict[str, Any]) -> str:
    if "$ref" in about:
        name = about["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in about:
        return " or ".join(dict.fromkeys(_type(choice) for choice in about["anyOf"]))
    if "enum" in about or "const" in about:
        return ", ".join(f"`{value}`" for value in about.get("enum", [about.get("const")]))
    if about.get("type") == "array":
        members = about.get("items") or {"anyOf": about.get("prefixItems", [{}])}
        return f"list of {_type(members)}"
    if about.get("type") == "object":
        values = about.get("additionalProperties")
        return f"object of {_type(values)}" if isinstance(values, dict) else "object"
    return str(about.get("format") or about.get("type", "any"))


def _text(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
