"""Several deductions an item, each with its reason; the kind of a school is one of two words.

What was one number with a note becomes a list of one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

ANSWERS = """
update visit_answer set deductions = jsonb_build_array(jsonb_build_object('points', deduction::text, 'reason', note))
 where deduction > 0
"""
ASSESSMENTS = """
update self_assessment s set answers = coalesce((
  select jsonb_object_agg(key, value - 'deduction' || jsonb_build_object('deductions',
           case when (value ->> 'deduction')::numeric > 0
                then jsonb_build_array(jsonb_build_object('points', value ->> 'deduction', 'reason', value ->> 'note'))
                else '[]'::jsonb end))
    from jsonb_each(s.answers)), '{}'::jsonb)
"""
ANSWERS_BACK = """
update visit_answer v set deduction = (select sum((d ->> 'points')::numeric) from jsonb_array_elements(deductions) d)
 where deductions <> '[]'::jsonb
"""
ASSESSMENTS_BACK = """
update self_assessment s set answers = coalesce((
  select jsonb_object_agg(key, value - 'deductions' || jsonb_build_object('deduction',
           coalesce((select sum((d ->> 'points')::numeric) from jsonb_array_elements(value -> 'deductions') d), 0)::text))
    from jsonb_each(s.answers)), '{}'::jsonb)
"""


def upgrade() -> None:
    """Add the list, move what stands in the number, drop the number."""
    op.add_column("visit_answer", sa.Column("deductions", JSONB(), server_default="[]", nullable=False))
    op.execute(ANSWERS)
    op.drop_constraint(op.f("ck_visit_answer_deduction"), "visit_answer")
    op.drop_column("visit_answer", "deduction")
    op.execute(ASSESSMENTS)
    op.execute("update self_assessment set school_type = '' where school_type not in ('public', 'private')")
    op.create_check_constraint(
        op.f("ck_self_assessment_school_type"), "self_assessment", "school_type in ('', 'public', 'private')"
    )


def downgrade() -> None:
    """Back to one number an item."""
    op.drop_constraint(op.f("ck_self_assessment_school_type"), "self_assessment")
    op.add_column("visit_answer", sa.Column("deduction", sa.Numeric(5, 1), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_visit_answer_deduction"), "visit_answer", "deduction >= 0")
    op.execute(ANSWERS_BACK)
    op.drop_column("visit_answer", "deductions")
    op.execute(ASSESSMENTS_BACK)
