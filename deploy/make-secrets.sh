#!/usr/bin/env bash
# Make every secret that compose.yaml needs, once. Existing files are never replaced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077
mkdir -p secrets/fields

once() { # FILE COMMAND...
    local file=secrets/$1
    shift
    [ -e "$file" ] || { "$@" >"$file.partial" && mv "$file.partial" "$file"; }
}

address() { printf 'postgresql+psycopg2://portal_%s:%s@database/portal' "$1" "$(cat "secrets/$1_password")"; }

for role in superuser app map sealer owner; do once "${role}_password" openssl rand -hex 24; done
once database_url address app
for role in map sealer owner; do once "${role}_database_url" address "$role"; done
once session_key openssl rand -hex 32
once scope_key openssl rand -hex 32
once fields/field-k1.key openssl rand -base64 32
once fields/index-k1.key openssl rand -base64 32
once audit_signing_key openssl genpkey -algorithm ed25519
[ -e secrets/audit-public.pem ] || openssl pkey -in secrets/audit_signing_key -pubout -out secrets/audit-public.pem
# The containers run as this user and must read the keys; nobody else may.
chown -R 10001 secrets/fields secrets/*_url secrets/*_key secrets/audit-public.pem 2>/dev/null || echo "run as root so that user 10001 can read the secrets" >&2
find secrets -type f -exec chmod 0400 {} +
