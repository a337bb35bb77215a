"""Draws that nobody can steer, and plans of supervision by risk."""

from alembic import op

from migrations.support import append_only, grant, guard_rows

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

TABLES = """
create table draw (
  id UUID NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  kind VARCHAR(12) NOT NULL,
  status VARCHAR(10) DEFAULT 'committed' NOT NULL,
  title VARCHAR(120) NOT NULL,
  sample_size INTEGER NOT NULL,
  period_from DATE NOT NULL,
  period_to DATE NOT NULL,
  entropy_source VARCHAR(200) NOT NULL,
  entropy_on DATE NOT NULL,
  population TEXT NOT NULL,
  population_hash VARCHAR(64) NOT NULL,
  population_size INTEGER NOT NULL,
  commitment VARCHAR(64) NOT NULL,
  committed_on DATE NOT NULL,
  committed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  committed_by_name VARCHAR(40) NOT NULL,
  seed_sealed VARCHAR(400) NOT NULL,
  mask_sealed VARCHAR(400) NOT NULL,
  seed VARCHAR(64),
  entropy VARCHAR(200) DEFAULT '' NOT NULL,
  sample JSONB,
  revealed_on DATE,
  revealed_at TIMESTAMP WITH TIME ZONE,
  revealed_by_name VARCHAR(40) DEFAULT '' NOT NULL,
  CONSTRAINT pk_draw PRIMARY KEY (id),
  CONSTRAINT ck_draw_kind CHECK (kind in ('units', 'acceptances')),
  CONSTRAINT ck_draw_status CHECK (status in ('committed', 'revealed')),
  CONSTRAINT ck_draw_population CHECK (population_hash = encode(sha256(convert_to(population, 'UTF8')), 'hex')),
  CONSTRAINT ck_draw_size CHECK (sample_size between 1 and population_size),
  CONSTRAINT ck_draw_order CHECK (committed_on < entropy_on and entropy_on <= period_from and period_from <= period_to),
  CONSTRAINT ck_draw_seed CHECK (seed is null or commitment = encode(sha256(decode(seed, 'hex')), 'hex')),
  CONSTRAINT ck_draw_not_before CHECK (revealed_on is null or revealed_on >= period_from),
  CONSTRAINT ck_draw_revealed CHECK ((status = 'revealed') = (seed is not null and entropy <> '' and sample is not null and revealed_on is not null)),
  CONSTRAINT fk_draw_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id)
);
create INDEX ix_draw_organ_id_id ON draw (organ_id, id);
create table draw_member (
  draw_id UUID NOT NULL,
  pseudonym VARCHAR(32) NOT NULL,
  organ_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  acceptance_id UUID,
  CONSTRAINT pk_draw_member PRIMARY KEY (draw_id, pseudonym),
  CONSTRAINT fk_draw_member_draw_id FOREIGN KEY(draw_id) REFERENCES draw (id),
  CONSTRAINT fk_draw_member_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_draw_member_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id),
  CONSTRAINT fk_draw_member_acceptance_id FOREIGN KEY(acceptance_id) REFERENCES acceptance (id)
);
create table supervision_plan (
  id UUID NOT NULL,
  organ_id UUID NOT NULL,
  organ_name VARCHAR(80) NOT NULL,
  title VARCHAR(120) NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  assessed INTEGER NOT NULL,
  weights JSONB NOT NULL,
  draw_id UUID,
  made_by_name VARCHAR(40) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_supervision_plan PRIMARY KEY (id),
  CONSTRAINT ck_supervision_plan_period CHECK (starts_on <= ends_on),
  CONSTRAINT fk_supervision_plan_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_supervision_plan_draw_id FOREIGN KEY(draw_id) REFERENCES draw (id)
);
create INDEX ix_supervision_plan_organ_id_id ON supervision_plan (organ_id, id);
create table planned_visit (
  id UUID NOT NULL,
  plan_id UUID NOT NULL,
  organ_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  district VARCHAR(6) NOT NULL,
  chosen_by VARCHAR(8) NOT NULL,
  score NUMERIC(5, 1) NOT NULL,
  working JSONB NOT NULL,
  place SMALLINT NOT NULL,
  due_on DATE NOT NULL,
  status VARCHAR(10) DEFAULT 'planned' NOT NULL,
  done_on DATE,
  visited_by VARCHAR(120) DEFAULT '' NOT NULL,
  findings TEXT DEFAULT '' NOT NULL,
  ended_note VARCHAR(400) DEFAULT '' NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_planned_visit PRIMARY KEY (id),
  CONSTRAINT ck_planned_visit_status CHECK (status in ('planned', 'done', 'closed', 'cancelled')),
  CONSTRAINT ck_planned_visit_chosen_by CHECK (chosen_by in ('risk', 'draw')),
  CONSTRAINT ck_planned_visit_done CHECK (status in ('planned', 'cancelled') or done_on is not null),
  CONSTRAINT fk_planned_visit_plan_id FOREIGN KEY(plan_id) REFERENCES supervision_plan (id),
  CONSTRAINT fk_planned_visit_organ_id FOREIGN KEY(organ_id) REFERENCES organ (id),
  CONSTRAINT fk_planned_visit_unit_id FOREIGN KEY(unit_id) REFERENCES unit (id)
);
create INDEX ix_planned_visit_owed ON planned_visit (organ_id, due_on) WHERE status = 'planned';
create INDEX ix_planned_visit_unit_id ON planned_visit (unit_id);
create UNIQUE INDEX uq_planned_visit_plan_id_unit_id ON planned_visit (plan_id, unit_id);
"""

# What was committed to stays, whoever asks: a draw changes once, from committed to revealed, and is never deleted.
KEEP = """
create function portal_keep_draw() returns trigger language plpgsql as $$
begin
  if old.status <> 'committed' or new.status <> 'revealed' then
    raise exception 'a draw is revealed once and never changed' using errcode = 'check_violation';
  end if;
  if row(new.id, new.organ_id, new.organ_name, new.kind, new.title, new.sample_size, new.period_from, new.period_to,
         new.entropy_source, new.entropy_on, new.population, new.population_hash, new.population_size, new.commitment,
         new.committed_on, new.committed_at, new.committed_by_name, new.seed_sealed, new.mask_sealed)
     is distinct from
     row(old.id, old.organ_id, old.organ_name, old.kind, old.title, old.sample_size, old.period_from, old.period_to,
         old.entropy_source, old.entropy_on, old.population, old.population_hash, old.population_size, old.commitment,
         old.committed_on, old.committed_at, old.committed_by_name, old.seed_sealed, old.mask_sealed) then
    raise exception 'what a draw committed to cannot be changed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger draw_keep before update on draw for each row execute function portal_keep_draw();
create trigger draw_stays before delete or truncate on draw for each statement execute function portal_refuse_change();
"""

ORGAN = "organ_id = any ((select portal_scope_organs())::uuid[])"


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(KEEP)
    append_only("draw_member")
    # A draw is published as it stands; its seed and the mask of its pseudonyms are sealed.
    grant("draw", app="select, insert, update")
    grant("draw_member", app="select, insert")
    grant("supervision_plan", app="select, insert")
    grant("planned_visit", app="select, insert, update")
    for table in ("draw_member", "supervision_plan", "planned_visit"):
        guard_rows(table, unit=None, district=None, extra=ORGAN)


def downgrade() -> None:
    for table in ("planned_visit", "supervision_plan", "draw_member", "draw"):
        op.drop_table(table)
    op.execute("drop function portal_keep_draw()")
