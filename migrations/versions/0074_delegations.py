"""Posts lent for some days, and in whose stead a decision was given.

What the rules judge is judged once more here: a stand-in signs only under an appointment in force for that post, and
neither of the two whose voice it is has spoken before in a chain of distinct people.
"""

from alembic import op

from migrations.support import grant, guard_rows

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

TABLES = """
create table post_delegation (
  id UUID NOT NULL,
  unit_id UUID,
  organ_id UUID,
  post VARCHAR(40) NOT NULL,
  holder_id UUID NOT NULL,
  holder_name VARCHAR(40) NOT NULL,
  delegate_id UUID NOT NULL,
  delegate_name VARCHAR(40) NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  reason VARCHAR(400) NOT NULL,
  appointed_by UUID NOT NULL,
  appointed_name VARCHAR(40) NOT NULL,
  appointed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  revoked_by UUID,
  revoked_name VARCHAR(40) DEFAULT '' NOT NULL,
  revoke_reason VARCHAR(400) DEFAULT '' NOT NULL,
  CONSTRAINT pk_post_delegation PRIMARY KEY (id),
  CONSTRAINT ck_post_delegation_post CHECK (post in ({posts})),
  CONSTRAINT ck_post_delegation_one_home CHECK ((unit_id is null) <> (organ_id is null)),
  CONSTRAINT ck_post_delegation_period CHECK (to_day >= from_day),
  CONSTRAINT ck_post_delegation_somebody_else CHECK (delegate_id <> holder_id),
  CONSTRAINT ck_post_delegation_not_by_oneself CHECK (appointed_by <> delegate_id),
  CONSTRAINT ck_post_delegation_revoked CHECK ((revoked_at is null) = (revoked_by is null)),
  CONSTRAINT fk_post_delegation_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_post_delegation_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_post_delegation_holder_id FOREIGN KEY(holder_id) REFERENCES person (id),
  CONSTRAINT fk_post_delegation_delegate_id FOREIGN KEY(delegate_id) REFERENCES person (id),
  CONSTRAINT fk_post_delegation_appointed_by FOREIGN KEY(appointed_by) REFERENCES person (id),
  CONSTRAINT fk_post_delegation_revoked_by FOREIGN KEY(revoked_by) REFERENCES person (id)
);
create INDEX ix_post_delegation_delegate_id ON post_delegation (delegate_id);
create INDEX ix_post_delegation_organ_id ON post_delegation (organ_id);
create INDEX ix_post_delegation_unit_id ON post_delegation (unit_id);
"""

POSTS = (
    "department_head", "unit_principal", "unit_security_head", "public_order_leader", "public_order_section_chief",
    "security_director", "school_leader_safety", "police_office_head", "system_administrator",
    "logistics_deputy_security", "logistics_deputy_canteen", "logistics_deputy", "logistics_director",
    "centre_deputy_director", "centre_principal", "resident_unit_head", "case_department_head", "bureau_leader",
)  # fmt: skip

COLUMNS = """
alter table approval_run add column ended_reason VARCHAR(400) DEFAULT '' NOT NULL;
alter table approval_decision
  add column behalf_id UUID,
  add column behalf_name VARCHAR(40) DEFAULT '' NOT NULL,
  add column delegation_id UUID,
  add column signed_with VARCHAR(12),
  add CONSTRAINT ck_approval_decision_by_appointment CHECK ((behalf_id is null) = (delegation_id is null)),
  add CONSTRAINT ck_approval_decision_behalf CHECK (behalf_id is null or behalf_id not in (requester_id, person_id)),
  add CONSTRAINT ck_approval_decision_signed_with
    CHECK (signed_with is null or signed_with in ('password', 'two_factors')),
  add CONSTRAINT fk_approval_decision_behalf_id FOREIGN KEY(behalf_id) REFERENCES person (id),
  add CONSTRAINT fk_approval_decision_delegation_id FOREIGN KEY(delegation_id) REFERENCES post_delegation (id);
create unique index uq_approval_decision_behalf on approval_decision (run_id, behalf_id)
  where verdict in ('approve', 'acknowledge') and distinct_people and behalf_id is not null;
"""

GUARD = """
create function portal_check_voices() returns trigger language plpgsql as $$
begin
  if new.behalf_id is not null and not exists (
    select from post_delegation d
    where d.id = new.delegation_id and d.delegate_id = new.person_id and d.holder_id = new.behalf_id
      and d.post = new.post and d.revoked_at is null
      and (new.decided_at at time zone 'Asia/Shanghai')::date between d.from_day and d.to_day
  ) then
    raise exception 'no appointment in force lets this person stand in' using errcode = 'check_violation';
  end if;
  if new.distinct_people and new.verdict in ('approve', 'acknowledge') and exists (
    select from approval_decision o
    where o.run_id = new.run_id and o.verdict in ('approve', 'acknowledge')
      and (o.behalf_id in (new.person_id, new.behalf_id) or o.person_id = new.behalf_id)
  ) then
    raise exception 'this voice was heard before in the run' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger approval_decision_voices before insert on approval_decision
  for each row execute function portal_check_voices();
"""

ORGAN_OR_PERSON = (
    "organ_id = any ((select portal_scope_organs())::uuid[])"
    " or (select portal_scope_person()) in (holder_id, delegate_id)"
)


def upgrade() -> None:
    op.execute(TABLES.format(posts=", ".join(repr(post) for post in POSTS)))
    grant("post_delegation", app="select, insert, update")
    guard_rows("post_delegation", district=None, extra=ORGAN_OR_PERSON)
    op.execute(COLUMNS)
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("drop trigger approval_decision_voices on approval_decision; drop function portal_check_voices()")
    op.execute(
        "alter table approval_decision drop column behalf_id, drop column behalf_name, drop column delegation_id,"
        " drop column signed_with; alter table approval_run drop column ended_reason"
    )
    op.drop_table("post_delegation")
