"""Acceptance: application, documents, visit, score, conclusion, publication."""
