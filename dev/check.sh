#!/usr/bin/env bash
# Everything that needs no running portal: lint, format, types, import contracts, templates, translations, documents.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.venv/bin:$PATH"

failed=()
check() { # NAME COMMAND...
    local name=$1 log
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        printf '  ok    %s\n' "$name"
    else
        printf '  FAIL  %s\n' "$name"
        tail -n 60 "$log"
        failed+=("$name")
    fi
    rm -f "$log"
}

check lint ruff check .
check format ruff format --check .
check types mypy
check imports lint-imports
check templates djlint --quiet --lint portal
check messages python dev/messages.py --check
check requirements python dev/requirements.py --check

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nfailed: %s\n' "${failed[*]}" >&2
    exit 1
fi
