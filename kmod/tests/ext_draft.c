// SPDX-License-Identifier: GPL-2.0
/*
 * Bodies for the suite of extensions: see ext_draft.h. The parts of a body grow side by side,
 * each in an array of its own, and are put one behind the other at the end.
 */
#include "ext_draft.h"

struct draft *draft_new(struct kunit *test)
{
	struct draft *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	d->test = test;
	d->strings_size = 1;
	return d;
}

u32 draft_string(struct draft *d, const char *s)
{
	u32 at = d->strings_size;

	strscpy(d->strings + at, s, sizeof(d->strings) - at);
	d->strings_size += strlen(s) + 1;
	return at;
}

void draft_rule(struct draft *d, u8 proto)
{
	d->rule = (void *)(d->rules + d->rules_size);
	d->rule->size = cpu_to_le16(sizeof(*d->rule) / 8);
	d->rule->proto = proto;
	d->rule->flags = proto ? FWLOAD_IMG_R_PROTO : 0;
	d->rules_size += sizeof(*d->rule);
	d->n_rules++;
}

static void add_element(struct draft *d, const void *el, u32 size)
{
	memcpy(d->rules + d->rules_size, el, size);
	d->rules_size += size;
	le16_add_cpu(&d->rule->size, size / 8);
}

static struct fwload_img_ext *add_ext(struct draft *d, u8 kind, const char *name,
				      u8 revision, const void *info, u32 size)
{
	struct fwload_img_ext *ext = &d->exts[d->n_exts++];

	ext->name = cpu_to_le32(draft_string(d, name));
	ext->revision = revision;
	ext->kind = kind;
	ext->payload = cpu_to_le32(d->payloads_size);
	ext->size = cpu_to_le32(ALIGN(size, 8));
	memcpy(d->payloads + d->payloads_size, info, size);
	d->payloads_size += ALIGN(size, 8);
	return ext;
}

struct fwload_img_ext *draft_match(struct draft *d, const char *name, u8 revision,
				   const void *info, u32 size)
{
	struct fwload_img_el_ext el = {
		.el = { .type = FWLOAD_IMG_EL_EXT, .len = sizeof(el) / 8 },
		.ext = cpu_to_le32(d->n_exts),
	};

	add_element(d, &el, sizeof(el));
	return add_ext(d, FWLOAD_IMG_EXT_MATCH, name, revision, info, size);
}

struct fwload_img_ext *draft_target(struct draft *d, const char *name, u8 revision,
				    const void *info, u32 size)
{
	d->rule->target = cpu_to_le32((u32)FWLOAD_IMG_T_EXT << FWLOAD_IMG_TARGET_SHIFT |
				      d->n_exts);
	return add_ext(d, FWLOAD_IMG_EXT_TARGET, name, revision, info, size);
}

void draft_syn(struct draft *d)
{
	struct fwload_img_el_ports el = {
		.el = { .type = FWLOAD_IMG_EL_PORTS, .len = sizeof(el) / 8,
			.arg = IPPROTO_TCP },
		.flag_mask = 0x06,
		.flag_cmp = TCP_SYN,
		.sport = { 0, cpu_to_le16(0xffff) },
		.dport = { 0, cpu_to_le16(0xffff) },
	};

	add_element(d, &el, sizeof(el));
}

struct fwload_chain *draft_chain(struct draft *d, struct fwload_body *b)
{
	struct fwload_img_body head = {
		.n_rules = cpu_to_le32(d->n_rules),
		.n_exts = cpu_to_le32(d->n_exts),
		.rules_size = cpu_to_le32(d->rules_size),
		.payloads_size = cpu_to_le32(d->payloads_size),
		.strings_size = cpu_to_le32(d->strings_size),
	};
	u32 exts_size = d->n_exts * sizeof(d->exts[0]);
	struct fwload_chain *c;
	u8 *at;

	c = kunit_kzalloc(d->test, sizeof(*c) + sizeof(head) + exts_size + d->rules_size +
			  d->payloads_size + ALIGN(d->strings_size, 8), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(d->test, c);
	at = c->body;
	memcpy(at, &head, sizeof(head));
	at += sizeof(head);
	memcpy(at, d->exts, exts_size);
	at += exts_size;
	memcpy(at, d->rules, d->rules_size);
	at += d->rules_size;
	memcpy(at, d->payloads, d->payloads_size);
	at += d->payloads_size;
	memcpy(at, d->strings, d->strings_size);
	fwload_body_open(c->body, b);
	return c;
}
