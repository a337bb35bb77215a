"""The shell's own blueprint: it carries the shared templates, and the style guide where that is wanted."""

from flask import Blueprint

bp = Blueprint("web", __name__, template_folder="templates")
