#!/bin/sh
# Builds the generated headers and copies them to include/; with --check compares instead and fails on a difference.
set -eu
cd "$(dirname "$0")/.."
out=$(cargo check --lib --message-format=json "${CARGO_LOCKED:---locked}" 2>/dev/null |
    python3 -c 'import json, sys
found = ""
for line in sys.stdin:
    message = json.loads(line)
    if message.get("reason") == "build-script-executed":
        found = dict(message["env"]).get("MSIPC_HEADERS", found)
print(found)')
[ -n "$out" ] || { echo "headers: the library does not build, see cargo check" >&2; exit 1; }
status=0
for header in msipc.h msipc_ext.h; do
    if [ "${1:-}" = --check ]; then
        diff -u "include/$header" "$out/$header" || status=1
    else
        cp "$out/$header" "include/$header"
    fi
done
[ "$status" = 0 ] || echo "headers: include/ is not what src/ffi says; run make headers" >&2
exit "$status"
