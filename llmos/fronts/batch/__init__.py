"""Many independent prompts: read (`prompts`), worked on (`work`) by processes (`crew`) or a cluster (`cluster`).

The record of what is done is `results`: whatever is killed, nothing with effects is done twice.
"""
