/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KTAP from C: what a unit test of the host needs, and no more.
 *
 *	static void adds_up(void)
 *	{
 *		EXPECT(1 + 1 == 2);
 *	}
 *
 *	int main(void)
 *	{
 *		static const struct ktap_case cases[] = { KTAP_CASE(adds_up) };
 *
 *		return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
 *	}
 *
 * A test with a table of inputs calls ktap_begin() with the number of results, then
 * ktap_result() after the expectations of each, then ktap_end().
 */
#ifndef FWLOAD_KTAP_H
#define FWLOAD_KTAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct ktap_case {
	const char *name;
	void (*run)(void);
};

#define KTAP_CASE(fn) { .name = #fn, .run = fn }

static struct {
	unsigned int number;	/* of the last result */
	unsigned int failed;	/* results */
	bool bad;		/* an expectation failed since the last result */
} ktap;

/* Say @what did not hold; further ones of the same result are counted, not shown. */
static inline bool ktap_expect(bool holds, const char *file, int line, const char *what)
{
	if (!holds && !ktap.bad)
		printf("# %s:%d: expected %s\n", file, line, what);
	ktap.bad |= !holds;
	return holds;
}

/* True when it holds, so that a test can stop: if (!EXPECT(p)) return; */
#define EXPECT(cond) ktap_expect(cond, __FILE__, __LINE__, #cond)

static inline bool ktap_expect_str(const char *is, const char *want, const char *file, int line)
{
	char what[512];

	snprintf(what, sizeof(what), "\"%s\", got \"%s\"", want ? want : "(null)",
		 is ? is : "(null)");
	return ktap_expect(is && want ? !strcmp(is, want) : is == want, file, line, what);
}

/* Strings; NULL is equal to NULL only. */
#define EXPECT_STR(is, want) ktap_expect_str(is, want, __FILE__, __LINE__)

static inline bool ktap_expect_int(long long is, long long want, const char *what,
				   const char *file, int line)
{
	char text[256];

	snprintf(text, sizeof(text), "%s to be %lld, got %lld", what, want, is);
	return ktap_expect(is == want, file, line, text);
}

#define EXPECT_INT(is, want) ktap_expect_int(is, want, #is, __FILE__, __LINE__)

static inline void ktap_begin(size_t n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", n);
}

static inline void ktap_result(const char *name)
{
	printf("%s %u %s\n", ktap.bad ? "not ok" : "ok", ++ktap.number, name);
	ktap.failed += ktap.bad;
	ktap.bad = false;
}

/* The exit status of main(). */
static inline int ktap_end(void)
{
	return ktap.failed != 0;
}

static inline void ktap_cases(const struct ktap_case *cases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		cases[i].run();
		ktap_result(cases[i].name);
	}
}

static inline int ktap_run(const struct ktap_case *cases, size_t n)
{
	ktap_begin(n);
	ktap_cases(cases, n);
	return ktap_end();
}

#endif /* FWLOAD_KTAP_H */
