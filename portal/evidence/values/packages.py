"""Court packages in the log."""

from portal.audit.values import audit_tag

PACKAGE_SUBJECT = "footage_package"
PACKAGE_MADE = audit_tag("evidence:package:make", "Court package made", sensitive_read=True)
PACKAGE_KEPT = audit_tag("evidence:package:keep", "Court package entered in its register")
