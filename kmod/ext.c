// SPDX-License-Identifier: GPL-2.0
/*
 * x_tables matches and targets inside fwload rules.
 *
 * An extension of the image is a name, a revision and a payload: the struct that
 * iptables would put behind its entry. Here it becomes an *instance*: the struct xt_match
 * or xt_target, and a copy of the payload to work on, since extensions keep pointers and
 * state in theirs. The image's payload stays as it came and is what goes back out. All
 * instances of a chain lie in one allocation: n_exts x struct fwload_ext, then
 * the payloads, in the order and at the distances that they have in the image.
 *
 * The parts: ext_want.c asks for what must be loaded, load.c loads it, ext_rule.c tells an
 * extension about its rule, ext_instance.c checks and makes one instance, ipset.c
 * finds its sets, symbols.c lends the functions of x_tables. This file puts
 * the instances of a chain together and calls them.
 *
 * A rule behind one that ends the chain for every packet is reached from no hook, and its
 * extensions may be what they could not be elsewhere. iptables accepts that.
 *
 * When a running chain comes to be reached from more hooks, its extensions are checked
 * again. Those whose checkentry reads hook_mask are instantiated once more for the
 * occasion: TCPMSS, SET, addrtype, devgroup, physdev, policy. All of them only refuse or
 * accept and keep nothing that depends on it, so the running instance goes on. Others must
 * not be tried anew: bpf takes a file descriptor of its caller, cgroup a path, which
 * need not be there any more.
 *
 * Payloads that depend on the system that compiled them (libxtables 1.8.9 asks it
 * while it parses):
 *
 *	set, SET	number and family of a set: the image has its name (ipset.c)
 *	bpf		--object-pinned opens the object, and puts the descriptor into the
 *			payload beside the path; the kernel goes by the path, at COMMIT
 *	owner		names of users and groups, from the passwd and group databases
 *	devgroup	names, from /etc/iproute2/group
 *	realm		names, from /etc/iproute2/rt_realms
 *	connlabel	names, from connlabel.conf
 *	services	names of ports in any extension, from /etc/services
 *	hosts		names of hosts, from DNS
 *
 * All but the first two are names that a file or a server of the user's turns into
 * numbers; the payload has the number, and so has what iptables-save prints for most.
 * (TEE --oif, CT --helper and --timeout, nfacct, cgroup --path, rateest, recent and
 * hashlimit --name, SECMARK carry the name; the kernel looks it up at COMMIT.)
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "ext.h"
#include "ext_instance.h"
#include "packet.h"
#include "symbols.h"

/* Destroy the first @n of @exts, which @img describes. */
static void destroy_first(struct net *net, u8 family, const struct fwload_ext *exts,
			  const struct fwload_img_ext *img, u32 n)
{
	struct module *me;
	bool is_target;
	u32 i;

	for (i = 0; i < n; i++) {
		is_target = fwload_ext_is_target(&img[i]);
		me = fwload_ext_module(&exts[i], is_target);
		fwload_ext_instance_destroy(net, family, &exts[i], is_target);
		module_put(me);
	}
}

/* Find the extension of @at in @load and pin it for the instance. */
static int find(struct fwload_load *load, const struct fwload_ext_place *at,
		struct fwload_ext *x)
{
	bool is_target = fwload_ext_is_target(at->ext);
	u8 revision = at->ext->revision;

	if (is_target) {
		x->target = fwload_load_target(load, at->family, at->name, revision);
		if (IS_ERR(x->target))
			return PTR_ERR(x->target);
	} else {
		x->match = fwload_load_match(load, at->family, at->name, revision);
		if (IS_ERR(x->match))
			return PTR_ERR(x->match);
	}
	__module_get(fwload_ext_module(x, is_target));
	return 0;
}

static int build_one(struct fwload_load *load, const struct fwload_ext_place *at,
		     struct fwload_ext *x, const char **reason)
{
	int err = find(load, at, x);

	if (err) {
		*reason = "the extension has not been asked for";
		return err;
	}
	err = fwload_ext_instance_create(at, x, reason);
	if (err)
		module_put(fwload_ext_module(x, fwload_ext_is_target(at->ext)));
	return err;
}

size_t fwload_ext_size(const struct fwload_body *b)
{
	if (!b->n_exts)
		return 0;
	return size_add(array_size(b->n_exts, sizeof(struct fwload_ext)),
			b->payloads_size);
}

int fwload_ext_build(struct net *net, struct fwload_load *load, u8 family, u8 table,
		     struct fwload_chain *c, const struct fwload_body *b, u32 hooks,
		     struct fwload_ext_error *err)
{
	union fwload_ext_entry entry;
	struct fwload_ext_rule rule;
	struct fwload_ext *exts;
	struct fwload_ext_place at = {
		.net = net,
		.rule = &rule,
		.entry = &entry,
		.family = family,
		.table = table,
	};
	u8 *payloads;
	u32 i = 0;
	int ret;

	c->code.exts = NULL;
	if (!b->n_exts)
		return 0;
	*err = (struct fwload_ext_error) { .reason = "out of memory" };
	ret = fwload_symbols_get(FWLOAD_SYMBOLS_XT);
	if (ret) {
		err->reason = "x_tables is not loaded";
		return ret;
	}
	exts = kvzalloc(fwload_ext_size(b), GFP_KERNEL_ACCOUNT);
	if (!exts) {
		ret = -ENOMEM;
		goto err_symbols;
	}
	payloads = (u8 *)&exts[b->n_exts];

	fwload_ext_rule_first(&rule, b);
	while (fwload_ext_rule_next(&rule)) {
		fwload_ext_rule_entry(&rule, family, &entry);
		at.hooks = rule.dead ? 0 : hooks;
		for (; i < rule.ext + rule.n_exts; i++) {
			at.ext = &b->exts[i];
			at.name = b->strings + le32_to_cpu(at.ext->name);
			exts[i].info = payloads + le32_to_cpu(at.ext->payload);
			ret = build_one(load, &at, &exts[i], &err->reason);
			if (ret)
				goto err_exts;
		}
		cond_resched();
	}
	c->code.exts = exts;
	return 0;

err_exts:
	err->rule = rule.index;
	err->ext = i;
	destroy_first(net, family, exts, b->exts, i);
	kvfree(exts);
err_symbols:
	fwload_symbols_put(FWLOAD_SYMBOLS_XT);
	return ret;
}

int fwload_ext_recheck(struct net *net, u8 family, u8 table,
		       const struct fwload_chain *c, u32 hooks,
		       struct fwload_ext_error *err)
{
	union fwload_ext_entry entry;
	struct fwload_ext_rule rule;
	struct fwload_body b;
	struct fwload_ext_place at = {
		.net = net,
		.rule = &rule,
		.entry = &entry,
		.family = family,
		.table = table,
	};
	u32 i;
	int ret;

	if (!c->code.exts)
		return 0;
	fwload_body_open(c->body, &b);
	fwload_ext_rule_first(&rule, &b);
	while (fwload_ext_rule_next(&rule)) {
		fwload_ext_rule_entry(&rule, family, &entry);
		at.hooks = rule.dead ? 0 : hooks;
		for (i = rule.ext; i < rule.ext + rule.n_exts; i++) {
			at.ext = &b.exts[i];
			at.name = b.strings + le32_to_cpu(at.ext->name);
			ret = fwload_ext_instance_recheck(&at, &c->code.exts[i],
							  &err->reason);
			if (ret) {
				err->rule = rule.index;
				err->ext = i;
				return ret;
			}
		}
		cond_resched();
	}
	return 0;
}

void fwload_ext_destroy(struct net *net, u8 family, struct fwload_chain *c)
{
	struct fwload_body b;

	if (!c->code.exts)
		return;
	fwload_body_open(c->body, &b);
	destroy_first(net, family, c->code.exts, b.exts, b.n_exts);
	kvfree(c->code.exts);
	c->code.exts = NULL;
	fwload_symbols_put(FWLOAD_SYMBOLS_XT);
}

bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	const struct fwload_ext *x = &code->exts[ext];
	struct xt_action_param par = {
		.match = x->match,
		.matchinfo = x->info,
		.state = pkt->state_ptr,
		.thoff = pkt->thoff,
		.fragoff = pkt->fragoff,
	};
	const struct sk_buff *skb = pkt->skb;
	bool matches = x->match->match(skb, &par);

	pkt->hotdrop |= par.hotdrop;
	/* xt_socket can restore the mark of the socket */
	pkt->mark = skb->mark;
	return matches;
}

u32 fwload_ext_target(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	const struct fwload_ext *x = &code->exts[ext];
	struct xt_action_param par = {
		.target = x->target,
		.targinfo = x->info,
		.state = pkt->state_ptr,
		.thoff = pkt->thoff,
		.fragoff = pkt->fragoff,
	};
	u32 verdict = x->target->target(pkt->skb, &par);

	pkt->hotdrop |= par.hotdrop;
	/* With any other verdict the packet may be gone */
	if (verdict != XT_CONTINUE)
		return verdict;
	fwload_packet_extract(pkt, pkt->skb, pkt->state_ptr, pkt->family);
	return FWLOAD_VERDICT_CONTINUE;
}
