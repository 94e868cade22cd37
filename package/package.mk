# Installing, packages and what is checked about them; part of the Makefile.
#
# Honoured: PREFIX, LIBDIR (below it), DESTDIR, FLAVOURS ("native utf16" for both widths of text) and INSTALL_PROFILE
# (release, or dev, which checks use so that nothing is built twice).

PREFIX ?= /usr/local
LIBDIR ?= lib
FLAVOURS ?= native
INSTALL_PROFILE ?= release
INSTALL_DIR := $(TARGET)/$(if $(filter dev,$(INSTALL_PROFILE)),debug,$(INSTALL_PROFILE))
DIST := $(TARGET)/dist/$(INSTALL_PROFILE)
# What is built for others names no folder of this machine, and is the same wherever it is built.
CARGO_HOME_DIR := $(or $(CARGO_HOME),$(HOME)/.cargo)
WITHOUT_PATHS := RUSTFLAGS="$(strip $(RUSTFLAGS) --remap-path-prefix=$(CARGO_HOME_DIR)=/cargo --remap-path-prefix=$(CURDIR)=/msipc)"
ON_INSTALL := $(if $(filter release,$(INSTALL_PROFILE)),$(WITHOUT_PATHS))
# Where the system's linker looks by itself, programs need no path.
TOOLS_FLAGS = -std=c11 -O2 -s -D_POSIX_C_SOURCE=200809L -D_FORTIFY_SOURCE=2 -fstack-protector-strong -Wl,-z,relro,-z,now
RPATH = -Wl,-rpath,'$$ORIGIN/../$(LIBDIR)'
TOOLS_RPATH = $(if $(filter-out /usr /usr/local,$(PREFIX)),$(RPATH))
INSTALL = $(PYTHON) scripts/install.py --dist $(DIST) --prefix "$(PREFIX)" --libdir "$(LIBDIR)" --destdir "$(DESTDIR)"

.PHONY: dist dist-native dist-utf16 install uninstall check-utf16 check-mono check-install deb check-deb sbom check-sbom check-msrv check-reproducible

dist: $(addprefix dist-,$(FLAVOURS)) ## build what is installed, into target/dist
	$(PYTHON) scripts/man_pages.py --out $(DIST)/man

dist-native:
	$(ON_INSTALL) $(CARGO) build --locked --profile $(INSTALL_PROFILE) --lib
	$(PYTHON) scripts/link_library.py --archive $(INSTALL_DIR)/libmsipc.a --name msipc --out $(DIST)/native
	@mkdir -p $(DIST)/bin
	$(CC) $(TOOLS_FLAGS) -Iinclude -o $(DIST)/bin/ipcprotect c-examples/ipcprotect.c c-examples/common.c \
	    -L$(DIST)/native -lmsipc $(TOOLS_RPATH)

dist-utf16:
	$(ON_INSTALL) $(CARGO) build --locked --profile $(INSTALL_PROFILE) --lib --features utf16
	$(PYTHON) scripts/link_library.py --archive $(INSTALL_DIR)/libmsipc.a --name msipc16 --out $(DIST)/utf16

# Where there is no cargo, as for root under sudo, what was built before is installed.
install: ## install below PREFIX (default /usr/local); DESTDIR, LIBDIR and FLAVOURS="native utf16" are honoured
	@if command -v $(firstword $(CARGO)) >/dev/null; then $(MAKE) --no-print-directory dist; fi
	$(INSTALL) --flavours "$(FLAVOURS)"

uninstall: ## remove what install has put below PREFIX
	$(INSTALL) --flavours "native utf16" --uninstall

check-utf16: ## exports, and the C and C++ programs with 16-bit text, against the library of that flavour
	@$(MAKE) --no-print-directory dist-utf16 INSTALL_PROFILE=$(PROFILE)
	$(PYTHON) scripts/abi.py --library-utf16 $(TARGET)/dist/$(PROFILE)/utf16/libmsipc16.so
	$(CARGO) build --locked --profile $(PROFILE) --lib --features utf16,test-clock
	@mkdir -p $(CLOCK)16 && install $(PROFILE_DIR)/libmsipc.so $(CLOCK)16/
	$(RUN_C) --wide=-fshort-wchar --library $(TARGET)/dist/$(PROFILE)/utf16/libmsipc16.so --library-clock $(CLOCK)16/libmsipc.so \
	    --out $(UTF16)/programs-short $(C_FOLDERS)
	$(RUN_C) --wide=-DMSIPC_UTF16 --library $(TARGET)/dist/$(PROFILE)/utf16/libmsipc16.so --out $(UTF16)/programs-char16 \
	    --only test_functions,test_rights,test_licenses,test_files.c,test_cpp,test_dlopen ffi-tests

check-mono: ## a managed program on the library with 16-bit text, under Mono
	@scripts/setup.sh mono
	@$(MAKE) --no-print-directory dist-utf16 INSTALL_PROFILE=$(PROFILE)
	@mkdir -p $(TARGET)/mono && cp tests/mono/Rights.exe.config $(TARGET)/mono/
	mcs -nologo -warnaserror -out:$(TARGET)/mono/Rights.exe tests/mono/Rights.cs
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && cd "$$home" && env -u MSIPC_IDENTITY MSIPC_HOME="$$home" \
	    LD_LIBRARY_PATH=$(TARGET)/dist/$(PROFILE)/utf16 LC_ALL=C.UTF-8 mono $(TARGET)/mono/Rights.exe

check-install: ## install, build consumers from the installed files alone, run them, uninstall
	@scripts/setup.sh install
	$(PYTHON) scripts/check_install.py --profile $(PROFILE) --dist $(TARGET)/dist/$(PROFILE)

deb: ## Debian packages into target/deb: libraries, development, tools
	@scripts/setup.sh deb
	@$(MAKE) --no-print-directory dist INSTALL_PROFILE=$(INSTALL_PROFILE) FLAVOURS="native utf16" PREFIX=/usr
	$(PYTHON) scripts/deb.py --dist $(DIST) --out $(TARGET)/deb

check-deb: ## make the packages, ask lintian, build and run consumers from what they unpack
	@scripts/setup.sh install
	@$(MAKE) --no-print-directory deb INSTALL_PROFILE=$(PROFILE)
	$(PYTHON) scripts/deb.py --check $(TARGET)/deb

sbom: ## what the library is made of, as CycloneDX: target/msipc.cdx.json
	$(PYTHON) scripts/sbom.py --out $(TARGET)/msipc.cdx.json

check-sbom: sbom ## the same, compared with Cargo.lock and with what a build compiles
	$(PYTHON) scripts/sbom.py --check $(TARGET)/msipc.cdx.json

check-msrv: ## the oldest Rust that Cargo.toml names is enough
	$(PYTHON) scripts/check_msrv.py

check-reproducible: ## build twice in two folders and compare byte for byte (ten minutes)
	scripts/check_reproducible.sh
