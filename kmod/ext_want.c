// SPDX-License-Identifier: GPL-2.0
/*
 * What the extensions of a body need before they can be instantiated: themselves, and
 * what their checkentry would load.
 *
 * These functions load modules from checkentry (net/netfilter/xt_*.c,
 * net/ipv4/netfilter/ipt_*.c, net/ipv6/netfilter/ip6t_*.c and what they call, 6.1 and
 * 6.12). Each is asked of struct fwload_load first:
 *
 *	CT	nf_conntrack_helper_try_module_get(): "nfct-helper-NAME"
 *	LOG	nf_log_syslog, when it is not called by nft_compat
 *	NFLOG	nfnetlink_log, likewise
 *	string	textsearch_prepare() with TS_AUTOLOAD: "ts_ALGORITHM"
 *	physdev	br_netfilter, once after xt_physdev was loaded, there or not
 *
 * TRACE needs a logger that it does not load. nf_ct_netns_get() loads a module only
 * for bridges. ip_vs, nf_nat, nf_dup and their like come with the modules that use them.
 */
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_string.h>
#include <net/netfilter/nf_log.h>

#include "ext.h"
#include "ext_rule.h"
#include "ipset.h"
#include "memory.h"

static const char *reason_of(int err)
{
	switch (err) {
	case -ENOENT:
		return "this kernel has no such extension";
	case -EPROTONOSUPPORT:
		return "this kernel has the extension, but not this revision of it";
	case -E2BIG:
		return "the image uses more different extensions than a kernel can have";
	case -ENOBUFS:
	case -ENOMEM:
		return fwload_memory_reason(err);
	default:
		return "the extension could not be loaded";
	}
}

#define NO_HELPER	"no such conntrack helper for this protocol: "
#define HELPER_OF(name, module)	{ name, NO_HELPER "it would be in the module " module }

/* A kernel's helpers and what is said where one is missing, which names its module. */
static const struct helper {
	const char *name;
	const char *missing;
} helpers[] = {
	HELPER_OF("amanda", "nf_conntrack_amanda"),
	HELPER_OF("ftp", "nf_conntrack_ftp"),
	HELPER_OF("H.245", "nf_conntrack_h323"),
	HELPER_OF("irc", "nf_conntrack_irc"),
	HELPER_OF("netbios-ns", "nf_conntrack_netbios_ns"),
	HELPER_OF("pptp", "nf_conntrack_pptp"),
	HELPER_OF("Q.931", "nf_conntrack_h323"),
	HELPER_OF("RAS", "nf_conntrack_h323"),
	HELPER_OF("sane", "nf_conntrack_sane"),
	HELPER_OF("sip", "nf_conntrack_sip"),
	HELPER_OF("snmp", "nf_conntrack_snmp"),
	HELPER_OF("tftp", "nf_conntrack_tftp"),
};

static const char *no_helper(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++)
		if (!strcmp(name, helpers[i].name))
			return helpers[i].missing;
	return NO_HELPER "no module has the alias nfct-helper-NAME";
}

/* -j CT --helper. The payloads of all revisions begin alike. */
static int want_helper(struct fwload_load *load, u8 family,
		       const struct fwload_ext_rule *r, const void *payload, u32 size,
		       const char **reason)
{
	const struct xt_ct_target_info *info = payload;
	u8 proto = fwload_ext_rule_proto(r);
	int err;

	/* What checkentry refuses before it comes to look for a helper is left to it */
	if (size < offsetofend(struct xt_ct_target_info, helper) ||
	    info->flags & XT_CT_NOTRACK || !info->helper[0] || !proto ||
	    strnlen(info->helper, sizeof(info->helper)) == sizeof(info->helper) ||
	    fwload_ext_rule_proto_inv(r))
		return 0;
	err = fwload_load_helper(load, family, proto, info->helper);
	if (err == -ENOENT)
		*reason = no_helper(info->helper);
	return err;
}

static int want_logger(struct fwload_load *load, u8 family, enum nf_log_type type,
		       const char *module, const char **reason)
{
	int err = fwload_load_logger(load, family, type, module);

	if (err == -ENOENT)
		*reason = type == NF_LOG_TYPE_LOG ?
			  "no logger: the module nf_log_syslog cannot be loaded" :
			  "no logger: the module nfnetlink_log cannot be loaded";
	return err;
}

/* -m string --algo: the pattern does not matter. */
static int want_algorithm(struct fwload_load *load, u8 family,
			  const struct xt_match *match, const void *payload, u32 size,
			  const char **reason)
{
	const struct xt_string_info *info = payload;
	struct xt_string_info probe = { .pattern = "x", .patlen = 1 };
	int err;

	if (size < sizeof(*info) ||
	    strscpy(probe.algo, info->algo, sizeof(probe.algo)) < 0)
		return 0;
	err = fwload_load_probe(load, family, match, &probe, sizeof(probe));
	if (err == -ENOENT)
		*reason = "no such search algorithm";
	return err;
}

/* Any valid payload does. */
static int want_bridge(struct fwload_load *load, u8 family, const struct xt_match *match)
{
	struct xt_physdev_info probe = { .bitmask = XT_PHYSDEV_OP_BRIDGED };

	return fwload_load_probe(load, family, match, &probe, sizeof(probe));
}

static int want_match(struct fwload_load *load, u8 family, const struct fwload_body *b,
		      const struct fwload_img_ext *ext, const char **reason)
{
	const char *name = b->strings + le32_to_cpu(ext->name);
	const void *payload = b->payloads + le32_to_cpu(ext->payload);
	const struct xt_match *match;

	match = fwload_load_match(load, family, name, ext->revision);
	if (IS_ERR(match))
		return PTR_ERR(match);
	if (!strcmp(name, "string"))
		return want_algorithm(load, family, match, payload,
				      le32_to_cpu(ext->size), reason);
	if (!strcmp(name, "physdev"))
		return want_bridge(load, family, match);
	return 0;
}

static int want_target(struct fwload_load *load, u8 family,
		       const struct fwload_ext_rule *r, const struct fwload_img_ext *ext,
		       const char **reason)
{
	const char *name = r->body->strings + le32_to_cpu(ext->name);
	const void *payload = r->body->payloads + le32_to_cpu(ext->payload);
	const struct xt_target *target;

	target = fwload_load_target(load, family, name, ext->revision);
	if (IS_ERR(target))
		return PTR_ERR(target);
	if (!strcmp(name, "CT"))
		return want_helper(load, family, r, payload, le32_to_cpu(ext->size),
				   reason);
	if (!strcmp(name, "LOG") || !strcmp(name, "TRACE"))
		return want_logger(load, family, NF_LOG_TYPE_LOG, "nf_log_syslog",
				   reason);
	if (!strcmp(name, "NFLOG"))
		return want_logger(load, family, NF_LOG_TYPE_ULOG, "nfnetlink_log",
				   reason);
	return 0;
}

static int want_ext(struct fwload_load *load, u8 family, const struct fwload_ext_rule *r,
		    const struct fwload_img_ext *ext, const char **reason)
{
	int err;

	if (ext->kind == FWLOAD_IMG_EXT_MATCH)
		err = want_match(load, family, r->body, ext, reason);
	else
		err = want_target(load, family, r, ext, reason);
	if (!err && ext->n_sets)
		err = fwload_load_ipset(load);
	return err;
}

int fwload_ext_want(struct fwload_load *load, u8 family, const struct fwload_body *b,
		    struct fwload_ext_error *err)
{
	struct fwload_ext_rule r;
	bool again = false;
	u32 i;
	int ret;

	fwload_ext_rule_first(&r, b);
	while (fwload_ext_rule_next(&r)) {
		for (i = r.ext; i < r.ext + r.n_exts; i++) {
			const char *reason = NULL;

			fwload_env_resched(&b->exts[i], &b->exts[i + 1]);
			ret = want_ext(load, family, &r, &b->exts[i], &reason);
			if (ret == -EAGAIN) {
				again = true;
				continue;
			}
			if (!ret)
				continue;
			err->reason = reason ?: reason_of(ret);
			err->rule = r.index;
			err->ext = i;
			return ret;
		}
	}
	return again ? -EAGAIN : 0;
}
