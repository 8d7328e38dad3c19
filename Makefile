# SPDX-License-Identifier: GPL-2.0
#
# The top of the build; `make help` lists what there is. The module is built by the kernel's
# build system from Kbuild, the tool by user/Makefile; all else is done by the scripts in
# selftests/vm/, which install what they need and say so.

VM := selftests/vm
KDIR ?= /lib/modules/$(shell uname -r)/build
INSTALL_MOD_DIR ?= updates
DESTDIR ?=

all: modules user

help:
	@echo 'make               modules and user'
	@echo 'make modules       fwload.ko for the running kernel, or for KDIR=/usr/src/linux-headers-...'
	@echo 'make user          the tool, user/fwimg'
	@echo 'make install       both, the module below INSTALL_MOD_DIR=$(INSTALL_MOD_DIR); DESTDIR= PREFIX='
	@echo 'make clean         removes what was built, build/ included'
	@echo
	@echo 'These install what they need (apt, as root or through sudo):'
	@echo
	@echo 'make demo          a stock kernel in a VM loads real rule sets and judges traffic'
	@echo 'make check         every test; PARTS="unit vm-6.1" for some (see $(VM)/check.sh)'
	@echo 'make lint          the static checks alone'
	@echo 'make bench         every engine against every kind of rules; KINDS="acl kube" for some'
	@echo 'make bench-smoke   what looking packets up takes, in counts; a part of check'
	@echo 'make fuzz          fuzzes validator and index, then the text compiler on the host, T=60 seconds each'
	@echo 'make fuzz-kernel   sends random messages to the module in the debug kernel for T=600 seconds'
	@echo 'make check-debug   the tests in kernels that look for bad accesses, races, locks and leaks'
	@echo 'make limits        16M rules, 10,000 namespaces, images of 2 GiB ...; takes 10 GiB of memory'
	@echo 'make soak          everything at once on a stock kernel, over and over, for T=3600 seconds'
	@echo 'make mutate        plants faults in the module and sees the oracle test catch them'

modules: $(KDIR)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

$(KDIR):
	@echo 'No kernel to build for at $(KDIR).' >&2
	@echo 'Install its headers (Debian: linux-headers-amd64), or name others: KDIR=...' >&2
	@exit 1

user:
	$(MAKE) -C user

# modules_install runs depmod only for the kernel whose System.map is at hand.
install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=$(INSTALL_MOD_DIR) modules_install
	depmod $(if $(DESTDIR),-b $(DESTDIR)) $$($(MAKE) -s -C $(KDIR) kernelrelease)
	$(MAKE) -C user install

clean:
	$(MAKE) -C user clean
	$(MAKE) -C selftests clean
	rm -f fwload.ko fwload.mod fwload.mod.c Module.symvers modules.order .*.cmd *.o .*.o
	find kmod \( -name '*.o' -o -name '*.mod' -o -name '*.mod.c' -o -name '*.ko' \
		-o -name '.*.cmd' -o -name '.*.d' \) -delete
	rm -rf build .tmp_versions

demo:
	@$(VM)/demo.sh

check:
	@$(VM)/check.sh $(PARTS)

lint:
	@$(VM)/check.sh lint

fuzz:
	@selftests/fuzz/run.sh $(or $(T),60)

check-debug:
	@$(VM)/check.sh uml-debug smp-debug race-debug kunit-debug

fuzz-kernel:
	@FWLOAD_STORM=$(or $(T),600) $(VM)/check.sh storm-debug

limits:
	@FWLOAD_LIMITS=all $(VM)/check.sh limits

soak:
	@FWLOAD_SOAK=$(or $(T),3600) $(VM)/check.sh soak

mutate:
	@selftests/oracle/mutate.sh

bench:
	@selftests/bench/run.sh $(KINDS)

bench-smoke:
	@$(VM)/check.sh bench-smoke

.PHONY: all help modules user install clean demo check check-debug lint fuzz fuzz-kernel limits soak mutate bench bench-smoke
