#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# ufw, shorewall, ferm and fail2ban as Debian has them: they set up, list, change and reload
# their rules through the names of iptables' commands, once with iptables-legacy behind these
# and once with fwload, and what is in force is the same each time.
#
# FWLOAD_CLIENTS is a directory with their packages unpacked (vm/clients.sh). They run in a
# root of links to the machine's files, with theirs and the names in it, and in a network
# namespace, one for each of the two. The machine's files are mounted there read-only, in a
# mount namespace of the test's own, and outside of $work, which is removed at the end.

. "$(dirname "$0")/lib.sh"

if [ -z "${FWLOAD_OWN_MOUNTS:-}" ]; then
	rm -rf "$work"
	FWLOAD_OWN_MOUNTS=1 exec unshare -m --propagation private sh "$0"
fi

roots=/run/fwload-clients

plan 38
load_module

cleanup()
{
	for which in old new; do
		for pid in $(ip netns pids $which); do
			kill "$pid"
		done
	done
	del_ns old new
	# What is mounted below goes with the mount namespace.
}

# links DIR: DIR of the root has what the machine's has.
links()
{
	[ ! -L "$root/$1" ] || rm "$root/$1"
	mkdir -p "$root/$1"
	# shellcheck disable=SC2046	# words
	ln -s $(cd / && printf '/host/%s ' "$1"/*) "$root/$1/"
}

# theirs PATH [NEW-PATH]: from the packages.
theirs()
{
	[ ! -L "$root/${2:-$1}" ] || rm "$root/${2:-$1}"
	mkdir -p "$(dirname "$root/${2:-$1}")"
	cp -a "$FWLOAD_CLIENTS/$1" "$root/${2:-$1}"
}

# The machine's files, where nothing can be written or removed.
mount_host()
{
	mkdir -p "$root/host" && mount --bind / "$root/host" &&
	mount -o remount,ro,bind "$root/host" || return
	if mkdir "$root/host/fwload-writable" 2>/dev/null; then
		rmdir "$root/host/fwload-writable"
		echo "the machine's files can be written"
		return 1
	fi
}

# The root for iptables-legacy (old) or fwload (new).
make_root()
{
	root=$roots/$1
	mount_host || return
	for dir in usr/bin usr/sbin usr/lib usr/lib/python3 usr/lib/python3/dist-packages \
		   usr/share etc etc/default; do
		links $dir
	done
	ln -s /host/usr/lib64 "$root/usr/lib64"
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root/"
	mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/run" "$root/tmp" "$root/var/log" \
		"$root/var/lib/shorewall" "$root/var/lib/fail2ban"
	ln -s /run "$root/var/run"
	mount -t proc proc "$root/proc" && mount -t sysfs sysfs "$root/sys" &&
	mount -t devtmpfs devtmpfs "$root/dev" || return

	for path in etc/ufw usr/share/ufw usr/sbin/ufw usr/sbin/ferm etc/default/ufw \
		    usr/lib/python3/dist-packages/ufw etc/shorewall usr/share/shorewall \
		    etc/fail2ban usr/bin/fail2ban-server usr/bin/fail2ban-client \
		    usr/lib/python3/dist-packages/fail2ban; do
		theirs $path
	done
	theirs lib/ufw usr/lib/ufw
	theirs sbin/shorewall usr/sbin/shorewall
	# As ufw's package does when it is configured.
	cp "$root"/usr/share/ufw/before*.rules "$root"/usr/share/ufw/after*.rules \
		"$root"/usr/share/ufw/user*.rules "$root"/usr/share/ufw/*.init \
		"$root"/usr/share/ufw/ufw.conf "$root/etc/ufw/"

	case $1 in
	old)	program=$(readlink -f "$(command -v iptables-legacy)") ;;
	new)	program=$FWIMG ;;
	esac
	for family in iptables ip6tables; do
		for name in $family $family-legacy; do
			for command in "" -save -restore; do
				rm -f "$root/usr/sbin/$name$command"
				ln -s "/host$program" "$root/usr/sbin/$name$command"
			done
		done
	done
}

make_roots()
{
	mkdir "$roots" && mount -t tmpfs tmpfs "$roots" || return
	for which in old new; do
		make_root $which && add_ns $which &&
		ip -n $which link add eth0 type dummy && ip -n $which link add eth1 type dummy &&
		ip -n $which link set eth0 addrgenmode none &&
		ip -n $which link set eth1 addrgenmode none &&
		ip -n $which addr add 192.0.2.1/24 dev eth0 &&
		ip -n $which addr add 10.10.10.254/24 dev eth1 &&
		ip -n $which link set eth0 up && ip -n $which link set eth1 up &&
		ip -n $which route add default via 192.0.2.254 || return
	done
}

# inside WHICH COMMAND...
inside()
{
	which=$1
	shift
	in_ns "$which" env -i PATH=/usr/sbin:/usr/bin HOME=/tmp LC_ALL=C \
		PYTHONPATH=/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
		chroot "$roots/$which" "$@"
}

# Shorewall has chains that are named after what it made them of, times of files included.
state()
{
	for family in iptables ip6tables; do
		inside "$1" $family-save | loaded_tables | sed 's/^\(:sha-[lr]h-\)[0-9a-f]*/\1/'
	done
}

# step COMMAND...: both do it, print the same and have the same in force afterwards.
step()
{
	for which in old new; do
		status=0
		inside $which "$@" >"$work/$which.said" 2>&1 </dev/null || status=$?
		echo "status $status" >>"$work/$which.said"
		if [ $status != 0 ]; then
			cat "$work/$which.said"
			return 1
		fi
		state "$which" >"$work/$which.state"
	done
	same "what is in force" "$work/old.state" "$work/new.state"
}

# The same, and what they print is the same.
tells()
{
	step "$@" && same "what it prints" "$work/old.said" "$work/new.said"
}

nothing_left()
{
	equal "rules in force" "" "$(grep '^-A' "$work/new.state")"
}

rules_in_force()
{
	[ "$(grep -c '^-A' "$work/new.state")" -ge "$1" ]
}

check "roots and networks" make_roots

check "ufw: enable" step ufw --force enable
check "ufw: allow a port" step ufw allow 22/tcp
check "ufw: limit a service" step ufw limit http
check "ufw: deny a network" step ufw deny from 10.1.0.0/16 to any port 53 proto udp
check "ufw: insert a rule" step ufw insert 1 reject from 10.2.0.0/16
check "ufw: forwarding" step ufw route allow in on eth1 out on eth0
check "ufw: status" tells ufw status verbose
check "ufw: delete a rule" step ufw --force delete 2
check "ufw: reload" step ufw reload
check "ufw: rules" rules_in_force 60
check "ufw: another policy and more logging" step sh -c "ufw default deny outgoing && ufw logging high"
check "ufw: raw status" tells ufw show raw
check "ufw: disable" step ufw disable

# Two interfaces, the example that comes with it.
configure_shorewall()
{
	for which in old new; do
		cp "$FWLOAD_CLIENTS"/usr/share/doc/shorewall/examples/two-interfaces/* \
			"$roots/$which/etc/shorewall/" &&
		sed -i 's/^STARTUP_ENABLED=.*/STARTUP_ENABLED=Yes/' \
			"$roots/$which/etc/shorewall/shorewall.conf" || return
	done
}

another_shorewall_rule()
{
	for which in old new; do
		echo 'DNAT net loc:10.10.10.2 tcp 8080' >>"$roots/$which/etc/shorewall/rules"
	done
}

check "shorewall: configure" configure_shorewall
check "shorewall: start" step shorewall start
check "shorewall: rules" rules_in_force 60
check "shorewall: configure another rule" another_shorewall_rule
check "shorewall: reload" step shorewall reload
check "shorewall: block an address" step shorewall drop 198.51.100.9
check "shorewall: stop" step shorewall stop
check "shorewall: clear" step shorewall clear

configure_ferm()
{
	for which in old new; do
		cat >"$roots/$which/etc/ferm.conf" <<-'END' || return
		domain (ip ip6) table filter {
			chain INPUT {
				policy DROP;
				mod state state (ESTABLISHED RELATED) ACCEPT;
				interface lo ACCEPT;
				proto tcp dport (ssh http https) jump services;
				LOG log-prefix "dropped: " log-level notice;
			}
			chain services {
				mod limit limit 10/second limit-burst 20 ACCEPT;
				proto tcp REJECT reject-with tcp-reset;
			}
			chain FORWARD policy DROP;
		}
		domain ip table nat {
			chain POSTROUTING saddr 10.10.10.0/24 outerface eth0 MASQUERADE;
			chain PREROUTING interface eth0 proto tcp dport 8080 DNAT to 10.10.10.2:80;
		}
		END
	done
}

check "ferm: configure" configure_ferm
check "ferm: load" step ferm /etc/ferm.conf
check "ferm: load it again" step ferm /etc/ferm.conf
check "ferm: load it command by command" step ferm --slow /etc/ferm.conf
check "ferm: rules" rules_in_force 12
check "ferm: flush" step ferm --flush /etc/ferm.conf
check "ferm: nothing is left" nothing_left

configure_fail2ban()
{
	for which in old new; do
		: >"$roots/$which/var/log/auth.log"
		mkdir -p "$roots/$which/run/fail2ban"
		cat >"$roots/$which/etc/fail2ban/jail.local" <<-'END' || return
		[DEFAULT]
		backend = polling
		[sshd]
		enabled = true
		[sshd-all]
		enabled = true
		filter = sshd
		logpath = /var/log/auth.log
		banaction = iptables-allports
		END
	done
}

check "fail2ban: configure" configure_fail2ban
check "fail2ban: start" step fail2ban-client start
check "fail2ban: ban an address" step fail2ban-client set sshd banip 198.51.100.7
check "fail2ban: ban others" step fail2ban-client set sshd-all banip 198.51.100.8 2001:db8::8
check "fail2ban: rules" rules_in_force 6
check "fail2ban: unban one" step fail2ban-client set sshd unbanip 198.51.100.7
check "fail2ban: reload" step fail2ban-client reload
check "fail2ban: stop" step fail2ban-client stop
check "fail2ban: nothing is left" nothing_left

cleanup
passed
