// SPDX-License-Identifier: GPL-2.0
/*
 * What does a hook cost a packet? A module that sends a trace through one hook of the
 * network namespace of whoever asks, and reads the time.
 *
 * Commands are written to /proc/hookbench, one a write:
 *
 *	trace PATH		read a trace: struct packet after struct packet
 *	make PACKETS		make skbs of its first packets, in the writer's namespace
 *	run MODE HOOK ROUNDS	send them all through, ROUNDS times
 *	free			give the skbs back: before the namespace goes
 *
 * and reading it gives the result of the last run, "NAME VALUE" in each line; times are in
 * picoseconds a packet. /proc/hookbench_verdicts has a word (u32) for each packet of
 * the last run, so that engines can be compared packet by packet.
 *
 * The modes:
 *
 *	cold	nf_hook(), as the network stack calls it. 400,000 packets are more than any
 *		cache holds, so each packet's skb and header come from memory
 *	warm	the same, but skb and header were just touched, as the stack has done when a
 *		packet comes to a hook
 *	nat	what nf_nat_inet_fn() does for the first packet of a connection: the callbacks of
 *		the nat chains, for a connection that is there and has no NAT yet. Making,
 *		confirming and finding connections is not in it; nf_nat_setup_info() is,
 *		when a rule calls it
 *	setup	nf_nat_setup_info() alone, with the address that the last run in mode nat gave:
 *		the part of it that no rule set can save
 *
 * A packet's word is 0 when it was dropped; else 1 + 2 * mark (cold, warm); or, in mode nat,
 * the address that its destination became, in the machine's byte order and without the last
 * three bits (which of a service's endpoints it is, is chance), and 1 where it stayed.
 *
 * Time is read around each CHUNK of packets, and of each chunk the least over all rounds
 * counts ("best"): what else the machine does takes time off a chunk now and then, but not
 * off the same one in every round. "median" and "max" are of whole rounds.
 *
 * For User-mode Linux on x86: on one CPU, with the host's time stamp counter.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/kernel_read_file.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/sort.h>
#include <linux/tcp.h>
#include <linux/vmalloc.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "clock.h"
#include "packet.h"

#define CHUNK		100
#define HEADROOM	64
#define N_DEVICES	4
#define MAX_ROUNDS	32
#define NAT_PORT	8080	/* of every endpoint that the generator makes */

enum mode { MODE_COLD, MODE_WARM, MODE_NAT, MODE_SETUP, N_MODES };

static const char * const mode_names[N_MODES] = { "cold", "warm", "nat", "setup" };

static DEFINE_MUTEX(lock);
static struct packet *trace;
static size_t n_trace;
static struct net *net;			/* of the skbs */
static struct net_device *devices[N_DEVICES];
static struct sk_buff **skbs;
static u32 *verdicts;
static u64 *chunk_best;
static u32 n_skbs;
static struct {
	u64 best, median, max;
	u32 packets, rounds, accepted;
} result;

static struct net_device *device(u8 n)
{
	return n < N_DEVICES ? devices[n] : NULL;
}

/* A connection for @p: all that the chains may ask for, in no table. */
static struct nf_conn *make_ct(const struct packet *p)
{
	struct nf_conntrack_tuple orig, reply;
	struct nf_conn *ct;

	memset(&orig, 0, sizeof(orig));
	orig.src.l3num = NFPROTO_IPV4;
	orig.src.u3.ip = p->saddr;
	orig.dst.u3.ip = p->daddr;
	orig.src.u.all = p->sport;
	orig.dst.u.all = p->dport;
	orig.dst.protonum = p->proto;
	if (p->proto == IPPROTO_ICMP) {
		orig.src.u.icmp.id = 0;
		orig.dst.u.icmp.type = ICMP_ECHO;
		orig.dst.u.icmp.code = 0;
	}
	orig.dst.dir = IP_CT_DIR_ORIGINAL;
	if (!nf_ct_invert_tuple(&reply, &orig))
		return ERR_PTR(-EINVAL);
	ct = nf_conntrack_alloc(net, &nf_ct_zone_dflt, &orig, &reply, GFP_KERNEL);
	if (!IS_ERR(ct))
		refcount_set(&ct->ct_general.use, 1);
	return ct;
}

/*
 * Before a packet is sent: as if it came for the first time. To all but nat, a connection is
 * one whose NAT is settled and which is confirmed: those hooks leave it alone.
 */
static void reset(struct sk_buff *skb, enum mode mode)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);

	skb->mark = 0;
	if (!ct)
		return;
	if (mode == MODE_COLD || mode == MODE_WARM) {
		ct->status = IPS_CONFIRMED | IPS_NAT_DONE_MASK;
		return;
	}
	ct->status = 0;
	nf_ct_invert_tuple(&ct->tuplehash[IP_CT_DIR_REPLY].tuple,
			   &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple);
}

/*
 * What -j TCPMSS looks for in the first packet of a connection: an option, which it leaves
 * as it is, and a route.
 */
static int make_syn(struct sk_buff *skb, struct tcphdr *th)
{
	static const u8 mss[] = { 2, 4, 536 >> 8, 536 & 255 };	/* RFC 9293 */
	struct flowi4 fl4 = { .daddr = htonl(INADDR_LOOPBACK) };
	struct rtable *rt = ip_route_output_key(net, &fl4);

	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb_dst_set(skb, &rt->dst);
	th->doff += sizeof(mss) / 4;
	memcpy(th + 1, mss, sizeof(mss));
	return 0;
}

static struct sk_buff *make_skb(const struct packet *p)
{
	struct sk_buff *skb = alloc_skb(HEADROOM + p->len, GFP_KERNEL);
	struct tcphdr *th;
	struct iphdr *ip;
	struct nf_conn *ct;
	int err;

	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_reserve(skb, HEADROOM);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, p->len);
	skb_set_transport_header(skb, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->protocol = p->proto;
	ip->tot_len = htons(p->len);
	ip->ttl = 64;
	ip->saddr = p->saddr;
	ip->daddr = p->daddr;
	ip_send_check(ip);
	th = (void *)(ip + 1);
	if (p->proto == IPPROTO_ICMP) {
		memcpy(th, &p->sport, sizeof(p->sport));
	} else {
		th->source = p->sport;
		th->dest = p->dport;
	}
	if (p->proto == IPPROTO_TCP) {
		th->doff = 5;
		((u8 *)th)[13] = p->tcp_flags;
	}
	skb->protocol = htons(ETH_P_IP);
	skb->dev = device(p->in);
	if (p->state == PACKET_NO_CT)
		return skb;
	if (th->syn && p->proto == IPPROTO_TCP) {
		err = make_syn(skb, th);
		if (err)
			goto err_free;
	}
	ct = make_ct(p);
	err = PTR_ERR_OR_ZERO(ct);
	if (err)
		goto err_free;
	nf_ct_set(skb, ct, p->state == PACKET_NEW ? IP_CT_NEW : IP_CT_ESTABLISHED);
	return skb;

err_free:
	kfree_skb(skb);
	return ERR_PTR(err);
}

static void free_skbs(void)
{
	u32 i;

	for (i = 0; i < n_skbs; i++) {
		/* no table has the connection, so there is none to be taken from */
		reset(skbs[i], MODE_NAT);
		kfree_skb(skbs[i]);
		if (i % 1024 == 0)
			cond_resched();
	}
	n_skbs = 0;
	vfree(skbs);
	vfree(verdicts);
	vfree(chunk_best);
	skbs = NULL;
	verdicts = NULL;
	chunk_best = NULL;
	for (i = 0; i < N_DEVICES; i++) {
		dev_put(devices[i]);
		devices[i] = NULL;
	}
	if (net)
		put_net(net);
	net = NULL;
}

static int make_skbs(u32 n)
{
	char name[IFNAMSIZ];
	struct sk_buff *skb;
	u32 i;

	free_skbs();
	if (!n || n > n_trace)
		return -ERANGE;
	net = get_net(current->nsproxy->net_ns);
	for (i = 0; i < N_DEVICES; i++) {
		snprintf(name, sizeof(name), "eth%u", i);
		devices[i] = dev_get_by_name(net, name);
	}
	skbs = vcalloc(n, sizeof(*skbs));
	verdicts = vcalloc(n, sizeof(*verdicts));
	chunk_best = vcalloc(n / CHUNK + 1, sizeof(*chunk_best));
	if (!skbs || !verdicts || !chunk_best)
		goto err_free;
	for (i = 0; i < n; i++) {
		skb = make_skb(&trace[i]);
		if (IS_ERR(skb))
			goto err_free;
		skbs[n_skbs++] = skb;
		if (i % 1024 == 0)
			cond_resched();
	}
	return 0;

err_free:
	free_skbs();
	return -ENOMEM;
}

/* Runs -------------------------------------------------------------------- */

static int okfn(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

/* The callbacks of the nat chains at @hook, or NULL when there are none. */
static const struct nf_hook_entries *nat_entries(u8 hook)
{
	/* as nf_nat_core.c has it */
	struct lookup {
		struct nf_hook_entries __rcu *entries;
	};
	const struct nf_hook_entries *e = rcu_dereference(net->nf.hooks_ipv4[hook]);
	struct nf_hook_ops **ops;
	int i;

	if (!e)
		return NULL;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries; i++)
		if (ops[i]->priority == NF_IP_PRI_NAT_DST)
			return rcu_dereference(((struct lookup *)e->hooks[i].priv)->entries);
	return NULL;
}

static u32 run_nat(const struct nf_hook_entries *e, struct nf_hook_state *state,
		   struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);
	u32 verdict;
	int i;

	for (i = 0; e && i < e->num_hook_entries; i++) {
		verdict = e->hooks[i].hook(e->hooks[i].priv, skb, state);
		if (verdict != NF_ACCEPT)
			return 0;
		if (nf_nat_initialized(ct, NF_NAT_MANIP_DST))
			break;
	}
	return 1;
}

static void run_setup(struct sk_buff *skb, u32 addr)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr.ip = htonl(addr),
		.max_addr.ip = htonl(addr),
		.min_proto.all = htons(NAT_PORT),
		.max_proto.all = htons(NAT_PORT),
	};
	enum ip_conntrack_info info;

	if (addr > 1)
		nf_nat_setup_info(nf_ct_get(skb, &info), &range, NF_NAT_MANIP_DST);
}

static u32 word_of(const struct sk_buff *skb, enum mode mode, u32 verdict)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct;

	if (!verdict)
		return 0;
	if (mode != MODE_NAT)
		return 1 + 2 * skb->mark;
	ct = nf_ct_get(skb, &info);
	return ct->status & IPS_DST_NAT ?
	       ntohl(ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3.ip) & ~7 : 1;
}

/* Send packets @from to @to - 1; their verdicts, 0 or 1, go to verdicts[]. */
static u64 run_chunk(u32 from, u32 to, enum mode mode, u8 hook)
{
	const struct nf_hook_entries *nat = NULL;
	struct nf_hook_state state;
	u64 start;
	u32 i;

	rcu_read_lock();
	if (mode == MODE_NAT)
		nat = nat_entries(hook);
	start = cycles();
	for (i = from; i < to; i++) {
		struct sk_buff *skb = skbs[i];
		const struct packet *p = &trace[i];

		switch (mode) {
		case MODE_NAT:
			nf_hook_state_init(&state, hook, NFPROTO_IPV4, device(p->in),
					   device(p->out), NULL, net, okfn);
			verdicts[i] = run_nat(nat, &state, skb);
			break;
		case MODE_SETUP:
			run_setup(skb, verdicts[i]);
			break;
		default:
			/* a packet that is dropped loses a reference */
			refcount_inc(&skb->users);
			verdicts[i] = nf_hook(NFPROTO_IPV4, hook, net, NULL, skb,
					      device(p->in), device(p->out), okfn) == 1;
		}
	}
	start = cycles() - start;
	rcu_read_unlock();
	return start;
}

/* What a run does beside: not timed. */
static void before_chunk(u32 from, u32 to, enum mode mode)
{
	u32 i;

	if (mode == MODE_COLD)
		return;
	for (i = from; i < to; i++) {
		reset(skbs[i], mode);
		READ_ONCE(ip_hdr(skbs[i])->protocol);
	}
}

static void after_chunk(u32 from, u32 to, enum mode mode)
{
	u32 i;

	for (i = from; i < to; i++) {
		if (mode != MODE_SETUP)
			verdicts[i] = word_of(skbs[i], mode, verdicts[i]);
		if (mode == MODE_COLD || mode == MODE_WARM)
			refcount_set(&skbs[i]->users, 1);
		reset(skbs[i], mode);
	}
}

static int by_size(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int run(enum mode mode, u8 hook, u32 rounds)
{
	u64 rounds_took[MAX_ROUNDS];
	u32 round, from, to, i;
	u64 took;

	if (!n_skbs || hook >= NF_INET_NUMHOOKS || !rounds || rounds > MAX_ROUNDS)
		return -ERANGE;
	memset(&result, 0, sizeof(result));
	for (i = 0; i < n_skbs; i++) {
		if (mode == MODE_NAT && trace[i].state == PACKET_NO_CT)
			return -EINVAL;
		reset(skbs[i], mode);
	}
	for (round = 0; round < rounds; round++) {
		rounds_took[round] = 0;
		for (from = 0; from < n_skbs; from = to) {
			to = min(from + CHUNK, n_skbs);
			before_chunk(from, to, mode);
			took = run_chunk(from, to, mode, hook);
			after_chunk(from, to, mode);
			rounds_took[round] += took;
			if (!round || took < chunk_best[from / CHUNK])
				chunk_best[from / CHUNK] = took;
			cond_resched();
		}
	}
	for (i = 0; i < n_skbs; i++)
		result.accepted += verdicts[i] != 0;
	took = 0;
	for (i = 0; i < DIV_ROUND_UP(n_skbs, CHUNK); i++)
		took += chunk_best[i];
	sort(rounds_took, rounds, sizeof(u64), by_size, NULL);
	result.best = picoseconds(took, n_skbs);
	result.median = picoseconds(rounds_took[rounds / 2], n_skbs);
	result.max = picoseconds(rounds_took[rounds - 1], n_skbs);
	result.packets = n_skbs;
	result.rounds = rounds;
	return 0;
}

/* Commands ---------------------------------------------------------------- */

static int read_trace(const char *path)
{
	void *data = NULL;
	ssize_t size;

	free_skbs();
	vfree(trace);
	trace = NULL;
	n_trace = 0;
	size = kernel_read_file_from_path(path, 0, &data, INT_MAX, NULL, READING_UNKNOWN);
	if (size < 0)
		return size;
	trace = data;
	n_trace = size / sizeof(*trace);
	while (n_trace--) {
		if (trace[n_trace].len < PACKET_MIN_LEN ||
		    trace[n_trace].len > PACKET_MAX_LEN)
			break;
	}
	if (n_trace != (size_t)-1) {
		n_trace = 0;
		return -EINVAL;
	}
	n_trace = size / sizeof(*trace);
	return 0;
}

static int run_named(const char *name, u32 hook, u32 rounds)
{
	int mode = match_string(mode_names, N_MODES, name);

	return mode < 0 ? mode : run(mode, hook, rounds);
}

static int command(char *text)
{
	u32 a, b;
	char name[8];

	if (!strcmp(text, "free")) {
		free_skbs();
		return 0;
	}
	if (!strncmp(text, "trace ", 6))
		return read_trace(text + 6);
	if (sscanf(text, "make %u", &a) == 1)
		return make_skbs(a);
	if (sscanf(text, "run %7s %u %u", name, &a, &b) == 3)
		return run_named(name, a, b);
	return -EINVAL;
}

static ssize_t hookbench_write(struct file *file, const char __user *from, size_t size,
			       loff_t *pos)
{
	char *text = memdup_user_nul(from, min_t(size_t, size, PATH_MAX));
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&lock);
	err = command(strim(text));
	mutex_unlock(&lock);
	kfree(text);
	return err ?: size;
}

static int hookbench_show(struct seq_file *s, void *v)
{
	mutex_lock(&lock);
	seq_printf(s, "packets %u\nrounds %u\naccepted %u\nbest %llu\nmedian %llu\nmax %llu\n",
		   result.packets, result.rounds, result.accepted, result.best,
		   result.median, result.max);
	mutex_unlock(&lock);
	return 0;
}

static int hookbench_open(struct inode *inode, struct file *file)
{
	return single_open(file, hookbench_show, NULL);
}

static const struct proc_ops hookbench_ops = {
	.proc_open = hookbench_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_write = hookbench_write,
	.proc_release = single_release,
};

static ssize_t hookbench_read_verdicts(struct file *file, char __user *to, size_t size,
				       loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&lock);
	ret = simple_read_from_buffer(to, size, pos, verdicts,
				      (size_t)n_skbs * sizeof(*verdicts));
	mutex_unlock(&lock);
	return ret;
}

static const struct proc_ops hookbench_verdicts_ops = {
	.proc_read = hookbench_read_verdicts,
	.proc_lseek = default_llseek,
};

static int __init hookbench_init(void)
{
	calibrate();
	if (!proc_create("hookbench", 0600, NULL, &hookbench_ops))
		return -ENOMEM;
	if (!proc_create("hookbench_verdicts", 0400, NULL, &hookbench_verdicts_ops)) {
		remove_proc_entry("hookbench", NULL);
		return -ENOMEM;
	}
	return 0;
}

static void __exit hookbench_exit(void)
{
	remove_proc_entry("hookbench_verdicts", NULL);
	remove_proc_entry("hookbench", NULL);
	free_skbs();
	vfree(trace);
}

module_init(hookbench_init);
module_exit(hookbench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("sends a trace of packets through a netfilter hook and reads the time");
