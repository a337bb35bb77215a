"""Oversight of requests: explanations asked for, and the acts found by their time."""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

TABLE = """
create table oversight_question (
  id UUID NOT NULL,
  kind VARCHAR(12) NOT NULL,
  key VARCHAR(120) NOT NULL,
  label VARCHAR(120) NOT NULL,
  working JSONB NOT NULL,
  status VARCHAR(10) DEFAULT 'asked' NOT NULL,
  person_id UUID NOT NULL,
  person_name VARCHAR(40) NOT NULL,
  organ_id UUID,
  unit_id UUID,
  request_id UUID,
  question TEXT NOT NULL,
  asked_by UUID NOT NULL,
  asked_name VARCHAR(40) NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_on DATE,
  answer TEXT DEFAULT '' NOT NULL,
  answered_at TIMESTAMP WITH TIME ZONE,
  decided_by UUID,
  decided_name VARCHAR(40) DEFAULT '' NOT NULL,
  decided_note TEXT DEFAULT '' NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  version INTEGER NOT NULL,
  CONSTRAINT pk_oversight_question PRIMARY KEY (id),
  CONSTRAINT ck_oversight_question_kind CHECK (kind in ('no_case', 'off_hours', 'volume', 'repeats', 'pair', 'quick', 'hold')),
  CONSTRAINT ck_oversight_question_status CHECK (status in ('asked', 'answered', 'accepted', 'escalated')),
  CONSTRAINT ck_oversight_question_not_of_oneself CHECK (person_id <> asked_by),
  CONSTRAINT ck_oversight_question_not_judged_by_oneself CHECK (decided_by is null or decided_by <> person_id),
  CONSTRAINT ck_oversight_question_answered CHECK ((status = 'asked') = (answered_at is null)),
  CONSTRAINT ck_oversight_question_decided CHECK ((status in ('accepted', 'escalated')) = (decided_at is not null)),
  CONSTRAINT uq_oversight_question_sign UNIQUE (kind, key),
  CONSTRAINT fk_oversight_question_person_id FOREIGN KEY(person_id) REFERENCES person (id),
  CONSTRAINT fk_oversight_question_asked_by FOREIGN KEY(asked_by) REFERENCES person (id),
  CONSTRAINT fk_oversight_question_decided_by FOREIGN KEY(decided_by) REFERENCES person (id)
);
create INDEX ix_oversight_question_person ON oversight_question (person_id, status);
create INDEX ix_oversight_question_due ON oversight_question (due_on) WHERE status = 'asked';
create INDEX ix_footage_request_submitted ON footage_request (submitted_at, id);
create INDEX ix_footage_unlock_opened ON footage_unlock (opened_at, id);
create INDEX ix_approval_decision_decided ON approval_decision (decided_at, id);
"""


def upgrade() -> None:
    op.execute(TABLE)
    grant("oversight_question", app="select, insert, update")
    guard_rows(
        "oversight_question",
        unit=None,
        district=None,
        extra="organ_id = any ((select portal_scope_organs())::uuid[]) or person_id = (select portal_scope_person())"
        " or asked_by = (select portal_scope_person())",
    )


def downgrade() -> None:
    op.drop_table("oversight_question")
    for index in ("ix_footage_request_submitted", "ix_footage_unlock_opened", "ix_approval_decision_decided"):
        op.execute(f"drop index {index}")
