/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names for numbers: protocols, services, ICMP types, TCP flags, conntrack states,
 * packet types; and the names of all x_tables extensions, for "did you mean".
 *
 * Both ways as iptables takes them: names that libxtables knows by itself come before
 * /etc/protocols. Strings that are given with a length need no final NUL.
 */
#ifndef FWIMG_NAMES_H
#define FWIMG_NAMES_H

#include "../kmod/env.h"

/**
 * struct name_value - a name and the number it stands for
 * @name: as iptables writes it
 * @value: its number, bit or bits
 */
struct name_value {
	const char *name;
	u32 value;
};

/**
 * struct name_icmp - the name of an ICMP type, or of a type with a code
 * @name: as iptables writes it
 * @type: ICMP or ICMPv6 type; 255 of ICMP is any
 * @code: the first and the last code that it stands for
 */
struct name_icmp {
	const char *name;
	u8 type;
	u8 code[2];
};

#define NAMES_TCP_FLAGS	8	/* FIN SYN RST PSH ACK URG, then ALL and NONE */
#define NAMES_STATES	7
#define NAMES_PKTTYPES	7	/* unicast broadcast multicast otherhost, then aliases */

extern const struct name_value names_tcp_flags[NAMES_TCP_FLAGS];
/*
 * XT_CONNTRACK_STATE_* in the order in which iptables-save prints them; the last two
 * are none of -m state's.
 */
extern const struct name_value names_states[NAMES_STATES];
/* PACKET_* (linux/if_packet.h) */
extern const struct name_value names_pkttypes[NAMES_PKTTYPES];

extern const char *const names_matches[];
extern const size_t names_n_matches;
extern const char *const names_targets[];
extern const size_t names_n_targets;

/*
 * Number of the protocol called @name (lower case), or -1. Looks into /etc/protocols
 * for what libxtables does not know.
 */
int names_protocol(const char *name, size_t len);
/* The name that iptables-save prints for protocol @number, or NULL: print the number. */
const char *names_protocol_name(u8 number);

/* Port of service @name of protocol @proto ("tcp", ...), or -1. Cached. */
int names_service(const char *name, size_t len, const char *proto);

enum names_icmp_result {
	NAMES_ICMP_FOUND,
	NAMES_ICMP_NONE,
	NAMES_ICMP_AMBIGUOUS,
};

/*
 * The ICMP (ICMPv6 for FWLOAD_FAMILY_IPV6) type that @name is an abbreviation of,
 * case ignored. *@other: when ambiguous, another that it could be.
 */
enum names_icmp_result names_icmp(u8 family, const char *name, size_t len,
				  const struct name_icmp **found,
				  const struct name_icmp **other);

#endif /* FWIMG_NAMES_H */
