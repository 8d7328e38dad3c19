// SPDX-License-Identifier: GPL-2.0
/*
 * A router: a network namespace with three taps, an address in each of their networks,
 * forwarding on, and a raw socket for each protocol that sees what is delivered locally.
 *
 * Everything that would make two routers differ is switched off: rate limits, address
 * resolution (IFF_NOARP), autoconfiguration, redirects, automatic flow labels. The kernel's
 * own work for a packet is done when the write returns (no NAPI on taps), so what one
 * packet caused is read right after it was sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oracle.h"

#define N_RAW	16

struct router {
	int family;
	int ns;
	int send;			/* raw socket for local packets */
	u32 n_fds;
	struct pollfd fds[N_TAPS + N_RAW];	/* taps first */
};

struct in6_request {			/* struct in6_ifreq of linux/ipv6.h */
	struct in6_addr addr;
	u32 prefix;
	int ifindex;
};

static void fail(const char *what, const char *arg)
{
	printf("Bail out! %s %s: %s\n", what, arg, strerror(errno));
	exit(1);
}

static void sysctl(const char *path, const char *value)
{
	char name[200];
	int fd;

	snprintf(name, sizeof(name), "/proc/sys/net/%s", path);
	fd = open(name, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail("cannot set", path);
	close(fd);
}

static void set_flags(int sock, const char *name, int on, int off)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", name);
	if (ioctl(sock, SIOCGIFFLAGS, &ifr))
		fail("flags of", name);
	ifr.ifr_flags = (ifr.ifr_flags | on) & ~off;
	if (ioctl(sock, SIOCSIFFLAGS, &ifr))
		fail("flags of", name);
}

static void set_address4(int sock, const char *name, u32 tap)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	char text[32];

	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", name);
	sin->sin_family = AF_INET;
	snprintf(text, sizeof(text), "%s1", net4[tap]);
	inet_pton(AF_INET, text, &sin->sin_addr);
	if (ioctl(sock, SIOCSIFADDR, &ifr))
		fail("address of", name);
	inet_pton(AF_INET, "255.255.255.0", &sin->sin_addr);
	if (ioctl(sock, SIOCSIFNETMASK, &ifr))
		fail("netmask of", name);
}

static void set_address6(const char *name, u32 tap)
{
	struct in6_request req = { .prefix = 64, .ifindex = if_nametoindex(name) };
	int sock = socket(AF_INET6, SOCK_DGRAM, 0);
	char text[64];

	snprintf(text, sizeof(text), "%s1", net6[tap]);
	inet_pton(AF_INET6, text, &req.addr);
	if (sock < 0 || ioctl(sock, SIOCSIFADDR, &req))
		fail("IPv6 address of", name);
	close(sock);
}

static int open_tap(int sock, u32 tap)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	static const u8 mac[6] = { 2, 0, 0, 0, 0, 0 };

	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", tap_names[tap]);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		fail("cannot open", "/dev/net/tun");
	memset(&ifr.ifr_hwaddr, 0, sizeof(ifr.ifr_hwaddr));
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	ifr.ifr_hwaddr.sa_data[5] = tap;
	if (ioctl(sock, SIOCSIFHWADDR, &ifr))
		fail("hardware address of", tap_names[tap]);
	set_flags(sock, tap_names[tap], IFF_NOARP, IFF_MULTICAST);
	set_flags(sock, tap_names[tap], IFF_UP, 0);
	return fd;
}

/*
 * Packets whose mark ends in binary 01 leave by ppp0, so that one that should be routed
 * anew, but is not, is seen.
 */
static void add_mark_route(int family)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), "printf '%s\\n%s\\n' | ip -%d -batch -",
		 "rule add fwmark 1/3 table 100", "route add default dev ppp0 table 100", family);
	if (system(cmd))
		fail("cannot run", cmd);
}

static void open_raw(struct router *rt)
{
	static const u8 protos[] = { 1, 58, 6, 17, 132, 136, 33, 47, 50, 253 };
	int af = rt->family == 4 ? AF_INET : AF_INET6, one = 1, fd;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		if (protos[i] == (rt->family == 4 ? 58 : 1))
			continue;
		fd = socket(af, SOCK_RAW | SOCK_NONBLOCK, protos[i]);
		if (fd < 0)
			fail("raw socket", "");
		rt->fds[rt->n_fds++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	rt->send = socket(af, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW);
	if (rt->send < 0 ||
	    (rt->family == 6 && setsockopt(rt->send, IPPROTO_IPV6, 36 /* IPV6_HDRINCL */,
					   &one, sizeof(one))) ||
	    setsockopt(rt->send, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)))
		fail("raw socket", "IPPROTO_RAW");
}

struct router *router_new(int family)
{
	static const char *const zero[] = {
		"ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter",
		"ipv4/conf/all/send_redirects", "ipv4/conf/default/send_redirects",
		"ipv4/icmp_ratemask", "ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit",
		"ipv6/conf/default/accept_dad", "ipv6/conf/default/accept_ra",
		"ipv6/conf/default/router_solicitations", "ipv6/auto_flowlabels",
	};
	struct router *rt = calloc(1, sizeof(*rt));
	int sock;
	u32 i;

	if (!rt || unshare(CLONE_NEWNET))
		fail("new namespace", "");
	rt->family = family;
	rt->ns = open("/proc/self/ns/net", O_RDONLY);
	for (i = 0; i < ARRAY_SIZE(zero); i++)
		sysctl(zero[i], "0");
	sysctl("ipv6/conf/default/addr_gen_mode", "1");
	sysctl("ipv6/icmp/ratemask", "255");
	/* no errors about fragments that waited in vain, however slow the machine */
	sysctl("ipv4/ipfrag_time", "3600");
	sysctl("ipv6/ip6frag_time", "3600");
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	set_flags(sock, "lo", IFF_UP, 0);
	for (i = 0; i < N_TAPS; i++) {
		rt->fds[i] = (struct pollfd){ .fd = open_tap(sock, i), .events = POLLIN };
		set_address4(sock, tap_names[i], i);
		set_address6(tap_names[i], i);
	}
	rt->n_fds = N_TAPS;
	close(sock);
	/* only now, when no tap does multicast any more: else they would join groups */
	sysctl("ipv4/ip_forward", "1");
	sysctl("ipv6/conf/all/forwarding", "1");
	add_mark_route(family);
	open_raw(rt);
	return rt;
}

void router_enter(const struct router *rt)
{
	if (setns(rt->ns, CLONE_NEWNET))
		fail("setns", "");
}

void router_free(struct router *rt)
{
	u32 i;

	for (i = 0; i < rt->n_fds; i++)
		close(rt->fds[i].fd);
	close(rt->send);
	close(rt->ns);
	free(rt);
}

static void send_local(struct router *rt, const struct packet *p)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	/* The kernel may refuse a packet, or report that it was dropped: both routers alike. */
	if (rt->family == 4) {
		memcpy(&sin.sin_addr, p->data + 16, 4);
		sendto(rt->send, p->data, p->len, 0, (struct sockaddr *)&sin, sizeof(sin));
	} else {
		memcpy(&sin6.sin6_addr, p->data + 24, 16);
		sendto(rt->send, p->data, p->len, 0, (struct sockaddr *)&sin6, sizeof(sin6));
	}
}

static void send_tap(struct router *rt, const struct packet *p)
{
	static const u8 multicast6[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	static const u8 multicast4[6] = { 1, 0, 0x5e, 0, 0, 1 };
	u8 frame[14 + PACKET_MAX] = { 2, 0, 0, 0, 0, p->tap, 2, 0, 0, 0, 1, p->mac };

	if (p->cast == 1)
		memset(frame, 0xff, 6);
	else if (p->cast == 2)
		memcpy(frame, rt->family == 4 ? multicast4 : multicast6, 6);
	frame[12] = rt->family == 4 ? 0x08 : 0x86;
	frame[13] = rt->family == 4 ? 0x00 : 0xdd;
	memcpy(frame + 14, p->data, p->len);
	if (write(rt->fds[p->tap].fd, frame, 14 + p->len) < 0 && errno != EINVAL)
		fail("write to", tap_names[p->tap]);
}

static void add_record(struct outcome *o, u8 source, const u8 *data, u16 len)
{
	if (o->size + 3 + len > sizeof(o->data))
		return;
	o->data[o->size] = source;
	memcpy(o->data + o->size + 1, &len, 2);
	memcpy(o->data + o->size + 3, data, len);
	o->size += 3 + len;
}

void router_send(struct router *rt, const struct packet *p, struct outcome *o)
{
	u8 buf[2048];
	ssize_t len;
	int quiet = 0;
	u32 i;

	o->size = 0;
	if (p->tap == LOCAL)
		send_local(rt, p);
	else
		send_tap(rt, p);
	/* Once more after others could run: the softirq daemon may have had a part. */
	while (quiet < 2) {
		if (poll(rt->fds, rt->n_fds, 0) <= 0) {
			if (!quiet)
				sched_yield();
			quiet++;
			continue;
		}
		quiet = o->size ? 1 : 0;
		for (i = 0; i < rt->n_fds; i++) {
			if (!rt->fds[i].revents)
				continue;
			len = read(rt->fds[i].fd, buf, sizeof(buf));
			if (len > 0)
				add_record(o, i, buf, len);
		}
	}
}
