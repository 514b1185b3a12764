"""llmos: a shell for plain language. A causal language model writes typed tool calls; a dispatcher carries them out."""

__version__ = "0.1.0"
