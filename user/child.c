// SPDX-License-Identifier: GPL-2.0
/*
 * Where a crash is contained.
 *
 * libxtables prints the payloads of extensions, and trusts them: a value out of range
 * indexes an array with it, a name without an end is read past its end. What the kernel
 * has in force has passed the checks of the extensions themselves, but an image from
 * somewhere else has passed only ours, which know nothing of payloads. So rules of an
 * image are printed in a child, and its crash is an error like any other.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cmd.h"
#include "diag.h"

int child_run(int (*run)(void *arg), void *arg, const char *name)
{
	const struct rlimit none = {};
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		diag_die(EXIT_ERROR, "fork: %s", strerror(errno));
	if (!pid) {
		setrlimit(RLIMIT_CORE, &none);
		status = run(arg);
		if (fflush(stdout))
			status = EXIT_ERROR;
		_exit(status);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	switch (WTERMSIG(status)) {
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGSEGV:
		diag_say("error: %s: libxtables crashed on the payload of an extension", name);
		return EXIT_ERROR;
	default:
		/* SIGPIPE and its like: as if there had been no child. */
		raise(WTERMSIG(status));
		return EXIT_ERROR;
	}
}
