"""Writing: register, dictionary, orders, parts; complaints; projects and relocations."""
