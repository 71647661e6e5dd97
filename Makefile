# SPDX-License-Identifier: MIT
#
# mpathfs: see `make help`.
#
# Settings, on the command line or in the environment:
#   BUILD=DIR         where everything built goes (build)
#   SAN=LIST          sanitizers: address,undefined or thread
#   WERROR=1          a warning is an error, as in CI
#   PREFIX, DESTDIR, SBINDIR, MANDIR, SYSCONFDIR   for install
#   PROVE_JOBS=N      tests at once (2)
#   TESTS="FILE ..."  what check or lab runs instead of everything
#   SEEDS=N, SEED=N   how many runs of the simulator, from which seed on
#   TARGET="NAME ..." what fuzz fuzzes instead of all; SECONDS=N each (60)

VERSION := 0.1.0

BUILD ?= build
SAN ?=
WERROR ?=
PROVE_JOBS ?= 2

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/mpathfs
SYSCONFDIR ?= /etc

CC = gcc
AR ?= ar
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

# The libraries; libaio and libsgutils2 have no .pc file.
PKGS := fuse3 inih liburcu-qsbr json-c libudev mount blkid

# No library, no flags: the compiler's error would name a header, so the rule
# that compiles says what to do. (make demo and make check install first and
# build in a second make, which sees what was installed.)
PKGS_FOUND := $(shell $(PKG_CONFIG) --exists $(PKGS) 2>/dev/null && echo yes)
ifeq ($(PKGS_FOUND),yes)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS))
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ifneq ($(WERROR),)
WARN += -Werror
endif

HARDEN := -fstack-protector-strong
ifneq ($(SAN),)
HARDEN += -fsanitize=$(SAN) -fno-omit-frame-pointer \
	  -fno-sanitize-recover=undefined
LINK_SAN := -fsanitize=$(SAN)
# gcc says that TSan does not see fences; those of liburcu are paired with
# atomics that it does see.
ifneq ($(findstring thread,$(SAN)),)
WARN += -Wno-tsan
endif
else
# Only without sanitizers: their interceptors and the fortified calls clash.
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

ALL_CFLAGS := -std=gnu11 -I. -D_GNU_SOURCE -D_LGPL_SOURCE -pthread \
	      -DMPATHFS_VERSION='"$(VERSION)"' $(PKG_CFLAGS) $(WARN) \
	      $(HARDEN) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := -pthread -Wl,-z,relro,-z,now -Wl,--as-needed $(LINK_SAN) \
	       $(LDFLAGS)
LIBS := $(PKG_LIBS) -laio -lsgutils2 -lm

SRCS := $(sort $(wildcard core/*.c fs/*.c selectors/*.c hw/*.c))
OBJS := $(SRCS:%.c=$(BUILD)/%.o)
MAIN := $(BUILD)/fs/main.o
LIB := $(BUILD)/libmpathfs.a
PROG := $(BUILD)/mpathfs

CHECK_SRCS := $(sort $(wildcard tests/unit/*.c tests/conformance/*.c))
CHECK_BINS := $(CHECK_SRCS:%.c=$(BUILD)/%)
TOOL_SRCS := $(sort $(wildcard tests/mount/*.c))
TOOL_BINS := $(TOOL_SRCS:%.c=$(BUILD)/%)
BENCH_SRCS := $(sort $(wildcard tests/bench/*.c))
BENCH_BINS := $(BENCH_SRCS:%.c=$(BUILD)/%)
SIM_SRCS := $(sort $(wildcard tests/sim/*.c))
SIM_OBJS := $(SIM_SRCS:%.c=$(BUILD)/%.o)
SIM := $(BUILD)/tests/sim/sim
SIM_TESTS := $(sort $(wildcard tests/sim/*.t))
SEEDS ?= 1000
SEED ?= 1
FUZZ_REPLAY := $(BUILD)/tests/fuzz/replay.o
FUZZ_NAMES := $(filter-out replay,$(basename $(notdir \
	$(sort $(wildcard tests/fuzz/*.c)))))
FUZZ_BINS := $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/%)
TARGET ?= $(FUZZ_NAMES)
SECONDS ?= 60
STYLE_TESTS := $(sort $(wildcard tests/style/*.sh tests/style/*.t))
MOUNT_TESTS := $(sort $(wildcard tests/mount/*.t))
# In the virtual machine; those of long/ are too long for check. Not with the
# sanitizers: what is emulated is slow enough.
LAB_TESTS := $(if $(SAN),,$(sort $(wildcard tests/lab/*.t)))
LAB_LONG := $(sort $(wildcard tests/lab/long/*.t))
TESTS ?= $(CHECK_BINS) $(FUZZ_BINS) $(SIM_TESTS) $(STYLE_TESTS) \
	 $(MOUNT_TESTS) $(LAB_TESTS)
LAB_RUN := $(BUILD)/lab/run

MAN8 := $(wildcard man/*.8)
MAN5 := $(wildcard man/*.5)
MAN7 := $(wildcard man/*.7)

.PHONY: all deps deps-lab demo demo-stop check check-all check-asan check-tsan \
	lab lab-shell sim fuzz bench mutate style install uninstall clean help \
	tests run-check run-fuzz FORCE

all: $(PROG) ## build the program: BUILD/mpathfs

deps: ## install the packages that are missing (Debian, as root)
	@.ci/deps build demo test lab

deps-lab: ## those of the lab alone
	@.ci/deps build demo lab

demo: ## build, make two volumes of two paths each, mount at /mnt/mpath
	@.ci/deps build demo
	@$(MAKE) --no-print-directory all
	@MPATHFS=$(PROG) tests/demo.sh start

demo-stop: ## take away all that `make demo` made
	@tests/demo.sh stop

check: ## build and run all tests (as root: those on loop devices too)
	@.ci/deps build demo test $(if $(SAN),,lab)
	@$(MAKE) --no-print-directory all tests
	@$(MAKE) --no-print-directory run-check

check-all: ## check, and the tests of the lab that are too long for it
	@LAB_ALL=1 LAB_LIMIT=7200 $(MAKE) --no-print-directory check \
		TESTS="$(TESTS) $(LAB_LONG)"

check-asan: ## the same tests, built with ASan and UBSan
	@$(MAKE) --no-print-directory check BUILD=$(BUILD)/asan \
		SAN=address,undefined

check-tsan: ## the same tests, built with TSan
	@$(MAKE) --no-print-directory check BUILD=$(BUILD)/tsan SAN=thread

lab: ## the tests in a virtual machine: SCSI, NVMe, multipathd; or TESTS
	@.ci/deps build demo lab
	@$(MAKE) --no-print-directory all $(TOOL_BINS)
	@LAB_ALL=1 LAB_LIMIT=7200 $(MAKE) --no-print-directory run-check \
		TESTS="$(if $(filter file,$(origin TESTS)),\
		$(LAB_TESTS) $(LAB_LONG),$(TESTS))"

lab-shell: ## a shell in that machine
	@.ci/deps build demo lab
	@$(MAKE) --no-print-directory all $(TOOL_BINS)
	@tests/lab/fetch $(BUILD)/lab/guest
	@BUILD=$(BUILD) MPATHFS=$(PROG) tests/lab/boot $(BUILD)/lab/shell

sim: ## the core on simulated time: SEEDS=1000 runs, from SEED=1 on
	@.ci/deps build
	@$(MAKE) --no-print-directory $(SIM)
	@$(SIM) --seeds $(SEEDS) --seed $(SEED)

fuzz: ## TARGET=NAME (all of tests/fuzz) for SECONDS=60, with clang
	@.ci/deps build fuzz
	@$(MAKE) --no-print-directory run-fuzz BUILD=$(BUILD)/fuzz CC=clang \
		SAN=fuzzer-no-link,address,undefined

mutate: ## break core one line at a time: does a test notice? (long)
	@.ci/deps build
	@BUILD=$(BUILD) tests/sim/mutate

bench: ## raw, null, mpathfs, its peers; selectors; checks (as root)
	@.ci/deps build demo bench
	@$(MAKE) --no-print-directory all $(BENCH_BINS)
	@BUILD=$(BUILD) MPATHFS=$(PROG) tests/bench/run
	@BUILD=$(BUILD) MPATHFS=$(PROG) tests/bench/rates
	@BUILD=$(BUILD) MPATHFS=$(PROG) tests/bench/checks

style: ## the tests of the style alone
	@prove --exec '' $(STYLE_TESTS)

tests: $(CHECK_BINS) $(FUZZ_BINS) $(SIM) $(TOOL_BINS) $(BENCH_BINS)

# Two at a time: the tests wait more than they compute, and none shares a
# mount point, a device or a directory with another. Those of the lab share one
# boot, whose results stay in LAB_RUN.
run-check:
	@rm -rf $(LAB_RUN)
	@LAB_RUN=$(LAB_RUN) LAB_TESTS="$(filter tests/lab/%.t,$(TESTS))" \
		CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(BUILD) MPATHFS=$(PROG) \
		SAN=$(SAN) \
		prove --timer -j$(PROVE_JOBS) --exec '' $(TESTS)

# What libFuzzer finds worth keeping stays in corpus/, for the next run.
run-fuzz: $(foreach t,$(TARGET),$(addprefix $(BUILD)/tests/fuzz/,$t $t.fuzzer))
	@for t in $(TARGET); do \
		corpus=$(BUILD)/corpus/$$t; \
		mkdir -p $$corpus && \
		$(BUILD)/tests/fuzz/$$t --unpack $$corpus && \
		$(BUILD)/tests/fuzz/$$t.fuzzer -max_total_time=$(SECONDS) \
			-artifact_prefix=$(BUILD)/$$t- -print_final_stats=1 \
			$$corpus || exit; \
	done

install: all ## install into DESTDIR and PREFIX (/usr/local)
	install -D -m 755 $(PROG) $(DESTDIR)$(SBINDIR)/mpathfs
	$(foreach m,$(MAN5),install -D -m 644 $(m) \
		$(DESTDIR)$(MANDIR)/man5/$(notdir $(m));)
	$(foreach m,$(MAN7),install -D -m 644 $(m) \
		$(DESTDIR)$(MANDIR)/man7/$(notdir $(m));)
	$(foreach m,$(MAN8),install -D -m 644 $(m) \
		$(DESTDIR)$(MANDIR)/man8/$(notdir $(m));)
	install -D -m 644 etc/mpathfs.conf $(DESTDIR)$(DOCDIR)/mpathfs.conf
	install -D -m 644 etc/mpathfs-hardware.conf \
		$(DESTDIR)$(DOCDIR)/mpathfs-hardware.conf
	test -e $(DESTDIR)$(SYSCONFDIR)/mpathfs.conf || install -D -m 644 \
		etc/mpathfs.conf $(DESTDIR)$(SYSCONFDIR)/mpathfs.conf

uninstall: ## remove what install put there; the configuration stays
	rm -f $(DESTDIR)$(SBINDIR)/mpathfs
	rm -f $(foreach m,$(MAN5),$(DESTDIR)$(MANDIR)/man5/$(notdir $(m)))
	rm -f $(foreach m,$(MAN7),$(DESTDIR)$(MANDIR)/man7/$(notdir $(m)))
	rm -f $(foreach m,$(MAN8),$(DESTDIR)$(MANDIR)/man8/$(notdir $(m)))
	rm -f $(DESTDIR)$(DOCDIR)/mpathfs.conf \
		$(DESTDIR)$(DOCDIR)/mpathfs-hardware.conf
	-rmdir $(DESTDIR)$(DOCDIR) 2>/dev/null

clean: ## remove BUILD
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1	\2/p' Makefile | \
		while IFS='	' read -r t h; do printf '%-12s %s\n' "$$t" "$$h"; done

# Rewritten only when what it says has changed: other flags, or a source that
# came or went, build again all that depends on it.
STAMP := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBS) $(SRCS)
$(BUILD)/.stamp: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(STAMP))' >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/%.o: %.c $(BUILD)/.stamp
	@test '$(PKGS_FOUND)' = yes || { echo "make: libraries are missing\
	 ($(PKGS)): run 'sudo make deps'" >&2; exit 1; }
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The assembler takes it in.
$(BUILD)/hw/hardware_table.o: etc/mpathfs-hardware.conf

$(LIB): $(filter-out $(MAIN),$(OBJS))
	@rm -f $@
	$(AR) rcs $@ $^

$(PROG): $(MAIN) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/tests/conformance/%: $(BUILD)/tests/conformance/%.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$(SIM): $(SIM_OBJS) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_REPLAY) $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/fuzz/%.fuzzer: $(BUILD)/tests/fuzz/%.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(BUILD)/tests/mount/%: $(BUILD)/tests/mount/%.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

-include $(OBJS:.o=.d) $(SIM_OBJS:.o=.d) $(CHECK_BINS:=.d) $(TOOL_BINS:=.d) \
	 $(BENCH_BINS:=.d) $(FUZZ_BINS:=.d) $(FUZZ_REPLAY:.o=.d)
