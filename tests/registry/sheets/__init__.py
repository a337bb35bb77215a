"""Sheets as they really come, each with the report it must get."""
