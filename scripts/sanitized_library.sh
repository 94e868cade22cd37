#!/usr/bin/env bash
# Builds the library with a sanitizer on all that is in it: the Rust code, Rust's standard library, SQLite and the C part of the
# cryptographic library. (The assembler parts of the latter are as they are.)
#
#   sanitized_library.sh address|thread FOLDER
#
# Writes FOLDER/libmsipc.so, which lets tests set the time, so that one build serves all programs, and FOLDER/runtime.a, the runtime
# that programs must carry to load it. Needs rustup with a nightly toolchain, and installs the sources of the standard library where
# they are missing; without a nightly toolchain it says so and ends with status 3.
#
# With names after the folder it runs the unit tests whose names contain one of them instead, instrumented in the same way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sanitizer=$1 folder=$2
shift 2
case $sanitizer in
address) runtime=asan ;;
thread) runtime=tsan ;;
*) echo "sanitized_library: address or thread, not '$sanitizer'" >&2; exit 2 ;;
esac

if ! libraries=$(rustup run nightly rustc --print target-libdir 2>/dev/null); then
    echo "sanitized_library: needs a nightly toolchain (rustup toolchain install nightly --component rust-src)" >&2
    exit 3
fi
[[ -d $(rustup run nightly rustc --print sysroot)/lib/rustlib/src/rust/library ]] || rustup component add --toolchain nightly rust-src
host=$(rustup run nightly rustc -vV | sed -n 's/^host: //p')

# Programs that cargo builds for itself are for the host and stay as they are: flags of a target that is named are not theirs.
unset CARGO_ENCODED_RUSTFLAGS
export RUSTFLAGS="-Zsanitizer=$sanitizer"
export "CFLAGS_${host//-/_}=-fsanitize=$sanitizer"
# Dependencies are optimized no more than the library, which halves the time that they take to build.
instrumented=(--locked --lib -Zbuild-std --target "$host" --target-dir "$folder/build" --config 'profile.dev.package."*".opt-level=1')

if (($#)); then
    # Where nothing of LLVM is at hand, addr2line tells places in the source.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-allow_addr2line=1} TSAN_OPTIONS=${TSAN_OPTIONS:-allow_addr2line=1}
    exec rustup run nightly cargo test "${instrumented[@]}" -- "$@"
fi

rustup run nightly cargo build "${instrumented[@]}" --features test-clock
install "$folder/build/$host/debug/libmsipc.so" "$folder/"
install -m 644 "$libraries"/librustc*_rt."$runtime".a "$folder/runtime.a"
