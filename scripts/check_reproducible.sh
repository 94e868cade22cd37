#!/usr/bin/env bash
# Builds the library twice, from two folders of different name and depth and with two target folders, and compares the installed
# libraries byte for byte. KEEP=1 leaves the folders for a look.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
[[ -n ${KEEP:-} ]] || trap 'rm -rf "$work"' EXIT
places=("$work/a" "$work/another/folder/deeper")

# What is known to git, as it is at this moment; a build must not depend on anything else.
git ls-files -z --cached --others --exclude-standard | tar -cf "$work/sources.tar" --null --files-from=-
for place in "${places[@]}"; do
    mkdir -p "$place"
    tar -xf "$work/sources.tar" -C "$place"
    (
        cd "$place"
        unset CARGO_TARGET_DIR
        make --no-print-directory dist-native INSTALL_PROFILE=release >build.log 2>&1 || { cat build.log >&2; exit 1; }
    )
done

status=0
for file in "${places[0]}"/target/dist/*/native/libmsipc.{a,so}; do
    other=${file/#"${places[0]}"/"${places[1]}"}
    if cmp "$file" "$other"; then
        printf 'same: %s  %s\n' "$(sha256sum <"$file" | cut -c1-64)" "$(basename "$file")"
    else
        status=1
    fi
    if strings "$file" | grep -F -e "$work" -e "$HOME/" | head -n 5 | grep .; then
        printf '%s names folders of this machine\n' "$file"
        status=1
    fi
done
exit $status
