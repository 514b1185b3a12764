"""Small programs made from a description, or of calls just made: saved sequences of tool calls with parameters.

app: what one is, as a TOML file · shelf: where they lie, their versions, which are trusted · compile: from words to
steps · rehearsal: on a copy · runner: a model that says the steps, so that each goes the way of every call
"""
