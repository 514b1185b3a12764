"""Models behind an OpenAI-compatible server: any that speaks chat completions or responses."""
