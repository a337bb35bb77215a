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
# Each file belongs to the user that reads it inside its container, and to nobody else: 10001 is ours, 999 is the
# database image's.
if ! { chown -R 10001 secrets/fields secrets/*_url secrets/*_key secrets/audit-public.pem && chown 999 secrets/*_password; }; then
    echo "run as root so that the containers' users can read the secrets" >&2
    exit 1
fi
find secrets -type f -exec chmod 0400 {} +
