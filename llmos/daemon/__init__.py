"""A model kept ready for several shells: it turns messages into tokens; effects happen in the shells' own processes."""
