"""Sentences and names for files: every refusal says what was found and what would be taken."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.web.problems import add_texts

REFUSALS: Mapping[str, LazyString] = {
    "file_empty": _("The file is empty"),
    "file_too_large": _("The file is larger than %(most)s, the most that is taken here"),
    "file_quota": _("The unit's files already take %(used)s of the %(most)s it may keep. Ask the administrator"),
    "file_type_not_allowed": _("This is a file of type %(found)s. Taken here: %(allowed)s. The content decides, not the name"),
    "file_mixed_content": _("The file is of type %(found)s but hides something else (%(hidden)s). Make the file anew and upload that"),
    "file_encrypted_pdf": _("The PDF asks for a password. Save it without one and upload it again"),
    "file_encrypted_workbook": _("The workbook asks for a password. Save it without one and upload it again"),
    "file_macro_workbook": _("The workbook contains macros. Save it as an ordinary .xlsx workbook and upload that"),
    "file_bomb": _("The file would unpack to far more than its content needs and was not opened. Save it anew and upload that"),
    "file_damaged": _("The file is damaged or incomplete and cannot be read. Open it on your computer, save it anew and upload that"),
    "file_too_many_pages": _("The PDF has %(found)s pages; %(most)s are taken. Split it"),
    "file_too_many_pixels": _("The picture has %(width)s × %(height)s pixels, which is too many. Make it smaller"),
    "file_too_many_rows": _("The sheet has more than %(most)s rows, or a cell far below the others. Split it, or delete the empty rows at its end"),
    "file_too_many_columns": _("The sheet has more than %(most)s columns, or a cell far right of the others. Delete the empty columns"),
    "file_cell_too_long": _("Row %(row)s, column %(column)s holds more than %(most)s characters"),
    "file_no_such_sheet": _("The workbook has no visible sheet of that name"),
    "file_encoding": _("The text is neither UTF-8 nor GB 18030. Save the sheet as .xlsx, or as CSV in UTF-8"),
    "file_too_complex": _("The file could not be read within the limits of time and memory. Save it in a simpler form"),
    "file_malware": _("The virus scanner found %(name)s in the file. It was not kept; have the computer it comes from examined"),
    "file_unknown": _("There is no such file"),
    "file_quarantined": _("The file was set aside as harmful and is no longer shown"),
    "file_erased": _("The period of keeping has ended; the content of the file was erased"),
    "file_content_missing": _("The content of the file is missing from the store. Tell the administrator"),
    "scanner_down": _("The virus scanner does not answer, so no file can be taken now. Nothing was saved; try again in a few minutes"),
    "scanner_unclear": _("The virus scanner gave no clear answer, so the file was not taken. Try again, or tell the administrator"),
}  # fmt: skip

add_texts(REFUSALS)
