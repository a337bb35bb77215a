"""Reading: register, gaps and dictionary; orders; parts; uses and complaints; projects and relocations."""
