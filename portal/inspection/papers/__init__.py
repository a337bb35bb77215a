"""The printed papers of an acceptance: conclusion, certificate and application form, and the record made on site."""

from portal.inspection.papers.conclusions import application_pdf, certificate_pdf, record_pdf
from portal.inspection.papers.records import inspection_record_pdf

__all__ = ["application_pdf", "certificate_pdf", "inspection_record_pdf", "record_pdf"]
