-- What only a superuser (or a managed database's administrator) can do; a second run changes nothing.
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    return;  -- prepared beforehand: see deploy/
  end if;
  if not exists (select from pg_roles where rolname = 'portal_owner') then create role portal_owner login; end if;
  if not exists (select from pg_roles where rolname = 'portal_app') then create role portal_app login; end if;
  if not exists (select from pg_roles where rolname = 'portal_map') then create role portal_map login; end if;
  if not exists (select from pg_roles where rolname = 'portal_sealer') then create role portal_sealer login; end if;
  create extension if not exists postgis;
  create extension if not exists pg_trgm;
  create extension if not exists btree_gist;
  create extension if not exists pgcrypto;
  create extension if not exists bloom;
  grant create, usage on schema public to portal_owner;
  grant usage on schema public to portal_app, portal_map, portal_sealer;
  execute format('grant create on database %I to portal_owner', current_database());
exception when duplicate_object then
  null;  -- two databases of one cluster were prepared at the same moment
end
$$;
