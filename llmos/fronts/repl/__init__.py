"""The interactive shell: a prompt, a history, one conversation. The only package that imports prompt_toolkit."""

from llmos.fronts.repl.shell import Repl

__all__ = ["Repl"]
