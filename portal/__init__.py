"""Citywide registry and oversight portal for CCTV."""

__version__ = "0.1.0"
