// SPDX-License-Identifier: GPL-2.0
/*
 * A crash in a child is an error of the parent, and nothing else of the child is.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "../../kmod/env.h"
#include "../../user/child.h"
#include "../../user/cmd.h"
#include "ktap.h"

static int value;

static int returns_7(void *arg)
{
	*(int *)arg = 7;
	return 7;
}

static int crashes(void *arg)
{
	signal(*(int *)arg, SIG_DFL);
	raise(*(int *)arg);
	return EXIT_OK;
}

/* child_run() of a crash, without what it says. */
static int crash(int number)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), status;

	dup2(null, STDERR_FILENO);
	status = child_run(crashes, &number, "it");
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(null);
	return status;
}

static void status_comes_back(void)
{
	EXPECT_INT(child_run(returns_7, &value, "it"), 7);
}

static void memory_does_not(void)
{
	child_run(returns_7, &value, "it");
	EXPECT_INT(value, 0);
}

static void crash_is_an_error(void)
{
	EXPECT_INT(crash(SIGSEGV), EXIT_ERROR);
	EXPECT_INT(crash(SIGABRT), EXIT_ERROR);
	EXPECT_INT(crash(SIGFPE), EXIT_ERROR);
}

static void other_signals_are_passed_on(void)
{
	signal(SIGPIPE, SIG_IGN);	/* here, so that this process lives */
	EXPECT_INT(crash(SIGPIPE), EXIT_ERROR);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(status_comes_back),
		KTAP_CASE(memory_does_not),
		KTAP_CASE(crash_is_an_error),
		KTAP_CASE(other_signals_are_passed_on),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
