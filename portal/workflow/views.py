"""No page of its own: the blueprint only brings the templates that features put into theirs."""

from flask import Blueprint

bp = Blueprint("workflow", __name__, template_folder="templates")
