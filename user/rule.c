// SPDX-License-Identifier: GPL-2.0
/*
 * One command, word by word, as do_parse() of iptables 1.8.9 takes it: what the options
 * of iptables say is in rule_base.c, those of matches and targets are in rule_use.c.
 *
 * Options stand in any order and each is understood with what stands before it: an
 * option that nothing in use has makes the match of the protocol come into use, if -p
 * was given. What depends on the whole is checked at the end.
 */
#include "names.h"
#include "rule_base.h"
#include "rule_use.h"

/* The options that only a rule has, and those that only a list has. */
#define RULE_ONLY	(OPTION_SRC | OPTION_DST | OPTION_PROTO | OPTION_JUMP | OPTION_IN |	\
			 OPTION_OUT | OPTION_FRAG)
#define LIST_ONLY	(OPTION_NUMERIC | OPTION_EXACT | OPTION_LINES)

/*
 * Option -@letter at @opt, with @rest behind it in the same word (NULL: nothing). Sets
 * *@took when the rest was its argument.
 */
static bool short_letter(struct rule *r, char letter, const struct word *opt,
			 const struct word *rest, bool *took)
{
	u8 args = option_short(letter)->args;
	const struct word *arg = NULL;

	if (unlikely(args == OPTION_UNKNOWN))
		return lex_error(r->lex, opt, "unknown option \"-%c\"", letter);
	*took = rest && args != OPTION_NO_ARG;
	/* There iptables takes the whole word, dash and letter included, for the argument. */
	if (unlikely(*took && (letter == 'i' || letter == 'o')))
		return lex_error(r->lex, opt, "-%c and its argument are two words", letter);
	if (*took) {
		arg = rest;
	} else if (args == OPTION_ARG) {
		if (r->next == r->lex->n_words)
			return lex_error(r->lex, opt, "option \"-%c\" needs an argument",
					 letter);
		arg = &r->lex->words[r->next++];
	}
	return rule_base_option(r, letter, opt, arg);
}

/* -a, -a ARG, -aARG, or several of which only the last may have an argument: -abc */
static bool short_option(struct rule *r, const struct word *w)
{
	bool took = false;

	if (likely(w->len == 2))
		return short_letter(r, w->s[1], w, NULL, &took);
	for (u32 i = 1; i < w->len && !took && !r->ignored; i++) {
		struct word opt = lex_part(w, i == 1 ? 0 : i, i == 1 ? 2 : 1);
		struct word rest = lex_part(w, i + 1, w->len - i - 1);

		if (!short_letter(r, w->s[i], &opt, i + 1 < w->len ? &rest : NULL, &took))
			return false;
		r->invert = false;
	}
	return true;
}

/* Why nobody knows the option at @w, called @name. */
static bool unknown_option(struct rule *r, const struct word *w, size_t len,
			   const struct option_found *found)
{
	static const struct native *const of_protocols[] = {
		&native_tcp, &native_udp, &native_icmp, &native_icmp6,
	};
	const char *name = w->s + 2, *nearest;
	struct word opt = lex_part(w, 0, (u32)len + 2);

	if (found->result == OPTION_IS_AMBIGUOUS)
		return lex_error(r->lex, &opt, "option \"--%.*s\" may be \"--%s\" or \"--%s\"",
				 (int)len, name, found->names[0], found->names[1]);
	/* It may be that of a target which does not exist. */
	if (r->target == FWLOAD_IMG_T_JUMP && !r->to) {
		nearest = diag_nearest(r->jump.s, r->jump.len, names_targets,
				       names_n_targets);
		if (nearest)
			return lex_error(r->lex, &r->jump,
					 "no chain and no target \"%.*s\", did you mean \"%s\"?",
					 (int)r->jump.len, r->jump.s, nearest);
		return lex_error(r->lex, &r->jump, "no chain and no target \"%.*s\"",
				 (int)r->jump.len, r->jump.s);
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_protocols); i++)
		if (!r->proto && (of_protocols[i]->families & 1 << r->family) &&
		    native_option(of_protocols[i], name, len))
			return lex_error(r->lex, &opt,
					 "option \"--%.*s\" needs \"-p %s\" or its like before it",
					 (int)len, name,
					 names_protocol_name(of_protocols[i]->proto));
	nearest = option_nearest(&r->sets, r->family, name, len);
	if (nearest)
		return lex_error(r->lex, &opt, "unknown option \"--%.*s\", did you mean \"--%s\"?",
				 (int)len, name, nearest);
	return lex_error(r->lex, &opt, "unknown option \"--%.*s\"", (int)len, name);
}

/* The match of the protocol comes into use by itself, once. */
static bool take_implicit(struct rule *r, const struct word *w)
{
	const char *name = r->proto_name;

	if (r->implicit || !r->proto_word.s || !*name)
		return false;
	r->implicit = true;
	if (!strcmp(name, "icmpv6") || !strcmp(name, "ipv6-icmp"))
		name = "icmp6";
	return rule_use_take(r, FWLOAD_IMG_EXT_MATCH, name, strlen(name), w) != RULE_NO_USE;
}

/* --option, --option=ARG or --option ARG */
static bool long_option(struct rule *r, const struct word *w)
{
	const char *name = w->s + 2;
	const char *equals = memchr(name, '=', w->len - 2);
	size_t len = equals ? (size_t)(equals - name) : w->len - 2;
	u32 joined = equals ? (u32)len + 3 : 0;
	const struct word *has = NULL;
	struct option_found found;
	struct word opt, arg;

	option_find(&r->sets, r->family, name, len, &found);
	if (found.result >= OPTION_IS_NONE && take_implicit(r, w))
		option_find(&r->sets, r->family, name, len, &found);
	if (found.result >= OPTION_IS_NONE)
		return unknown_option(r, w, len, &found);
	if (found.result != OPTION_IS_BASE)
		return rule_use_option(r, &found, r->next - 1, joined);

	opt = lex_part(w, 0, (u32)len + 2);
	if (equals) {
		if (found.base->args == OPTION_NO_ARG)
			return lex_error(r->lex, &opt, "option \"--%s\" takes no argument",
					 found.base->name);
		arg = lex_part(w, joined, w->len - joined);
		has = &arg;
	} else if (found.base->args == OPTION_ARG) {
		if (r->next == r->lex->n_words)
			return lex_error(r->lex, &opt, "option \"--%s\" needs an argument",
					 found.base->name);
		has = &r->lex->words[r->next++];
	}
	return rule_base_option(r, found.base->letter, &opt, has);
}

/* One word and what belongs to it. */
static bool take_word(struct rule *r)
{
	const struct word *w = &r->lex->words[r->next];
	bool ok;

	r->first = r->next++;
	if (w->len < 2 || w->s[0] != '-') {
		if (w->len != 1 || w->s[0] != '!')
			return lex_error(r->lex, w, "\"%.*s\" is no option", (int)w->len, w->s);
		if (r->invert)
			return lex_error(r->lex, w, "two ! after each other");
		r->invert = true;
		return true;
	}
	if (w->s[1] != '-')
		ok = short_option(r, w);
	else if (w->len == 2)		/* what follows would be no option */
		return r->next == r->lex->n_words ||
		       lex_error(r->lex, w + 1, "\"%.*s\" is no option", (int)w[1].len, w[1].s);
	else
		ok = long_option(r, w);
	r->invert = false;
	return ok;
}

/* What iptables checks of a rule for a base chain goes by the name alone. */
static bool check_interfaces(const struct rule *r)
{
	if (likely(!(r->given & (OPTION_IN | OPTION_OUT))))
		return true;
	if ((r->given & OPTION_OUT) &&
	    (lex_is(&r->chain, "PREROUTING") || lex_is(&r->chain, "INPUT")))
		return lex_error(r->lex, &r->chain, "Can't use -o with %.*s",
				 (int)r->chain.len, r->chain.s);
	if ((r->given & OPTION_IN) &&
	    (lex_is(&r->chain, "POSTROUTING") || lex_is(&r->chain, "OUTPUT")))
		return lex_error(r->lex, &r->chain, "Can't use -i with %.*s",
				 (int)r->chain.len, r->chain.s);
	return true;
}

static bool is_rule(const struct rule *r)
{
	return r->command && lex_one_of(r->command, "AICR");
}

/* Options that the command has no use for. */
static bool check_options(const struct rule *r)
{
	u32 wrong = r->given & LIST_ONLY;

	if (r->command == 'L')
		wrong = 0;
	if (!is_rule(r) && (r->command != 'D' || r->position))
		wrong |= r->given & RULE_ONLY;
	if (!lex_one_of(r->command, "AIRP"))
		wrong |= r->given & OPTION_COUNTERS;
	if (likely(!wrong))
		return true;
	return lex_error(r->lex, r->lex->words, "-%c does not go with -%c",
			 "sdpjiofcnx0"[__builtin_ctz(wrong)], r->command);
}

/* A rule must not go to a chain that is not there. */
static bool check_target(const struct rule *r)
{
	const char *nearest;

	if (!r->strict || r->to ||
	    (r->target != FWLOAD_IMG_T_JUMP && r->target != FWLOAD_IMG_T_GOTO))
		return true;
	if (r->target == FWLOAD_IMG_T_GOTO)
		return lex_error(r->lex, &r->jump, "goto '%.*s' is not a chain",
				 (int)r->jump.len, r->jump.s);
	nearest = diag_nearest(r->jump.s, r->jump.len, names_targets, names_n_targets);
	return lex_error(r->lex, &r->jump,
			 "Couldn't load target `%.*s': no chain and no target%s%s%s",
			 (int)r->jump.len, r->jump.s, nearest ? ", did you mean \"" : "",
			 nearest ? nearest : "", nearest ? "\"?" : "");
}

/* What can be said only when all words are read. */
static bool check(struct rule *r)
{
	const struct word *drop = r->command == 'P' ? &r->arg : &r->jump;

	if (unlikely(r->table->type == FWLOAD_TABLE_NAT) && drop->len && lex_is(drop, "DROP"))
		return lex_error(r->lex, drop,
				 "the table \"nat\" is not for filtering: no DROP here");
	if (r->n_uses && !rule_use_finish(r))
		return false;
	if (unlikely(!r->command))
		return lex_error(r->lex, r->lex->n_words ? r->lex->words : NULL,
				 "no command specified, such as -A");
	if (unlikely(r->invert))
		return lex_error(r->lex, &r->lex->words[r->lex->n_words - 1],
				 "nothing follows this !");
	if (!check_options(r))
		return false;
	if ((r->src.n > 1 || r->dst.n > 1) && (r->src.invert || r->dst.invert))
		return lex_error(r->lex, r->lex->words,
				 "a ! for one address and a list for the other");
	if (r->command == 'R' && (r->src.n > 1 || r->dst.n > 1))
		return lex_error(r->lex, r->lex->words,
				 "the rule that replaces another has one source and one destination");
	if (unlikely(r->chain.len > FWLOAD_CHAIN_NAME_MAX))
		return lex_error(r->lex, &r->chain,
				 "the name of a chain has at most %u bytes",
				 FWLOAD_CHAIN_NAME_MAX);
	return (!is_rule(r) && r->command != 'D') || (check_interfaces(r) && check_target(r));
}

bool rule_parse(struct rule *r)
{
	r->command = 0;
	r->zero = false;
	r->asks = 0;
	r->verbose = 0;
	r->position = 0;
	r->table_name.len = 0;
	r->proto = 0;
	r->flags = 0;
	r->has_counters = false;
	r->target = FWLOAD_IMG_T_NONE;
	r->chain.len = 0;
	r->arg.len = 0;
	r->jump.len = 0;
	r->command_words.end = 0;
	r->counters_words.end = 0;
	r->to = NULL;
	r->in.el.type = 0;
	r->out.el.type = 0;
	r->target_use = RULE_NO_USE;
	r->n_uses = 0;
	r->src.n = 0;
	r->src.invert = false;
	r->dst.n = 0;
	r->dst.invert = false;
	r->next = 0;
	r->given = 0;
	r->invert = false;
	r->implicit = false;
	r->begun = false;
	r->ignored = false;
	r->n_words = 0;
	r->proto_word.s = NULL;
	r->n_calls = 0;
	r->sets.n = 0;

	while (r->next < r->lex->n_words) {
		if (!take_word(r))
			return false;
		if (unlikely(r->ignored)) {
			r->command = 0;
			return true;
		}
	}
	/* The caller begins anew, with that table. */
	if (r->table_name.len && !lex_is(&r->table_name, fwload_image_table_names[r->table->type]))
		return true;
	return check(r);
}
