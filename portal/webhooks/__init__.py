"""Telling other systems, by signed messages, what the log records about filings, cameras, systems and devices.

Nothing calls this package: it reads the sealed log, so an act that is recorded is told, and one that is not is not.
"""
