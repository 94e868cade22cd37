# Builds the examples with the installed library: make, or make CC=clang OUT=/tmp/examples.
OUT ?= .
CFLAGS ?= -O2
MSIPC := $(shell pkg-config --cflags --libs msipc)
PROGRAMS := $(patsubst %.c,$(OUT)/%,$(filter-out common.c,$(wildcard *.c)))

all: $(PROGRAMS)

$(OUT)/%: %.c common.c common.h
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(CFLAGS) -o $@ $< common.c $(MSIPC)

clean:
	rm -f $(PROGRAMS)

.PHONY: all clean
