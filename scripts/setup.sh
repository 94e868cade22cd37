#!/usr/bin/env bash
# Installs what `make check` needs beside Rust, a C and C++ compiler, make and python3: olefile for Python, valgrind,
# mingw-w64 and abigail-tools.
# As root, or where sudo asks for no password, missing ones are installed from the system's packages; otherwise this
# prints what to install and fails. MSIPC_WITHOUT="valgrind mingw abigail" leaves out the checks that need them.
#
# setup.sh install|deb|mono|site installs what that target needs instead: pkg-config and cmake, lintian and dpkg-dev, mono, or
# Markdown for Python. setup.sh windows installs mingw-w64, nasm, wine and Rust's library for Windows; windows-build leaves
# wine and 32 bits out. Where rustup cannot be used, Debian's rustc-web, cargo-web and rust-web-src hold the sources of that library, and cargo
# builds it: see the message of scripts/windows.py.
set -euo pipefail

without=" ${MSIPC_WITHOUT:-} "
failed=0

for word in ${MSIPC_WITHOUT:-}; do
    case $word in
    valgrind | mingw | abigail) ;;
    *) echo "setup: MSIPC_WITHOUT knows 'valgrind', 'mingw' and 'abigail', not '$word'" >&2; exit 2 ;;
    esac
done

has() { command -v "$1" >/dev/null 2>&1; }

# CC and CXX may carry arguments, as in "ccache gcc".
first_word() { set -- $1; echo "${1:-}"; }

need() { # command, what to do about it
    if ! has "$1"; then
        echo "setup: $1 is missing: $2" >&2
        failed=1
    fi
}

need cargo "install Rust 1.89 or newer"
need "$(first_word "${CC:-cc}")" "install a C compiler (Debian: build-essential)"
need "$(first_word "${CXX:-c++}")" "install a C++ compiler (Debian: build-essential)"
need python3 "install Python 3.8 or newer"

# The checks of Office containers and the documentation take the interpreter in the path or the system's, whichever has it.
has_module() { python3 -c "import $1" 2>/dev/null || /usr/bin/python3 -c "import $1" 2>/dev/null; }

packages=()
for_checks() {
    if [[ $without == *" valgrind "* ]]; then
        echo "setup: MSIPC_WITHOUT: memory checks under valgrind are left out"
    elif ! has valgrind; then
        packages+=(valgrind libc6-dbg)
    fi
    if [[ $without == *" mingw "* ]]; then
        echo "setup: MSIPC_WITHOUT: header checks with mingw-w64 are left out"
    else
        has x86_64-w64-mingw32-gcc || packages+=(gcc-mingw-w64-x86-64)
        has x86_64-w64-mingw32-g++ || packages+=(g++-mingw-w64-x86-64)
    fi
    if [[ $without == *" abigail "* ]]; then
        echo "setup: MSIPC_WITHOUT: the comparison with tests/abi/msipc.abi is left out"
    elif ! has abidw; then
        packages+=(abigail-tools)
    fi
    has_module olefile || packages+=(python3-olefile)
}

case ${1:-check} in
check) for_checks ;;
install)
    has pkg-config || packages+=(pkg-config)
    has cmake || packages+=(cmake)
    ;;
deb)
    has dpkg-shlibdeps || packages+=(dpkg-dev)
    has lintian || packages+=(lintian)
    has pkg-config || packages+=(pkg-config)
    ;;
mono) has mcs && has mono || packages+=(mono-mcs mono-runtime) ;;
windows | windows-build)
    has x86_64-w64-mingw32-gcc-posix || packages+=(gcc-mingw-w64-x86-64)
    has x86_64-w64-mingw32-g++-posix || packages+=(g++-mingw-w64-x86-64)
    has nasm || packages+=(nasm)
    if [[ $1 == windows ]]; then
        has i686-w64-mingw32-gcc || packages+=(gcc-mingw-w64-i686)
        [[ -x /usr/lib/wine/wine64 ]] || has wine || packages+=(wine64)
    fi
    ;;
site) has_module markdown || packages+=(python3-markdown) ;;
*) echo "setup: check, install, deb, mono, site, windows or windows-build, not '$1'" >&2; exit 2 ;;
esac

retry() { # mirrors and the package database's lock are busy at times
    local attempt
    for attempt in 1 2 3 4 5; do
        "$@" && return 0
        echo "setup: attempt $attempt failed: $*" >&2
        sleep $((attempt * 3))
    done
    return 1
}

if ((${#packages[@]} && !failed)); then
    as_root=()
    if (($(id -u) != 0)); then as_root=(sudo -n); fi
    if has apt-get && { (($(id -u) == 0)) || { has sudo && sudo -n true 2>/dev/null; }; }; then
        echo "setup: installing ${packages[*]}"
        export DEBIAN_FRONTEND=noninteractive
        log=$(mktemp)
        trap 'rm -f "$log"' EXIT
        if ! { retry "${as_root[@]}" apt-get -q update &&
            retry "${as_root[@]}" apt-get -qy --no-install-recommends install "${packages[@]}"; } >"$log" 2>&1; then
            cat "$log" >&2
            echo "setup: could not install ${packages[*]}" >&2
            failed=1
        fi
    else
        {
            echo "setup: missing: ${packages[*]}"
            echo "setup: install them (Debian: apt-get install ${packages[*]}),"
            echo "setup: or leave the checks that need them out: MSIPC_WITHOUT=\"valgrind mingw abigail\" make check"
        } >&2
        failed=1
    fi
fi

targets=()
case ${1:-} in
windows) targets=(x86_64-pc-windows-gnu i686-pc-windows-gnu) ;;
windows-build) targets=(x86_64-pc-windows-gnu) ;;
esac
for target in ${targets[@]+"${targets[@]}"}; do # empty, older shells call it unset
    if has rustup && [[ ! -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]]; then
        retry rustup target add "$target" || failed=1
    fi
done
exit $failed
