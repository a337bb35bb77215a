"""Is the camera alive? Probes registered devices on a schedule and keeps what changed.

`probes/` talks to devices and knows no table; `rules` turns answers into states; `operations`
records; `tasks` claims, probes with no transaction open, then records.
"""
