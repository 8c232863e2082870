# The front door. Meson does the building; this file only names the things one wants.
#
#   sudo make demo     everything a fresh Debian 12 machine needs, then one container
#   sudo make check    the same set-up, then all tests

BUILD  ?= build
SECONDS ?= 600
PREFIX ?= /usr/local
BATS   ?= tests/cli
COMMAND ?= uname -a
ENGINES ?= $(basename $(notdir $(wildcard tests/engines/*.bats)))

.PHONY: help build install uninstall deb lint bench engines fuzz storm vm vm-check coverage demo check clean deps

help:
	@echo 'make build      compile (into $(BUILD)/)'
	@echo 'make install    install command, library, header, manual pages and completions under PREFIX=$(PREFIX), in DESTDIR'
	@echo 'make uninstall  remove what the last make install has installed'
	@echo 'make deb        Debian packages, in $(BUILD)/deb'
	@echo 'make demo       build, make a bundle, run a container in it, show where the time went (root)'
	@echo 'make check      all tests this machine can run; with root: install what is missing first'
	@echo 'make lint       the source checks only'
	@echo 'make engines    podman, docker, containerd … with proa and with runc, in two columns; ENGINES="podman cri": these (root)'
	@echo 'make bench      proa beside crun and runc (root)'
	@echo 'make fuzz       run the fuzz targets, SECONDS_EACH=60 seconds each'
	@echo 'make storm      eight engines at once, runtime processes killed at random, for SECONDS=600 (root)'
	@echo 'make coverage   line coverage of the unit tests and the command tests'
	@echo 'make vm-check   in virtual machines: cgroup v2 alone, systemd, AppArmor, real users (root; make check has a part)'
	@echo 'make vm         a shell command in such a machine: make vm COMMAND="proa --version"'
	@echo 'make deps       install the Debian packages that the above need (root)'
	@echo 'make clean      remove what the above made'

build:
	@tools/install-deps build
	@tools/build $(BUILD)

install: build
	@tools/install-deps install
	@meson setup --reconfigure $(BUILD) -Dprefix="$$(realpath -ms -- "$(PREFIX)")" >/dev/null
	@DESTDIR=$(if $(DESTDIR),"$$(realpath -ms -- "$(DESTDIR)")") meson install -C $(BUILD)

uninstall:
	@[ -e $(BUILD)/build.ninja ] || { echo 'Nothing has been installed from $(BUILD)/.' >&2; exit 1; }
	@ninja -C $(BUILD) uninstall

deb:
	@tools/install-deps deb
	@tools/deb $(BUILD)/deb

lint: build
	@meson test -C $(BUILD) --suite lint --print-errorlogs

demo:
	@tools/install-deps demo
	@tools/build $(BUILD)
	@tools/demo $(BUILD)/cli/proa

ENGINES_HERE = [ "$$(id -u)" -ne 0 ] || tools/install-deps engines || echo 'Not all engines can be installed: their tests are left out.'

check:
	@tools/install-deps check
	@$(ENGINES_HERE)
	@tools/check $(BUILD)

engines: build
	@tools/install-deps check
	@$(ENGINES_HERE)
	@RUNTIME=$(BUILD)/cli/proa tests/engines/compare $(ENGINES)

bench:
	@tools/install-deps bench
	@tools/build $(BUILD)
	@bench/run $(BUILD)/cli/proa

fuzz:
	@tools/install-deps fuzz
	@tools/fuzz

storm: build
	@tools/install-deps check
	@RUNTIME=$(BUILD)/cli/proa tests/storm/run --seconds $(SECONDS)

coverage:
	@tools/install-deps check
	@tools/coverage

vm-check:
	@tools/install-deps vm
	@tests/vm/check $(BUILD)

vm: build
	@tools/install-deps vm
	@tests/vm/make-image
	@tests/vm/run -e PATH="$(abspath $(BUILD))/cli:/usr/sbin:/usr/bin" $(VM_OPTIONS) -- sh -c '$(COMMAND)'

deps:
	@tools/install-deps all

clean:
	rm -rf $(BUILD) build-faults build-asan build-coverage build-fuzz
