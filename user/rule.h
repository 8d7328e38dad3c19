/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One command of a rule set: "-A INPUT -p tcp ...", from words to what it says.
 */
#ifndef FWIMG_RULE_H
#define FWIMG_RULE_H

#include "addr.h"
#include "option.h"

#define RULE_NETS_MAX	(LEX_WORD_MAX / 2 + 1)	/* networks in a list */
#define RULE_USES_MAX	(LEX_WORDS_MAX + 1)	/* matches (-mNAME is a word), and the target */
#define RULE_NO_USE	0xffffffffU

/**
 * struct rule_words - some words of the line that follow each other
 * @first: number of the first
 * @end: number of the one behind the last; 0: there are none
 */
struct rule_words {
	u32 first;
	u32 end;
};

/**
 * struct rule_use - a match or target in use
 * @native: while native.native is not NULL it is one of those
 * @xt: else the extension
 * @payload: of the extension, after rule_parse()
 * @name: where it is named, or the option for which it was taken
 * @kind: enum fwload_img_ext_kind
 */
struct rule_use {
	struct native_use native;
	struct xt_use *xt;
	struct xt_payload payload;
	struct word name;
	u8 kind;
};

/**
 * struct rule_call - an option given to a native match or target, to be given again
 * @use: number of the use
 * @word: number of the word that it is
 * @arg: number of the word with its argument; @word when there is none, or when the
 *	argument is in the same word (--option=ARG)
 * @joined: bytes before the argument in that word, or 0
 * @invert: a ! stands before it
 * @option: which
 */
struct rule_call {
	u32 use;
	u32 word;
	u32 arg;
	u32 joined;
	bool invert;
	const struct native_option *option;
};

/**
 * struct rule_nets - what -s or -d says
 * @n: how many networks, 0 without the option
 * @invert: ! -s
 * @net: the networks
 */
struct rule_nets {
	u32 n;
	bool invert;
	struct addr_net net[RULE_NETS_MAX];
};

/**
 * struct rule - a command
 * @lex: the line
 * @family: enum fwload_family
 * @table: the table that the line is in
 * @plain: it is the command line of iptables itself: -t, -w and the like may stand in it
 * @strict: chains have to be there before rules go to them, as iptables wants it
 * @command: letter of the command; 0: the line is of the other family, and is to be
 *	passed over
 * @zero: -L or -S with -Z
 * @asks: h or V: -h or -V was given in a @plain command line, and nothing else counts
 * @verbose: how often -v was given
 * @chain: name of the chain, or no bytes
 * @arg: policy of -P, new name of -E
 * @table_name: of -t
 * @position: of -I, -D, -R, -L, -S and -Z, from 1; 0: none was given
 * @proto: of -p
 * @flags: FWLOAD_IMG_R_* of -p and -f
 * @command_words: the command with its chain and position
 * @counters_words: -c and what belongs to it
 * @has_counters: @counters were given with -c
 * @target: enum fwload_img_target
 * @jump: word after -j or -g
 * @to: JUMP, GOTO: the chain, or NULL when none of that name is declared so far
 * @src: -s
 * @dst: -d
 * @in: -i; type 0 without
 * @out: -o; likewise
 * @target_use: number of the target's use, or RULE_NO_USE
 * @n_uses: number of @uses
 * @uses: in the order in which they were named
 *
 * What follows is the parser's own.
 */
struct rule {
	struct lex *lex;
	struct table *table;
	u8 family;
	bool plain;
	bool strict;

	char command;
	bool zero;
	char asks;
	u8 verbose;
	u8 proto;
	u8 flags;
	bool has_counters;
	u8 target;
	u32 position;
	struct word chain;
	struct word arg;
	struct word table_name;
	struct word jump;
	struct rule_words command_words;
	struct rule_words counters_words;
	struct chain *to;
	struct fwload_counter_pair counters;
	struct fwload_img_el_iface in;
	struct fwload_img_el_iface out;
	u32 target_use;
	u32 n_uses;
	struct rule_use uses[RULE_USES_MAX];
	struct rule_nets src;
	struct rule_nets dst;

	u32 first;		/* number of the word that is being taken */
	u32 next;		/* number of the next word */
	u32 given;		/* OPTION_SRC etc. */
	bool invert;		/* the last word was a ! */
	bool implicit;		/* the match of the protocol was taken by itself */
	bool begun;		/* xt_rule_begin() was called for this rule */
	bool ignored;		/* -4 or -6 of the other family */
	u32 n_words;		/* in argv, 0: not made yet */
	struct word proto_word;
	char proto_name[40];
	u32 n_calls;
	struct rule_call calls[LEX_WORDS_MAX];
	struct option_sets sets;
	char *argv[LEX_WORDS_MAX + 1];
	char room[LEX_LINE_MAX + LEX_WORDS_MAX];
};

/*
 * What the words of the current line say. False: an error was reported. @rule is the same
 * object from line to line; lex, table and family are set by the caller.
 */
bool rule_parse(struct rule *rule);

#endif /* FWIMG_RULE_H */
