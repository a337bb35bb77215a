"""Printed papers: one typst template a form, filled from checked data, PDF/A out."""
