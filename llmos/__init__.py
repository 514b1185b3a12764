"""llmos: a shell for plain language. A causal language model writes typed tool calls; a dispatcher carries them out."""

__version__ = "0.1.0"
"""As in pyproject.toml, which decides; a test holds them together. Looking it up in the metadata takes 50 ms."""
