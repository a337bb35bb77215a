"""Files on their way in: what is bounded in code, and what the log calls each step."""

from datetime import timedelta

from portal.audit.values import audit_tag

GIGABYTE = 1024**3
# One request of the client carries at most this much, so that memory, a proxy's buffer and a lost connection cost little.
PART_BYTES = 16 * 1024 * 1024
# Of a file cut into ever smaller pieces no more than so many are taken.
MOST_PARTS = 20_000
# A part that takes longer is taken as far as it came.
PART_SECONDS = 120
# The disk keeps this much for everything else.
DISK_RESERVE = 5 * GIGABYTE
# What nothing was added to for so long, or whose window closed so long ago, is swept.
IDLE = timedelta(hours=24)
# What arrived whole has its digests by then, unless its job came to nothing: it gets another, once an hour.
KEPT_WITHIN = timedelta(hours=1)

WINDOW_SUBJECT = "footage_window"
WINDOW_OPENED = audit_tag("evidence:upload:open", "Window for uploading footage opened")
WINDOW_CLOSED = audit_tag("evidence:upload:close", "Window for uploading footage closed")
UPLOAD_BEGUN = audit_tag("evidence:upload:begin", "Upload of a footage file begun")
UPLOAD_WHOLE = audit_tag("evidence:upload:whole", "Footage file arrived whole")
UPLOAD_KEPT = audit_tag("evidence:upload:keep", "Footage file digested and kept")
UPLOAD_DROPPED = audit_tag("evidence:upload:drop", "Unfinished upload of a footage file removed")
WINDOW_GUESSED = audit_tag("evidence:upload:guess", "Secret address for uploading guessed at")
