"""The interface for programs: REST under /api/v1 with personal tokens, and the pages where people get both.

Each address calls the query or operation that the page of the same thing calls; nothing is decided here.
"""
