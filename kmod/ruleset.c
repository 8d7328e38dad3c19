// SPDX-License-Identifier: GPL-2.0
/*
 * Generations: built beside the one in force, put in its place with one pointer store,
 * retired after a grace period.
 *
 * A commit first does everything that can fail: it checks the image, sees that modules
 * are there, builds the tables, their extensions and counters, and registers the hooks
 * that are needed and not there yet. A hook whose table is not in force accepts. Then it
 * stores the pointer, which cannot fail, and takes back hooks that nobody needs now. Hooks
 * that both generations use are left alone.
 *
 * What was replaced goes to a work queue when no packet can see it any more: counters
 * that are carried over are folded into the chains that replaced theirs, and tables
 * that no generation and no dump has are freed with their extensions, whose destructors may
 * sleep. A namespace holds back commits while many generations wait for that.
 */
#define pr_fmt(fmt) "fwload: " fmt

#include <linux/audit.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "carry.h"
#include "ext.h"
#include "given.h"
#include "main.h"
#include "memory.h"
#include "ruleset.h"
#include "table.h"
#include "upload.h"

#define MAX_RETIRING	8
#define N_TABLES	(__FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX)

struct fwload_gen *fwload_ruleset_current(struct fwload_net *fn)
{
	return rcu_dereference_protected(fn->gen, lockdep_is_held(&fn->lock));
}

/* Table number @i of all, families one after another: also the bit in masks of hooks. */
static struct fwload_table **table_slot(struct fwload_gen *gen, u32 i)
{
	return &gen->tables[i / __FWLOAD_TABLE_MAX][i % __FWLOAD_TABLE_MAX];
}

static u32 slot_of(u8 family, u8 type)
{
	return family * __FWLOAD_TABLE_MAX + type;
}

static u32 hooks_wanted(struct fwload_gen *gen)
{
	u32 i, want = 0;

	for (i = 0; i < N_TABLES; i++)
		if (*table_slot(gen, i))
			want |= 1U << i;
	return want;
}

/* The families whose rules ask conntrack. */
static u32 conntrack_wanted(struct fwload_gen *gen)
{
	u32 i, want = 0;

	for (i = 0; i < N_TABLES; i++) {
		const struct fwload_table *t = *table_slot(gen, i);

		if (t && t->conntrack)
			want |= 1U << t->family;
	}
	return want;
}

/* A generation with the tables of the one in force, but for those in @without. */
static struct fwload_gen *gen_alloc(struct fwload_net *fn, u32 without)
{
	struct fwload_gen *old = fwload_ruleset_current(fn), *gen;
	u32 i;

	gen = fwload_memory_alloc(fn, 1, sizeof(*gen));
	if (IS_ERR(gen))
		return gen;
	gen->fn = fn;
	for (i = 0; old && i < N_TABLES; i++) {
		if (!*table_slot(old, i) || (without & 1U << i))
			continue;
		fwload_table_get(*table_slot(old, i));
		*table_slot(gen, i) = *table_slot(old, i);
	}
	return gen;
}

static void gen_free(struct fwload_net *fn, struct fwload_gen *gen)
{
	u32 i;

	for (i = 0; i < N_TABLES; i++)
		if (*table_slot(gen, i))
			fwload_table_put(fn, *table_slot(gen, i));
	fwload_memory_free(fn, gen, 1, sizeof(*gen));
}

static void fold_carries(struct fwload_net *fn, struct fwload_gen *gen)
{
	struct fwload_carry *carry, *next;
	u8 family;

	mutex_lock(&fn->lock);
	for (family = 0; family < __FWLOAD_FAMILY_MAX; family++) {
		for (carry = gen->carries[family]; carry; carry = carry->next) {
			fwload_carry_fold(carry);
			cond_resched();
		}
	}
	mutex_unlock(&fn->lock);

	for (family = 0; family < __FWLOAD_FAMILY_MAX; family++) {
		for (carry = gen->carries[family]; carry; carry = next) {
			next = carry->next;
			fwload_carry_free(fn, family, carry);
		}
	}
}

static void fwload_ruleset_retire(struct work_struct *work)
{
	struct fwload_gen *gen = container_of(to_rcu_work(work), struct fwload_gen, retire);
	struct fwload_net *fn = gen->fn;

	fold_carries(fn, gen);
	gen_free(fn, gen);
	/* With the last one, fn may be gone; its address is only a key from here on. */
	atomic_dec_return(&fn->retiring);
	wake_up_var(&fn->retiring);
}

int fwload_ruleset_wait(struct fwload_net *fn)
{
	return wait_var_event_killable(&fn->retiring,
				       atomic_read(&fn->retiring) < MAX_RETIRING);
}

/*
 * Put @gen into force, NULL for one without tables. Its hooks are registered. Takes the
 * caller's generation, and @carries for the one that it replaces.
 */
static void publish(struct fwload_net *fn, struct fwload_gen *gen,
		    struct fwload_carry *const *carries)
{
	struct fwload_gen *old = fwload_ruleset_current(fn);
	u32 want = gen ? hooks_wanted(gen) : 0;
	u32 conntrack = gen ? conntrack_wanted(gen) : 0;
	u8 family;

	if (!++fn->generation)
		fn->generation++;
	if (gen)
		gen->id = fn->generation;
	if (want && !fn->pinned)
		__module_get(THIS_MODULE);
	for (family = 0; old && family < __FWLOAD_FAMILY_MAX; family++) {
		struct fwload_carry *carry;

		old->carries[family] = carries[family];
		for (carry = carries[family]; carry; carry = carry->next)
			fwload_carry_begin(carry);
	}

	rcu_assign_pointer(fn->gen, gen);

	fwload_hook_unregister(fn->net, &fn->hooks, want, conntrack);
	if (!want && fn->pinned)
		module_put(THIS_MODULE);
	fn->pinned = want;
	if (!old)
		return;
	atomic_inc(&fn->retiring);
	INIT_RCU_WORK(&old->retire, fwload_ruleset_retire);
	queue_rcu_work(fwload_wq, &old->retire);
}

static void audit_table(const struct fwload_table *t, enum audit_nfcfgop op)
{
	audit_log_nfcfg(fwload_image_table_names[t->type],
			t->family == FWLOAD_FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6,
			t->n_rules, op, GFP_KERNEL);
}

/* Ask for the modules of all extensions of the image at once. */
static int want_exts(struct fwload_upload *up, struct fwload_commit *cm)
{
	u32 t, i;
	int ret = 0;

	for (t = 0; t < up->img.n_tables; t++) {
		const struct fwload_img_table *table = &up->img.tables[t];
		u32 first = le32_to_cpu(table->first_chain);
		u32 end = first + le32_to_cpu(table->n_chains);

		for (i = first; i < end; i++) {
			struct fwload_ext_error error = {};
			struct fwload_body b;
			int err;

			if (!up->chains[i])
				continue;
			fwload_body_open(up->chains[i]->body, &b);
			if (!b.n_exts)
				continue;
			err = fwload_ext_want(up->load, table->family, &b, &error);
			if (err && err != -EAGAIN) {
				cm->err.reason = error.reason;
				cm->err.chain = i;
				cm->err.rule = error.rule;
				cm->err.ext = error.ext;
				cm->err.offset = fwload_image_body_offset(&up->img, i);
				return err;
			}
			ret = ret ? ret : err;
			cond_resched();
		}
	}
	return ret;
}

/* Everything that can fail between the image and the pointer. */
static int build(struct fwload_net *fn, struct fwload_upload *up, struct fwload_gen *gen,
		 struct fwload_table_build *tb, struct fwload_commit *cm)
{
	struct fwload_gen *old = fwload_ruleset_current(fn);
	u32 t;
	int err;

	for (t = 0; t < up->img.n_tables; t++) {
		tb[t].up = up;
		tb[t].source = &up->img.tables[t];
		if (old)
			tb[t].old = old->tables[tb[t].source->family][tb[t].source->table];
	}
	for (t = 0; t < up->img.n_tables; t++) {
		err = fwload_table_build(fn, &tb[t], cm);
		if (err)
			return err;
	}
	for (t = 0; t < up->img.n_tables; t++) {
		err = fwload_table_build_exts(fn, &tb[t], cm);
		if (err)
			return err;
	}
	for (t = 0; t < up->img.n_tables; t++)
		gen->tables[tb[t].source->family][tb[t].source->table] = tb[t].new;
	/* Registering is a change, and taking back would drop what NFQUEUE holds. */
	if (cm->flags & FWLOAD_COMMIT_TEST)
		return 0;
	err = fwload_hook_register(fn->net, &fn->hooks, up->load, hooks_wanted(gen),
				   conntrack_wanted(gen));
	if (err)
		cm->err.reason = err == -ENOMEM || err == -ENOBUFS ?
				 fwload_memory_reason(err) :
				 "conntrack, nat or the hooks of the tables cannot be had";
	return err;
}

/* Append the carries of one table to those of its family. */
static void collect(struct fwload_carry **carries, const struct fwload_table_build *tb)
{
	struct fwload_carry **end = &carries[tb->source->family];

	while (*end)
		end = &(*end)->next;
	*end = tb->carries;
}

static int commit_checked(struct fwload_net *fn, struct fwload_upload *up,
			  struct fwload_commit *cm)
{
	struct fwload_carry *carries[__FWLOAD_FAMILY_MAX] = {};
	struct fwload_gen *gen, *old = fwload_ruleset_current(fn);
	struct fwload_table_build *tb;
	u32 t, named = 0;
	bool done;
	int err;

	tb = fwload_memory_alloc(fn, up->img.n_tables, sizeof(*tb));
	if (IS_ERR(tb)) {
		cm->err.reason = fwload_memory_reason(PTR_ERR(tb));
		return PTR_ERR(tb);
	}
	for (t = 0; t < up->img.n_tables; t++)
		named |= 1U << slot_of(up->img.tables[t].family, up->img.tables[t].table);
	gen = gen_alloc(fn, named);
	if (IS_ERR(gen)) {
		err = PTR_ERR(gen);
		cm->err.reason = fwload_memory_reason(err);
		goto out;
	}
	err = build(fn, up, gen, tb, cm);
	done = !err && !(cm->flags & FWLOAD_COMMIT_TEST);

	/* Before publishing, since it looks at the generation in force. */
	for (t = 0; t < up->img.n_tables; t++) {
		if (done) {
			collect(carries, &tb[t]);
			audit_table(tb[t].new, tb[t].old ? AUDIT_XT_OP_REPLACE :
							   AUDIT_XT_OP_REGISTER);
		} else {
			gen->tables[tb[t].source->family][tb[t].source->table] = NULL;
		}
	}
	if (done) {
		WARN_ON_ONCE(!old && (carries[0] || carries[1]));
		publish(fn, gen, carries);
	}
	for (t = 0; t < up->img.n_tables; t++) {
		if (done)
			fwload_given_apply(&tb[t]);
		fwload_table_build_end(fn, &tb[t], done);
	}
	if (!done)
		gen_free(fn, gen);
	else if (cm->warning)
		pr_warn_ratelimited("%s (generation %u)\n", cm->warning, gen->id);
out:
	fwload_memory_free(fn, tb, up->img.n_tables, sizeof(*tb));
	return err;
}

int fwload_ruleset_commit(struct fwload_net *fn, struct fwload_upload *up,
			  struct fwload_commit *cm)
{
	int err;

	cm->err.chain = FWLOAD_NO_PLACE;
	cm->err.rule = FWLOAD_NO_PLACE;
	cm->err.ext = FWLOAD_NO_PLACE;
	if (!cm->any && cm->expect != fn->generation) {
		cm->err.reason = "another generation is in force than the one expected";
		return -ESTALE;
	}
	err = fwload_upload_check(fn, up, &cm->err);
	if (err)
		return err;
	err = want_exts(up, cm);
	if (!err)
		err = commit_checked(fn, up, cm);
	if (err == -EAGAIN) {
		fwload_load_start(up->load);
		cm->err.reason = "modules are being loaded; repeat the commit";
	}
	return err;
}

int fwload_ruleset_flush(struct fwload_net *fn, const struct fwload_selection *sel)
{
	struct fwload_carry *none[__FWLOAD_FAMILY_MAX] = {};
	struct fwload_gen *old = fwload_ruleset_current(fn), *gen = NULL;
	u32 i, without = 0;

	for (i = 0; old && i < N_TABLES; i++) {
		const struct fwload_table *t = *table_slot(old, i);

		if (t && (sel->families & 1U << t->family) && (sel->tables & 1U << t->type))
			without |= 1U << i;
	}
	if (!without)
		return 0;
	/* To let all of them go takes no memory, so that it cannot fail. */
	if (hooks_wanted(old) & ~without) {
		gen = gen_alloc(fn, without);
		if (IS_ERR(gen))
			return PTR_ERR(gen);
	}
	for (i = 0; i < N_TABLES; i++)
		if (without & 1U << i)
			audit_table(*table_slot(old, i), AUDIT_XT_OP_UNREGISTER);
	publish(fn, gen, none);
	return 1;
}

typedef int (*visit_fn)(struct fwload_net *fn, const struct fwload_selection *sel,
			struct fwload_chain *c, const char **reason);

static int visit_table(struct fwload_net *fn, const struct fwload_selection *sel,
		       const struct fwload_table *t, visit_fn visit, const char **reason)
{
	struct fwload_chain *c;
	u32 i;
	int err;

	if (sel->chain) {
		c = fwload_table_find(t, sel->chain);
		if (!c) {
			*reason = "there is no chain of this name";
			return -ENOENT;
		}
		return visit(fn, sel, c, reason);
	}
	for (i = 0; i < t->n_chains; i++) {
		err = visit(fn, sel, t->list[i], reason);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* Call @visit for every selected chain in force until it refuses. */
static int visit_chains(struct fwload_net *fn, const struct fwload_selection *sel,
			visit_fn visit, const char **reason)
{
	struct fwload_gen *gen = fwload_ruleset_current(fn);
	bool found = !sel->chain;
	u32 i;

	for (i = 0; gen && i < N_TABLES; i++) {
		const struct fwload_table *t = *table_slot(gen, i);
		int err;

		if (!t || !(sel->families & 1U << t->family) || !(sel->tables & 1U << t->type))
			continue;
		found = true;
		err = visit_table(fn, sel, t, visit, reason);
		if (err)
			return err;
	}
	if (!found)
		*reason = "the table of the chain is not loaded";
	return found ? 0 : -ENOENT;
}

static int prepare_zero(struct fwload_net *fn, const struct fwload_selection *sel,
			struct fwload_chain *c, const char **reason)
{
	if (sel->rule != FWLOAD_NO_PLACE && sel->rule >= c->code.n_rules) {
		*reason = "the chain has no rule of this number";
		return -ENOENT;
	}
	return fwload_chain_alloc_baseline(fn, c);
}

static int zero(struct fwload_net *fn, const struct fwload_selection *sel,
		struct fwload_chain *c, const char **reason)
{
	u32 i = 0, end = fwload_chain_n_counters(c);
	struct fwload_counter_pair sum;

	if (sel->rule != FWLOAD_NO_PLACE) {
		i = sel->rule;
		end = i + 1;
	}
	for (; i < end; i++) {
		fwload_env_pause(i + 1);
		fwload_chain_read_zero(c, i, &sum);
	}
	return 0;
}

int fwload_ruleset_zero(struct fwload_net *fn, const struct fwload_selection *sel,
			const char **reason)
{
	int err = visit_chains(fn, sel, prepare_zero, reason);

	return err ? err : visit_chains(fn, sel, zero, reason);
}

void fwload_ruleset_exit(struct fwload_net *fn)
{
	/* Nobody else is left. */
	struct fwload_gen *gen = rcu_dereference_protected(fn->gen, true);
	u32 i;

	if (!gen)
		return;
	RCU_INIT_POINTER(fn->gen, NULL);
	for (i = 0; i < N_TABLES; i++)
		if (*table_slot(gen, i))
			audit_table(*table_slot(gen, i), AUDIT_XT_OP_UNREGISTER);
	gen_free(fn, gen);
	if (fn->pinned)
		module_put(THIS_MODULE);
}
