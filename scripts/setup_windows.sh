#!/usr/bin/env bash
# Installs what `make windows` and `make check-windows` need beside the tools of scripts/setup.sh: Rust's standard library
# for 64-bit Windows, mingw-w64, nasm, and wine to run programs. With `build` as its argument wine is left out.
#
# Rust's comes from rustup. Where rustup cannot be used, Debian's rustc-web, cargo-web and rust-web-src hold the sources of
# the standard library, and cargo builds it: see the message of scripts/windows.py.
set -euo pipefail

target=x86_64-pc-windows-gnu
has() { command -v "$1" >/dev/null 2>&1; }

packages=()
has x86_64-w64-mingw32-gcc-posix || packages+=(gcc-mingw-w64-x86-64)
has x86_64-w64-mingw32-g++-posix || packages+=(g++-mingw-w64-x86-64)
has nasm || packages+=(nasm)
if [[ ${1:-} != build ]]; then
    has i686-w64-mingw32-gcc || packages+=(gcc-mingw-w64-i686)
    [[ -x /usr/lib/wine/wine64 ]] || has wine || packages+=(wine64)
fi

retry() { # mirrors and the package database's lock are busy at times
    local attempt
    for attempt in 1 2 3 4 5; do
        "$@" && return 0
        echo "setup_windows: attempt $attempt failed: $*" >&2
        sleep $((attempt * 3))
    done
    return 1
}

if ((${#packages[@]})); then
    as_root=()
    if (($(id -u) != 0)); then as_root=(sudo -n); fi
    if ! has apt-get || ! { (($(id -u) == 0)) || { has sudo && sudo -n true 2>/dev/null; }; }; then
        echo "setup_windows: missing: ${packages[*]} (Debian: apt-get install ${packages[*]})" >&2
        exit 1
    fi
    echo "setup_windows: installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! { retry "${as_root[@]}" apt-get -q update &&
        retry "${as_root[@]}" apt-get -qy --no-install-recommends install "${packages[@]}"; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "setup_windows: could not install ${packages[*]}" >&2
        exit 1
    fi
fi

if [[ ! -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]] && has rustup; then
    retry rustup target add "$target"
fi
