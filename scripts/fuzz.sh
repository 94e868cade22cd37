#!/usr/bin/env bash
# Feeds hostile files to every fuzz target for some time: fuzz.sh SECONDS [TARGET...]
#
# Uses the nightly toolchain with the address sanitizer where it is installed, else the default one without. Seeds come from
# the library itself, tests/vectors and, where they are at hand, the published files in MSIPC_SHARED (../shared). What was
# found goes to target/fuzz/found, and the run fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:?usage: fuzz.sh SECONDS [TARGET...]}
shift
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(pfile office rpmsg pdf license ranges)
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")/fuzz
shared=$(realpath -m "${MSIPC_SHARED:-../shared}")

# What cargo-fuzz passes, so that `cargo fuzz run TARGET` measures the same.
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
flags+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
flags+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Ccodegen-units=1"
toolchain=()
if rustup run nightly rustc --version >/dev/null 2>&1; then
    toolchain=(rustup run nightly)
    flags+=" -Zsanitizer=address"
fi
host=$("${toolchain[@]}" rustc -vV | sed -n 's/^host: //p')

# With --target, build scripts and the like are left without coverage.
RUSTFLAGS=$flags "${toolchain[@]}" cargo build --locked --release --quiet --manifest-path fuzz/Cargo.toml \
    --target "$host" --target-dir "$build" --bins
programs=$build/$host/release
corpus=$build/corpus found=$build/found
mkdir -p "$corpus" "$found"
"$programs/seeds" "$corpus" "$shared/corpus"

# An answer to hostile input takes no more than 64 MiB at once. The time is for a busy machine under the sanitizer.
limits=(-timeout=30 -rss_limit_mb=1024 -malloc_limit_mb=64 -max_len=300000 -print_final_stats=1 -print_funcs=0 -verbosity=0)
for target in "${targets[@]}"; do
    mkdir -p "$corpus/$target"
    log=$build/$target.log
    printf '%-8s %5s seeds, %s s: ' "$target" "$(find "$corpus/$target" -type f | wc -l)" "$seconds"
    if ! "$programs/$target" "${limits[@]}" -max_total_time="$seconds" -artifact_prefix="$found/$target-" \
        "$corpus/$target" >"$log" 2>&1; then
        printf 'found something; see %s and\n' "$found"
        grep -v '^"\|NEW_FUNC' "$log" | grep -m 1 -A 6 'panicked at\|ERROR: ' || true # what was found, before where
        tail -n 12 "$log"
        exit 1
    fi
    awk '/number_of_executed_units/ {runs = $2} /peak_rss_mb/ {peak = $2} END {printf "%d runs, %d MiB, nothing found\n", runs, peak}' "$log"
done
