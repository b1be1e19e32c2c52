"""The command `aimon`. In: arguments and a project's folder. Out: text or JSON on stdout, mistakes on stderr."""

from aimon.cli.app import main

__all__ = ["main"]
