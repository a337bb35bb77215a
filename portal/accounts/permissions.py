"""Every permission by name `package:subject:action`."""

from enum import StrEnum


class Permission(StrEnum):
    """What can be asked of the portal. Who may, and how far it reaches, stands in `policy.GRANTS`."""

    HOME_VIEW = "web:home:view"
    PROFILE_OWN = "accounts:profile:own"
    ACCOUNT_READ = "accounts:account:read"
    ACCOUNT_PROPOSE = "accounts:account:propose"
    ACCOUNT_DECIDE = "accounts:account:decide"
    ACCOUNT_DISABLE = "accounts:account:disable"
    DELEGATION_READ = "accounts:delegation:read"
    DELEGATION_KEEP = "accounts:delegation:keep"
    TOKEN_OWN = "accounts:token:own"  # noqa: S105 - a name
    TOKEN_REVOKE = "accounts:token:revoke"  # noqa: S105 - a name
    WEBHOOK_OWN = "webhooks:hook:own"
    OPS_STATUS = "ops:status:read"

    RULES_READ = "regulation:rules:read"

    UNIT_READ = "registry:unit:read"
    UNIT_EDIT = "registry:unit:edit"
    UNIT_CREATE = "registry:unit:create"
    CONTACT_REVEAL = "registry:contact:reveal"
    SYSTEM_READ = "registry:system:read"
    SYSTEM_EDIT = "registry:system:edit"
    CAMERA_READ = "registry:camera:read"
    CAMERA_EDIT = "registry:camera:edit"
    CAMERA_IMPORT = "registry:camera:import"
    CREDENTIAL_EDIT = "registry:credential:edit"
    SCENE_READ = "registry:scene:read"
    QUALITY_READ = "registry:quality:read"
    FILING_READ = "registry:filing:read"
    FILING_DRAFT = "registry:filing:draft"
    FILING_SUBMIT = "registry:filing:submit"
    FILING_DECIDE = "registry:filing:decide"
    FILING_NUMBER = "registry:filing:number"
    DOCUMENT_READ = "registry:document:read"
    DOCUMENT_UPLOAD = "registry:document:upload"
    LIST_EXPORT = "registry:list:export"
    DOCUMENT_SENSITIVE = "registry:document:sensitive"
    DOCUMENT_SECRET = "registry:document:secret"  # noqa: S105 - a level of papers, not a password
    CONTRACTOR_READ = "registry:contractor:read"
    CONTRACTOR_ADD = "registry:contractor:add"
    CONTRACTOR_EDIT = "registry:contractor:edit"
    CONNECTION_EDIT = "registry:connection:edit"
    CONNECTION_DECIDE = "registry:connection:decide"
    COVERAGE_READ = "registry:coverage:read"
    REVIEW_READ = "registry:review:read"
    REVIEW_DECIDE = "registry:review:decide"
    SITE_KEEP = "registry:site:keep"
    TIP_OFF_HANDLE = "registry:tip_off:handle"

    MAP_VIEW = "maps:map:view"

    REACH_READ = "reachability:status:read"
    PROBE_NOW = "reachability:probe:now"

    ACCEPTANCE_READ = "inspection:acceptance:read"
    ACCEPTANCE_APPLY = "inspection:acceptance:apply"
    ACCEPTANCE_CHECK = "inspection:acceptance:check"
    VISIT_SCHEDULE = "inspection:visit:schedule"
    VISIT_BOOK = "inspection:visit:book"
    INSPECTOR_READ = "inspection:inspector:read"
    INSPECTOR_KEEP = "inspection:inspector:keep"
    ABSENCE_ENTER = "inspection:absence:enter"
    CALENDAR_OWN = "inspection:calendar:own"
    READINESS_RUN = "inspection:readiness:run"
    READINESS_WAIVE = "inspection:readiness:waive"
    VISIT_SCORE = "inspection:visit:score"
    DEVICE_KEEP = "inspection:device:keep"
    VISIT_CONCLUDE = "inspection:visit:conclude"
    RESULT_PUBLISH = "inspection:result:publish"
    OVERRIDE_ASK = "inspection:override:ask"
    OVERRIDE_DECIDE = "inspection:override:decide"
    FINDING_CURE = "inspection:finding:cure"
    FINDING_VERIFY = "inspection:finding:verify"
    FIGURES_READ = "inspection:figures:read"

    REQUEST_READ = "evidence:request:read"
    REQUEST_DRAFT = "evidence:request:draft"
    REQUEST_DECIDE = "evidence:request:decide"
    REQUEST_ACKNOWLEDGE = "evidence:request:acknowledge"
    REQUEST_ASSIGN = "evidence:request:assign"
    REQUEST_EXECUTE = "evidence:request:execute"
    REQUEST_UNLOCK = "evidence:request:unlock"
    LIVE_SHOW = "evidence:live:show"
    RECORDING_OPEN = "evidence:recording:open"
    HANDOVER_RECEIVE = "evidence:handover:receive"
    PACKAGE_MAKE = "evidence:package:make"
    LEAK_REPORT = "evidence:leak:report"
    LEAK_HANDLE = "evidence:leak:handle"
    EQUIPMENT_READ = "evidence:equipment:read"
    EQUIPMENT_ASK = "evidence:equipment:ask"
    EQUIPMENT_APPROVE = "evidence:equipment:approve"
    EQUIPMENT_BOOK = "evidence:equipment:book"
    EQUIPMENT_HAND = "evidence:equipment:hand"
    WATCH_READ = "evidence:watch:read"
    WATCH_ASK = "evidence:watch:ask"
    EXPLANATION_READ = "evidence:explanation:read"
    EXPLANATION_GIVE = "evidence:explanation:give"
    LEDGER_READ = "evidence:ledger:read"
    LEDGER_EXPORT = "evidence:ledger:export"

    CONNECTION_ORDER_READ = "connections:order:read"
    CONNECTION_PROPOSE = "connections:order:propose"
    CONNECTION_ANSWER = "connections:order:answer"
    CONNECTION_APPROVE = "connections:order:approve"

    BOOK_READ = "upkeep:book:read"
    BOOK_KEEP = "upkeep:book:keep"
    CUSTODY_SIGN = "upkeep:custody:sign"
    TICKET_ASK = "upkeep:ticket:ask"
    TICKET_DECIDE = "upkeep:ticket:decide"

    CAMPAIGN_READ = "campaigns:campaign:read"
    CAMPAIGN_MANAGE = "campaigns:campaign:manage"
    CAMPAIGN_ENTER = "campaigns:entry:make"
    CAMPAIGN_EXPORT = "campaigns:standing:export"
    MANDATE_READ = "mandates:entry:read"
    MANDATE_EDIT = "mandates:entry:edit"
    MANDATE_EXPORT = "mandates:entry:export"
    DICTIONARY_EDIT = "mandates:dictionary:edit"
    PARTS_EDIT = "mandates:parts:edit"
    ORDER_ISSUE = "mandates:order:issue"
    ORDER_REPLY = "mandates:order:reply"
    USES_READ = "mandates:uses:read"
    COMPLAINT_READ = "mandates:complaint:read"
    COMPLAINT_RAISE = "mandates:complaint:raise"
    COMPLAINT_HANDLE = "mandates:complaint:handle"
    PROJECT_READ = "mandates:project:read"
    PROJECT_EDIT = "mandates:project:edit"
    RELOCATION_DECIDE = "mandates:relocation:decide"

    MEASURE_READ = "measures:measure:read"
    MEASURE_DRAFT = "measures:measure:draft"
    MEASURE_SIGN = "measures:measure:sign"
    MEASURE_HANDLE = "measures:measure:handle"
    MEASURE_REPLY = "measures:measure:reply"
    CORRECTION_ISSUE = "measures:correction:issue"
    REFUSAL_CONFIRM = "measures:refusal:confirm"
    PLAN_READ = "measures:plan:read"
    PLAN_KEEP = "measures:plan:keep"
    COMMENDATION_READ = "measures:commendation:read"
    DRAW_READ = "measures:draw:read"
    DRAW_MAKE = "measures:draw:make"

    OVERSIGHT_READ = "oversight:overview:read"
    AUDIT_READ = "audit:log:read"
    AUDIT_REVEAL = "audit:reason:reveal"
    AUDIT_VERIFY = "audit:log:verify"
    AUDIT_EXPORT = "audit:log:export"


# What a personal token may carry: the permissions that the interface under /api/v1 asks for (a test compares).
TOKEN_SCOPES: tuple[Permission, ...] = (
    Permission.UNIT_READ,
    Permission.SYSTEM_READ,
    Permission.SYSTEM_EDIT,
    Permission.CAMERA_READ,
    Permission.CAMERA_EDIT,
    Permission.FILING_READ,
    Permission.FILING_DRAFT,
    Permission.FILING_SUBMIT,
)
