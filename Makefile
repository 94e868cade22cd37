# Everything a contributor or a CI machine types. `make help` lists it.
#
# Honoured: CARGO_TARGET_DIR, CC, CXX, PROFILE (dev or release; the library that C programs use), and
#   MSIPC_VECTORS   folder of test vectors for check-vectors        (default tests/vectors)
#   MSIPC_SHARED    folder with corpus, vectors and ABI kit          (default ../shared)
#   MSIPC_WITHOUT   "valgrind mingw abigail": leave out checks that need them

CARGO ?= cargo
PYTHON ?= python3
# CC and CXX are not exported from here: build scripts of dependencies run again when CC changes, so a plain `cargo build`
# and this file must agree. What the environment or the command line sets is passed on as it is.
# Python must leave nothing in the tree.
export PYTHONDONTWRITEBYTECODE := 1

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# One profile serves demo and checks, so that dependencies are built once.
PROFILE ?= dev
PROFILE_DIR := $(TARGET)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
# Copies, because a later build with other features replaces the library in the profile's folder.
NATIVE := $(TARGET)/c/native
UTF16 := $(TARGET)/c/utf16
# Lets tests set the time; never installed.
CLOCK := $(TARGET)/c/clock
LIBRARY := $(NATIVE)/libmsipc.so
WINDOWS := $(TARGET)/c/windows
# Libraries that a sanitizer watches, and their programs.
ASAN := $(TARGET)/asan
TSAN := $(TARGET)/tsan
# Unit tests with several threads, and those of what threads share.
THREADED_MODULES := ffi:: store:: client:: base:: authority::audit cipher::share file::pfile::tests::handles file::pfile::tests::sequential

DOCUMENT := c-examples/data/tidal-report.docx
SHARED := $(abspath $(or $(MSIPC_SHARED),../shared))
DENY_VERSION := 0.20.2
MUTANTS_VERSION := 27.1.0
TOOLS := $(TARGET)/tools
SOAK_ROUNDS ?= 200
FUZZ_SECONDS ?= 1800

# Without the store, so no more than a compiler for C is needed there; the cryptographic library builds without cmake.
AARCH64 := aarch64-unknown-linux-gnu
ON_AARCH64 := CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"

without = $(filter $(1),$(MSIPC_WITHOUT))
C_FOLDERS := ffi-tests c-examples
# Programs that hold the worked cases of docs/how-rights-are-decided.md.
POLICY_PROGRAMS := test_rights,test_worked_cases_clock,test_use_license_clock,test_decisions_clock,test_tracking,test_templates,test_republish,test_publishing,test_directory,test_ready_made
RUN_C = $(PYTHON) scripts/run_c_programs.py

.NOTPARALLEL:
.SUFFIXES:
.DEFAULT_GOAL := help
.PHONY: site check-site bench bench-scale soak soak-store soak-keys ct-check mutants check-aarch64 windows check-windows check-windows-rust check-i686 help setup setup-windows build abi headers demo examples fuzz fuzz-short library library-utf16 library-clock check check-rust check-policy check-vectors \
        check-headers check-abi check-c check-valgrind check-sanitizers check-asan check-tsan check-tsan-rust check-miri check-corpus check-shared lint deny clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install olefile, valgrind, mingw-w64 and abigail-tools where they are missing
	@scripts/setup.sh

setup-windows: ## install mingw-w64, nasm, wine and Rust's library for Windows, where they are missing
	@scripts/setup.sh windows

build: ## build the library for use: libmsipc.so and libmsipc.a, optimized
	$(WITHOUT_PATHS) $(CARGO) build --locked --release
	@echo "built $(TARGET)/release/libmsipc.so; headers are in include/"

abi: ## write tests/abi/msipc.abi anew after functions or types were added; refuses what breaks programs
	$(PYTHON) scripts/abi.py --update

headers: ## write include/msipc.h and include/msipc_ext.h anew from src/ffi
	scripts/headers.sh

demo: library ## protect a real document and open it as three accounts
	@test -f c-examples/demo.c || { echo "c-examples/demo.c is missing"; exit 1; }
	$(CC) -o $(NATIVE)/demo $(wildcard c-examples/demo.c c-examples/common.c) -Iinclude -L$(NATIVE) -Wl,-rpath,$(NATIVE) -lmsipc
	@rm -rf $(TARGET)/demo && mkdir -p $(TARGET)/demo
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && cd $(TARGET)/demo && \
	    env -u MSIPC_IDENTITY MSIPC_HOME="$$home" $(NATIVE)/demo $(abspath $(DOCUMENT))

examples: library ## build the example programs into target/examples: ipcprotect protects, opens and inspects files
	@mkdir -p $(TARGET)/examples
	@set -e; for source in $(filter-out c-examples/common.c,$(wildcard c-examples/*.c)); do \
	    program=$(TARGET)/examples/$$(basename $$source .c); \
	    $(CC) -std=c11 -O1 -g -D_POSIX_C_SOURCE=200809L -Iinclude -o $$program $$source c-examples/common.c \
	        -L$(NATIVE) -Wl,-rpath,$(NATIVE) -lmsipc; \
	    echo "built $$program"; \
	done

check: setup check-shared check-policy check-rust check-vectors check-headers check-abi check-valgrind check-c ## everything but lint, deny and corpus

check-rust: ## Rust tests, and those of the library itself once more with 16-bit strings and without default features
	$(CARGO) test --locked
	$(CARGO) test --locked --features utf16 --lib
	$(CARGO) test --locked --no-default-features --lib

check-policy: library library-clock ## who may do what and when: the decision and its worked cases, one line per case
	$(CARGO) test --locked --lib -- policy:: worked_cases revo authority::admin
	$(CARGO) test --locked --test one_decision
	$(RUN_C) --cases --only $(POLICY_PROGRAMS) --library $(LIBRARY) --library-clock $(CLOCK)/libmsipc.so --out $(NATIVE)/programs-policy ffi-tests

check-vectors: ## vectors of ciphers and licenses, from tests/vectors or MSIPC_VECTORS
	$(CARGO) test --locked --test 'vectors*' -- --nocapture

check-headers: ## generated headers are fresh, and compile in every supported way
	scripts/headers.sh --check
	$(PYTHON) scripts/check_headers.py

check-abi: library ## layouts, values, prototypes and exports against tests/abi/msipc.json; versions and types against msipc.abi
	$(PYTHON) scripts/check_interface.py --library $(LIBRARY)
	@$(MAKE) --no-print-directory dist-native INSTALL_PROFILE=$(PROFILE)
	$(PYTHON) scripts/abi.py --prove --library $(TARGET)/dist/$(PROFILE)/native/libmsipc.so

check-c: library library-utf16 library-clock ## C and C++ programs of ffi-tests and c-examples
	$(RUN_C) --library $(LIBRARY) --library-utf16 $(UTF16)/libmsipc.so --library-clock $(CLOCK)/libmsipc.so --document $(DOCUMENT) --out $(NATIVE)/programs $(C_FOLDERS)

check-valgrind: library library-clock ## the same programs under valgrind: no error, no leak
ifneq ($(call without,valgrind),)
	@echo "check-valgrind: left out (MSIPC_WITHOUT)"
else
	$(RUN_C) --library $(LIBRARY) --library-clock $(CLOCK)/libmsipc.so --document $(DOCUMENT) --out $(NATIVE)/programs-valgrind --valgrind $(C_FOLDERS)
endif

check-sanitizers: check-asan check-tsan check-tsan-rust check-miri ## the next four

# Without a nightly toolchain the library is that of every day, and what it does with memory is seen at the allocator alone.
check-asan: ## the C and C++ programs, and the library, with the address, leak and undefined behavior sanitizers
	@scripts/sanitized_library.sh address $(ASAN); status=$$?; \
	if [ $$status = 0 ]; then \
	    $(RUN_C) --sanitize address,undefined --runtime $(ASAN)/runtime.a --library $(ASAN)/libmsipc.so \
	        --library-clock $(ASAN)/libmsipc.so --document $(DOCUMENT) --out $(ASAN)/programs ffi-tests/sanitizers $(C_FOLDERS); \
	elif [ $$status = 3 ]; then \
	    echo "check-asan: only the programs and the allocator are watched" && $(MAKE) --no-print-directory library library-clock && \
	    $(RUN_C) --sanitize address,undefined --library $(LIBRARY) --library-clock $(CLOCK)/libmsipc.so \
	        --document $(DOCUMENT) --out $(NATIVE)/programs-asan $(C_FOLDERS); \
	else exit $$status; fi

check-tsan: ## C and C++ programs with several threads, and the library, with the thread sanitizer (a nightly toolchain)
	scripts/sanitized_library.sh thread $(TSAN)
	$(RUN_C) --sanitize thread --threaded --runtime $(TSAN)/runtime.a --library $(TSAN)/libmsipc.so \
	    --library-clock $(TSAN)/libmsipc.so --document $(DOCUMENT) --out $(TSAN)/programs ffi-tests/sanitizers $(C_FOLDERS)

check-tsan-rust: ## unit tests of what threads share with the thread sanitizer (a nightly toolchain)
	scripts/sanitized_library.sh thread $(TSAN) $(THREADED_MODULES)

check-miri: ## handles, memory and arguments of the C layer under Miri (a nightly toolchain; three minutes)
	@rustup run nightly cargo miri --version >/dev/null 2>&1 || rustup component add --toolchain nightly miri rust-src
	MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-permissive-provenance -Zmiri-ignore-leaks" rustup run nightly \
	    cargo miri test --locked --lib --target-dir $(TARGET)/miri -- ffi::handles ffi::memory ffi::args ffi::wide ffi::out

check-corpus: ## published files and licenses beside the clone (MSIPC_SHARED, else ../shared)
	@test -d "$(SHARED)/corpus" || { echo "check-corpus: no corpus in $(SHARED); set MSIPC_SHARED"; exit 1; }
	MSIPC_SHARED="$(SHARED)" MSIPC_CORPUS_REQUIRED=1 $(CARGO) test --locked --test 'corpus*' -- --include-ignored --nocapture

check-aarch64: ## ciphers and their vectors on aarch64, under qemu-user (rustup target, gcc-aarch64-linux-gnu, qemu-user)
	@command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null || \
	    { echo "check-aarch64: needs qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"; exit 1; }
	@test -d "$$(rustc --print sysroot)/lib/rustlib/$(AARCH64)" || rustup target add $(AARCH64)
	$(ON_AARCH64) $(CARGO) test --locked --target $(AARCH64) --no-default-features --lib -- cipher:: crypto:: xrml::text
	$(ON_AARCH64) $(CARGO) test --locked --target $(AARCH64) --no-default-features --test vectors_cipher -- --nocapture

site: ## the documentation as static pages: target/site/index.html
	@scripts/setup.sh site
	$(PYTHON) scripts/site.py --out $(TARGET)/site

check-site: site ## what the documentation shows compiles, names and links lead somewhere
	$(PYTHON) scripts/check_site.py --site $(TARGET)/site $(addprefix --library ,$(wildcard $(LIBRARY)))

check-shared: ## copies of vectors and ABI kit equal the originals, where these are at hand
	$(PYTHON) scripts/check_shared.py

lint: ## formatting, and clippy with warnings as errors in every flavour
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets --features utf16,test-clock -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --quiet
	$(CARGO) fmt --check --manifest-path bench/Cargo.toml
	$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml
	$(CARGO) clippy --locked --release --manifest-path bench/Cargo.toml --target-dir $(TARGET) --all-targets -- -D warnings

deny: ## licenses, sources and duplicates of the dependencies
	@command -v cargo-deny >/dev/null || test -x $(TOOLS)/bin/cargo-deny || \
	    $(CARGO) install --quiet --locked --debug --root $(TOOLS) --version $(DENY_VERSION) cargo-deny
	PATH="$$PATH:$(TOOLS)/bin" $(CARGO) deny --locked check bans licenses sources

library:
	$(CARGO) build --locked --profile $(PROFILE) --lib
	@mkdir -p $(NATIVE) && install $(PROFILE_DIR)/libmsipc.so $(NATIVE)/

library-utf16:
ifneq ($(wildcard ffi-tests/*_utf16.c*),)
	$(CARGO) build --locked --profile $(PROFILE) --lib --features utf16
	@mkdir -p $(UTF16) && install $(PROFILE_DIR)/libmsipc.so $(UTF16)/
endif

library-clock:
	$(CARGO) build --locked --profile $(PROFILE) --lib --features test-clock
	@mkdir -p $(CLOCK) && install $(PROFILE_DIR)/libmsipc.so $(CLOCK)/

soak: soak-store soak-keys ## both of the next

soak-store: library ## kill processes that work on one store, SOAK_ROUNDS times (default 200), and let many work at once
	SOAK_ROUNDS=$(SOAK_ROUNDS) $(RUN_C) --cases --only test_soak --seconds 86400 --library $(LIBRARY) --out $(NATIVE)/programs ffi-tests

bench: ## measure beside OpenSSL, ring and aws-lc; writes target/bench.json (BENCH='--path aesni' for another path)
	$(CARGO) build --locked --release
	$(CARGO) build --locked --release --manifest-path bench/Cargo.toml --target-dir $(TARGET)
	$(TARGET)/release/bench --json $(TARGET)/bench.json --library $(TARGET)/release/libmsipc.so $(BENCH)

fuzz: ## hostile files for each container and for licenses: FUZZ_SECONDS a target (default 1800), or FUZZ_TARGETS='pdf rpmsg'
	scripts/fuzz.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz-short: ## the same, a minute each
	scripts/fuzz.sh 60 $(FUZZ_TARGETS)

bench-scale: ## measure a large store beside an empty one; writes target/bench-scale.json
	$(CARGO) build --locked --release --manifest-path bench/Cargo.toml --target-dir $(TARGET) --bin bench-scale
	$(TARGET)/release/bench-scale --json $(TARGET)/bench-scale.json $(BENCH)

soak-keys: ## open and close ten million keys: memory stays flat, no handle comes back (half a minute; SOAK=1000000 for fewer)
	$(CARGO) build --locked --release --manifest-path bench/Cargo.toml --target-dir $(TARGET)
	$(TARGET)/release/bench --only memory --soak $(or $(SOAK),10000000) --strict

ct-check: ## statistical test that refusals take the same time whatever was wrong (CT_MEASUREMENTS, a million each)
	$(CARGO) build --locked --release --manifest-path bench/Cargo.toml --target-dir $(TARGET)
	$(TARGET)/release/ct-check $(CT_MEASUREMENTS)

# The tree is copied into the target folder, without the C layer, which the decision does not need.
mutants: ## mutation testing of the decision (about fifteen minutes); every survivor is a test that is missing
	@command -v cargo-mutants >/dev/null || test -x $(TOOLS)/bin/cargo-mutants || \
	    $(CARGO) install --quiet --locked --root $(TOOLS) --version $(MUTANTS_VERSION) cargo-mutants
	@mkdir -p $(TARGET)/mutants-tmp
	PATH="$$PATH:$(TOOLS)/bin" TMPDIR=$(TARGET)/mutants-tmp CARGO_TARGET_DIR=$(TARGET)/mutants CARGO_PROFILE_DEV_DEBUG=0 \
	    $(CARGO) mutants --file src/policy/evaluate.rs --no-shuffle --output $(TARGET) --cargo-arg=--no-default-features --cargo-arg=--lib -- policy::

windows: ## build msipc.dll for 64-bit Windows, optimized, with its import libraries, into target/windows
	@scripts/setup.sh windows-build
	$(WITHOUT_PATHS) scripts/windows.py --profile release --without-paths --out $(TARGET)/windows

check-windows: ## the C and C++ programs under wine: linked, delay-loaded, by LoadLibrary (two minutes, two more to build the first time)
	@scripts/setup.sh windows
	scripts/windows.py --profile $(PROFILE) --out $(WINDOWS)/library
	scripts/windows.py --profile $(PROFILE) --out $(WINDOWS)/clock --features test-clock --export IpcxTestSetTime
	scripts/check_windows.py --library $(WINDOWS)/library --library-clock $(WINDOWS)/clock --out $(WINDOWS)/programs

check-windows-rust: ## the Rust tests of the library under wine
	@scripts/setup.sh windows
	scripts/check_windows.py --rust --out $(WINDOWS)/rust

# Nothing of it runs, so the code in C is compiled as fast as can be.
check-i686: ## the library compiles for 32-bit Windows
	@scripts/setup.sh windows
	@test -d "$$(rustc --print sysroot)/lib/rustlib/i686-pc-windows-gnu/lib" || \
	    { echo "check-i686: needs Rust's library for i686-pc-windows-gnu (rustup target add)"; exit 1; }
	$(CARGO) check --locked --lib --target i686-pc-windows-gnu --config 'profile.dev.package."*".opt-level=0'

include package/package.mk

clean: ## remove everything that was built
	$(CARGO) clean
