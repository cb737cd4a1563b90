"""The bundled pipeline: a small, real stream of synthetic-data tasks on handwritten digits, and its logs."""

from toolkit.demo.run import run_demo

__all__ = ["run_demo"]
