// SPDX-License-Identifier: GPL-2.0
/*
 * measure FILE COMMAND [ARG...]
 *
 * Runs COMMAND and writes to FILE one line of what it took:
 *
 *	wall user system (microseconds), most memory of the process, memory the machine has
 *	in use more than before (KiB; file and directory caches are not counted)
 *
 * The exit status is that of COMMAND. Without arguments it waits until the machine has
 * freed what ended processes and namespaces had: until its memory stays the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_MS	20
#define SETTLE_TIMES	3
#define SETTLE_MOST	1000
#define SETTLE_KIB	64

static void fail(const char *what)
{
	perror(what);
	exit(125);
}

/* KiB in use, but for caches that go away when somebody wants the room. */
static long in_use(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	long total = 0, n;
	char name[64];

	if (!f)
		fail("/proc/meminfo");
	while (fscanf(f, "%63[^:]: %ld%*[^\n]\n", name, &n) == 2) {
		if (!strcmp(name, "MemTotal"))
			total += n;
		else if (!strcmp(name, "MemFree") || !strcmp(name, "Buffers") ||
			 !strcmp(name, "Cached") || !strcmp(name, "SReclaimable"))
			total -= n;
	}
	fclose(f);
	return total;
}

static void settle(void)
{
	const struct timespec pause = { .tv_nsec = SETTLE_MS * 1000000L };
	long was = in_use(), now;
	int same = 0;

	for (int i = 0; i < SETTLE_MOST && same < SETTLE_TIMES; i++) {
		nanosleep(&pause, NULL);
		now = in_use();
		same = labs(now - was) < SETTLE_KIB ? same + 1 : 0;
		was = now;
	}
}

static long long microseconds(const struct timespec *t)
{
	return t->tv_sec * 1000000LL + t->tv_nsec / 1000;
}

static long long tv_microseconds(const struct timeval *t)
{
	return t->tv_sec * 1000000LL + t->tv_usec;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct rusage usage;
	long before;
	int status;
	pid_t pid;
	FILE *f;

	if (argc == 1) {
		settle();
		return 0;
	}
	if (argc < 3)
		return 125;
	before = in_use();
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		execvp(argv[2], argv + 2);
		fail(argv[2]);
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			fail("wait");
	clock_gettime(CLOCK_MONOTONIC, &end);
	settle();
	f = fopen(argv[1], "w");
	if (!f)
		fail(argv[1]);
	fprintf(f, "%lld %lld %lld %ld %ld\n", microseconds(&end) - microseconds(&start),
		tv_microseconds(&usage.ru_utime), tv_microseconds(&usage.ru_stime),
		usage.ru_maxrss, in_use() - before);
	if (fclose(f))
		fail(argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
