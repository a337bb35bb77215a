#!/bin/bash
# Runs once, when the database container makes its cluster, after bootstrap.sql created the roles.
set -euo pipefail
for role in app map sealer owner; do
    psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
        --set=password="$(cat "/run/secrets/${role}_password")" <<SQL
alter role portal_${role} login password :'password';
SQL
done
