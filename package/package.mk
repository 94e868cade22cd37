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
# Where the system's linker looks by itself, programs need no path.
RPATH = -Wl,-rpath,'$$ORIGIN/../$(LIBDIR)'
TOOLS_RPATH = $(if $(filter-out /usr /usr/local,$(PREFIX)),$(RPATH))
INSTALL = $(PYTHON) scripts/install.py --dist $(DIST) --prefix "$(PREFIX)" --libdir "$(LIBDIR)" --destdir "$(DESTDIR)"

.PHONY: dist dist-native dist-utf16 install uninstall

dist: $(addprefix dist-,$(FLAVOURS)) ## build what is installed, into target/dist
	$(PYTHON) scripts/man_pages.py --out $(DIST)/man

dist-native:
	$(CARGO) build --locked --profile $(INSTALL_PROFILE) --lib
	$(PYTHON) scripts/link_library.py --archive $(INSTALL_DIR)/libmsipc.a --name msipc --out $(DIST)/native
	@mkdir -p $(DIST)/bin
	$(CC) -std=c11 -O2 -s -D_POSIX_C_SOURCE=200809L -Iinclude -o $(DIST)/bin/ipcprotect c-examples/ipcprotect.c c-examples/common.c \
	    -L$(DIST)/native -lmsipc $(TOOLS_RPATH)

dist-utf16:
	$(CARGO) build --locked --profile $(INSTALL_PROFILE) --lib --features utf16
	$(PYTHON) scripts/link_library.py --archive $(INSTALL_DIR)/libmsipc.a --name msipc16 --out $(DIST)/utf16

# Where there is no cargo, as for root under sudo, what was built before is installed.
install: ## install below PREFIX (default /usr/local); DESTDIR, LIBDIR and FLAVOURS="native utf16" are honoured
	@if command -v $(firstword $(CARGO)) >/dev/null; then $(MAKE) --no-print-directory dist; fi
	$(INSTALL) --flavours "$(FLAVOURS)"

uninstall: ## remove what install has put below PREFIX
	$(INSTALL) --flavours "native utf16" --uninstall
