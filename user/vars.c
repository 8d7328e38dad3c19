// SPDX-License-Identifier: GPL-2.0
/*
 * Variables: see vars.h. A sorted array, in which names are found by bisection.
 */
#include <stdlib.h>

#include "io.h"
#include "vars.h"

static const char define[] = "define";

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_first(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_more(char c)
{
	return is_first(c) || (c >= '0' && c <= '9');
}

static bool is_name(const char *s, size_t len)
{
	if (!len || len > FWLOAD_MAX_VAR_NAME || !is_first(*s))
		return false;
	while (len && is_more(s[len - 1]))
		len--;
	return !len;
}

size_t vars_ref(const char *s, const char *end, size_t *name_len)
{
	const char *p = s + 2;

	if (end - s < 4 || s[0] != '$' || s[1] != '{')
		return 0;
	while (p < end && is_more(*p))
		p++;
	*name_len = (size_t)(p - s) - 2;
	if (p == end || *p != '}' || !is_name(s + 2, *name_len))
		return 0;
	return *name_len + 3;
}

const char *vars_next(const char *s, const char *end)
{
	size_t len;

	while ((s = memchr(s, '$', (size_t)(end - s)))) {
		const char *first = s;

		while (s + 1 < end && s[1] == '$')
			s++;
		if (s == first && vars_ref(s, end, &len))
			return s;
		s++;
	}
	return NULL;
}

void vars_free(struct vars *v)
{
	for (u32 i = 0; i < v->n; i++)
		free(v->var[i].name);
	free(v->var);
	*v = (struct vars){ 0 };
}

void vars_forget(struct vars *v, enum vars_from from)
{
	u32 n = 0;

	for (u32 i = 0; i < v->n; i++) {
		if (v->var[i].from == from)
			free(v->var[i].name);
		else
			v->var[n++] = v->var[i];
	}
	v->n = n;
}

static int compare(const struct var *var, const char *name, size_t len)
{
	int order = strncmp(var->name, name, len);

	return order ? order : var->name[len] != '\0';
}

/* The first that is not before @name of @from. */
static u32 place(const struct vars *v, const char *name, size_t len, u8 from)
{
	u32 low = 0, high = v->n;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		int order = compare(&v->var[middle], name, len);

		if (order < 0 || (!order && v->var[middle].from > from))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct var *vars_find(const struct vars *v, const char *name, size_t len)
{
	u32 i = place(v, name, len, VARS_OPTION);

	return i < v->n && !compare(&v->var[i], name, len) ? &v->var[i] : NULL;
}

static void *must(void *p)
{
	if (!p)
		diag_die(EXIT_FAILURE, "out of memory");
	return p;
}

bool vars_add(struct vars *v, const char *name, size_t len, const char *value,
	      size_t value_len, enum vars_from from, bool replace)
{
	u32 i = place(v, name, len, (u8)from);
	bool there = i < v->n && v->var[i].from == from && !compare(&v->var[i], name, len);
	struct var *var;

	if (there && !replace)
		return false;
	if (!there && v->n == v->room) {
		v->room = v->room ? 2 * v->room : 16;
		v->var = must(realloc(v->var, v->room * sizeof(*v->var)));
	}
	var = v->var + i;
	if (there)
		free(var->name);
	else
		memmove(var + 1, var, (v->n++ - i) * sizeof(*var));
	*var = (struct var){ .from = (u8)from };
	var->name = must(calloc(1, len + value_len + 2));
	memcpy(var->name, name, len);
	var->value = var->name + len + 1;
	memcpy(var->value, value, value_len);
	return true;
}

struct span {
	const char *start;
	const char *end;
};

/**
 * struct search - for variables: those that texts name, those that their values name, ...
 * @todo: struct span: the texts still to be looked through; to any depth, so no recursion
 * @at: where the search has come to
 */
struct search {
	struct buf todo;
	struct span at;
};

static void search_text(struct search *s, const char *text, size_t len)
{
	const struct span more = { .start = text, .end = text + len };

	buf_add(&s->todo, &more, sizeof(more));
}

/* The next that @v has, or NULL: that is all, and @s is freed. */
static struct var *search_next(struct search *s, const struct vars *v)
{
	const char *ref;
	struct var *var;
	size_t name;

	for (;;) {
		ref = s->at.start ? vars_next(s->at.start, s->at.end) : NULL;
		if (ref) {
			vars_ref(ref, s->at.end, &name);
			s->at.start = ref + name + 3;
			var = vars_find(v, ref + 2, name);
			if (var)
				return var;
		} else if (s->todo.size) {
			s->todo.size -= sizeof(s->at);
			memcpy(&s->at, s->todo.data + s->todo.size, sizeof(s->at));
		} else {
			buf_free(&s->todo);
			return NULL;
		}
	}
}

void vars_use(struct vars *v, const char *text, size_t len)
{
	struct search s = { .at = { .start = text, .end = text + len } };
	struct var *var;

	while ((var = search_next(&s, v))) {
		if (var->used)
			continue;
		var->used = true;
		search_text(&s, var->value, strlen(var->value));
	}
}

void vars_take(struct vars *v, const struct vars *from, const char *text, size_t len)
{
	struct search s = { .at = { .start = text, .end = text + len } };
	const struct var *var, *had;

	while ((var = search_next(&s, from))) {
		size_t name = strlen(var->name);

		had = vars_find(v, var->name, name);
		if (had && !strcmp(had->value, var->value))
			continue;
		vars_add(v, var->name, name, var->value, strlen(var->value), VARS_TEXT, true);
		search_text(&s, var->value, strlen(var->value));
	}
}

const char *vars_split(const char *s, size_t len, const char **name, size_t *name_len,
		       const char **value, size_t *value_len)
{
	const char *end = s + len, *p;

	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*name = s;
	for (p = s; p < end && !is_blank(*p) && *p != '=';)
		p++;
	*name_len = (size_t)(p - s);
	if (!is_name(s, *name_len))
		return "not the name of a variable: letters, digits and _";
	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p != '=')
		return "NAME = VALUE gives a variable its value";
	for (p++; p < end && is_blank(*p);)
		p++;
	*value = p;
	*value_len = (size_t)(end - p);
	if (*value_len > FWLOAD_MAX_VAR_TEXT)
		return "the value of a variable is too long";
	for (; p < end; p++)
		if (((u8)*p < ' ' && *p != '\t') || *p == 0x7f)
			return "the value of a variable has a control character";
	return NULL;
}

bool vars_option(struct vars *v, const char *arg)
{
	const char *name, *value, *reason;
	size_t len, value_len;

	reason = vars_split(arg, strlen(arg), &name, &len, &value, &value_len);
	if (!reason && !vars_add(v, name, len, value, value_len, VARS_OPTION, false))
		reason = "this variable has a value already";
	if (reason)
		diag_say("error: -D %s: %s", arg, reason);
	return !reason;
}

static void file_line(struct vars *v, struct diag *d, u32 number, const char *line, size_t len)
{
	const char *name, *value, *reason;
	size_t name_len, value_len, skip = 0;

	while (skip < len && is_blank(line[skip]))
		skip++;
	if (skip == len || line[skip] == '#')
		return;
	if (len - skip > 6 && !memcmp(line + skip, define, 6) && is_blank(line[skip + 6]))
		skip += 6;
	reason = vars_split(line + skip, len - skip, &name, &name_len, &value, &value_len);
	if (!reason && !vars_add(v, name, name_len, value, value_len, VARS_FILE, false))
		reason = "this variable has a value already";
	if (reason)
		diag_at(d, DIAG_ERROR, number, (u32)(name - line) + 1, (u32)name_len, "%s",
			reason);
}

bool vars_file(struct vars *v, const char *path)
{
	struct diag d = { .out = stderr };
	const char *line, *end, *lf;
	struct input in;
	u32 number = 0;

	input_read(&in, path);
	d.file = in.name;
	d.text = (const char *)in.data;
	d.size = in.size;
	line = d.text;
	end = line + d.size;
	while (line < end && diag_more(&d)) {
		size_t len;

		lf = memchr(line, '\n', (size_t)(end - line));
		lf = lf ? lf : end;
		len = (size_t)(lf - line);
		if (len && lf[-1] == '\r')
			len--;
		file_line(v, &d, ++number, line, len);
		line = lf + 1;
	}
	input_free(&in);
	return !d.errors;
}

void vars_unused(const struct vars *v)
{
	for (u32 i = 0; i < v->n; i++)
		if (v->var[i].from == VARS_OPTION && !v->var[i].used)
			diag_say("warning: -D %s: no rule uses it", v->var[i].name);
}
