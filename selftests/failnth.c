// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: failnth OLD NEW
 *
 * Lets every allocation fail that an operation makes, one in each attempt, until an attempt
 * goes through without: with OLD in force, committing NEW, reading all, zeroing, flushing,
 * asking for the state, and making a network namespace. KTAP, one result for each operation.
 *
 * The kernel (CONFIG_FAULT_INJECTION, see Documentation/fault-injection) counts the
 * allocations of the system calls of this process and fails the one whose number is in
 * /proc/self/fail-nth. After each attempt what is in force must be what was there before, ids
 * and generation included, or all of NEW:
 *
 *	refused (ENOMEM, ENOBUFS)	nothing has changed
 *	accepted			all has; the allocation was one that may fail
 *	the answer itself is lost	either
 *
 * What a worker does for a commit fails likewise: the allocations of the kernel's unbound
 * workers, each by its /proc/PID/fail-nth.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fwload_image.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

#define MAX_SITES	100000
#define LAST_SITES	100
#define MAX_WORKERS	256
#define PIECE		60000

/**
 * struct file - an image
 * @data: its bytes
 * @size: how many
 */
struct file {
	unsigned char *data;
	size_t size;
};

/**
 * struct state - what is in force
 * @generation: its number
 * @rules: rules in all tables
 * @hash: of all that a dump says, with ids, without counters
 */
struct state {
	uint32_t generation;
	uint64_t rules;
	uint64_t hash;
};

enum outcome {
	DONE,			/* accepted */
	REFUSED,		/* see is_failure() */
	UNKNOWN,		/* the answer is lost */
	WRONG,			/* anything else, see problem */
};

static struct file old, new;
static uint16_t family;
static uint32_t seq;
static struct wire w;
static int nth_fd;
static char problem[200];

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void say(const char *what, int error)
{
	snprintf(problem, sizeof(problem), "%s: %s", what, strerror(error < 0 ? -error : error));
}

/* Failures ------------------------------------------------------------------ */

static void set_nth(int fd, unsigned int n)
{
	char text[16];
	int len = sprintf(text, "%u", n);

	/*
	 * Copying from here is something that fails, too; then it has done so. And a worker may
	 * have ended.
	 */
	if (pwrite(fd, text, len, 0) != len && errno != ESRCH && (n || errno != EFAULT))
		die("fail-nth");
}

/* Returns whether the failure has happened. */
static bool unset_nth(int fd)
{
	char text[16] = "";
	bool happened;

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0) {
		if (errno != EFAULT)
			die("fail-nth");
		return false;	/* just now */
	}
	happened = !strtoul(text, NULL, 10);
	set_nth(fd, 0);
	return happened;
}

/* EFAULT: copying a message has failed. */
static bool is_failure(int error)
{
	return error == ENOMEM || error == ENOBUFS || error == EFAULT;
}

/* Operations ---------------------------------------------------------------- */

static enum outcome outcome_of(const char *what, const struct wire_answer *answer)
{
	if (answer->lost)
		return is_failure(answer->lost) ? UNKNOWN : (say(what, answer->lost), WRONG);
	if (is_failure(-answer->error))
		return REFUSED;
	if (!answer->error)
		return DONE;
	say(what, answer->error);
	return WRONG;
}

/* Send what is in w, and take what comes back. */
static enum outcome transact(int fd, const char *what, struct wire_answer *answer)
{
	int error = wire_send(fd, &w);

	memset(answer, 0, sizeof(*answer));
	if (is_failure(-error))
		return REFUSED;
	if (error) {
		say(what, error);
		return WRONG;
	}
	wire_receive(fd, seq, answer);
	return outcome_of(what, answer);
}

static void request(uint8_t cmd, uint16_t flags)
{
	wire_begin(&w, family, cmd, flags, ++seq);
}

static enum outcome stage(int fd, const struct file *image)
{
	const struct fwload_img_header *h = (const void *)image->data;
	struct wire_answer answer;
	enum outcome outcome;
	size_t at;

	request(FWLOAD_CMD_BEGIN, NLM_F_ACK);
	wire_put_u64(&w, FWLOAD_A_SIZE, image->size);
	wire_put_u32(&w, FWLOAD_A_INDEX_SIZE, h->index_size);
	outcome = transact(fd, "BEGIN", &answer);
	for (at = 0; outcome == DONE && at < image->size; at += PIECE) {
		size_t left = image->size - at;

		request(FWLOAD_CMD_DATA, NLM_F_ACK);
		wire_put_u64(&w, FWLOAD_A_OFFSET, at);
		wire_put(&w, FWLOAD_A_BYTES, image->data + at, left < PIECE ? left : PIECE);
		outcome = transact(fd, "DATA", &answer);
	}
	return outcome;
}

static enum outcome commit(int fd, const struct file *image)
{
	struct wire_answer answer;
	enum outcome outcome = stage(fd, image);
	unsigned int tries = 600;

	if (outcome != DONE)
		/* Whatever became of BEGIN or DATA: nothing is committed. */
		return outcome == UNKNOWN ? REFUSED : outcome;
	do {
		request(FWLOAD_CMD_COMMIT, NLM_F_ACK);
		outcome = transact(fd, "COMMIT", &answer);
		if (answer.error == -EAGAIN)
			usleep(5000);
	} while (answer.error == -EAGAIN && tries--);
	return outcome;
}

static enum outcome commit_new(int fd)
{
	return commit(fd, &new);
}

static enum outcome dump(int fd, struct wire_answer *answer)
{
	request(FWLOAD_CMD_GET_IMAGE, NLM_F_DUMP);
	wire_put_u32(&w, FWLOAD_A_FLAGS, FWLOAD_GET_IMAGE_NO_COUNTERS);
	return transact(fd, "GET_IMAGE", answer);
}

static struct state current(void)
{
	struct wire_answer answer;
	int fd = wire_open();

	if (fd < 0 || dump(fd, &answer) != DONE)
		die("reading what is in force");
	close(fd);
	return (struct state){
		.generation = answer.generation, .rules = answer.rules, .hash = answer.hash,
	};
}

static uint64_t expected_hash;

static enum outcome dump_all(int fd)
{
	struct wire_answer answer;
	enum outcome outcome = dump(fd, &answer);

	if (outcome != DONE || answer.hash == expected_hash)
		return outcome;
	say("a dump is not whole, and does not say so", EIO);
	return WRONG;
}

static enum outcome dump_and_zero(int fd)
{
	struct wire_answer answer;

	request(FWLOAD_CMD_GET_IMAGE, NLM_F_DUMP);
	wire_put_u32(&w, FWLOAD_A_FLAGS, FWLOAD_GET_IMAGE_ZERO);
	return transact(fd, "GET_IMAGE with ZERO", &answer);
}

static enum outcome simple(int fd, uint8_t cmd, const char *name)
{
	struct wire_answer answer;

	request(cmd, NLM_F_ACK);
	return transact(fd, name, &answer);
}

static enum outcome zero(int fd)
{
	return simple(fd, FWLOAD_CMD_ZERO, "ZERO");
}

static enum outcome flush(int fd)
{
	return simple(fd, FWLOAD_CMD_FLUSH, "FLUSH");
}

static enum outcome get(int fd)
{
	return simple(fd, FWLOAD_CMD_GET, "GET");
}

/* The walk ------------------------------------------------------------------ */

static unsigned int sites, refusals;

static void put_old(void)
{
	int fd = wire_open();

	if (fd < 0 || commit(fd, &old) != DONE)
		die(problem);
	close(fd);
}

/* What is in force after a commit without failures, so that it can be told. */
static uint64_t rules_after(enum outcome (*operation)(int fd))
{
	int fd = wire_open();

	if (fd < 0 || operation(fd) != DONE)
		die(problem);
	close(fd);
	return current().rules;
}

static bool judge(enum outcome outcome, const struct state *before, bool changes, uint64_t rules)
{
	struct state now = current();
	bool same = now.generation == before->generation && now.hash == before->hash &&
		    now.rules == before->rules;
	bool changed = changes && now.generation == before->generation + 1 &&
		       now.rules == rules;

	if (outcome == WRONG)
		return false;
	if (outcome == REFUSED && same)
		return true;
	if (outcome == DONE && (changes ? changed : same))
		return true;
	if (outcome == UNKNOWN && (same || changed))
		return true;
	snprintf(problem, sizeof(problem),
		 "outcome %d, generation %u after %u, %llu rules after %llu", outcome,
		 now.generation, before->generation, (unsigned long long)now.rules,
		 (unsigned long long)before->rules);
	return false;
}

static bool walk(enum outcome (*operation)(int fd), bool changes)
{
	uint64_t rules = changes ? rules_after(operation) : 0;
	struct state before;
	enum outcome outcome;
	bool happened = true;
	unsigned int n;

	put_old();
	before = current();
	expected_hash = before.hash;
	sites = 0;
	refusals = 0;
	for (n = 1; happened && n < MAX_SITES; n++) {
		int fd = wire_open();

		if (fd < 0)
			die("socket");
		set_nth(nth_fd, n);
		outcome = operation(fd);
		happened = unset_nth(nth_fd);
		close(fd);
		if (!judge(outcome, &before, changes, rules)) {
			printf("# allocation %u: %s\n", n, problem);
			return false;
		}
		if (!happened && outcome != DONE) {
			printf("# refused without a failure: %s\n", problem);
			return false;
		}
		sites += happened;
		refusals += outcome == REFUSED;
		if (outcome != REFUSED && changes) {
			put_old();
			before = current();
		}
	}
	return !happened && sites;
}

/* Workers ------------------------------------------------------------------- */

/* The fail-nth of the kernel's unbound workers. */
static int worker_fds[MAX_WORKERS];
static unsigned int n_workers;

/* Each worker there is will fail its allocation @n. */
static void set_workers(unsigned int n)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	if (!proc)
		die("/proc");
	n_workers = 0;
	while (n_workers < MAX_WORKERS && (entry = readdir(proc))) {
		char path[300], comm[32] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%.20s/comm", entry->d_name);
		fd = atoi(entry->d_name) ? open(path, O_RDONLY) : -1;
		if (fd < 0)
			continue;
		if (read(fd, comm, sizeof(comm) - 1) < 0)
			comm[0] = '\0';
		close(fd);
		if (strncmp(comm, "kworker/u", 9))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/fail-nth", entry->d_name);
		fd = open(path, O_RDWR);
		if (fd < 0)
			continue;
		set_nth(fd, n);
		worker_fds[n_workers++] = fd;
	}
	closedir(proc);
}

/* Returns in how many of them that has happened. One that has ended meanwhile had no work. */
static unsigned int unset_workers(void)
{
	unsigned int happened = 0;

	while (n_workers) {
		int fd = worker_fds[--n_workers];
		char text[16] = "";

		if (pread(fd, text, sizeof(text) - 1, 0) > 0) {
			happened += !strtoul(text, NULL, 10);
			set_nth(fd, 0);
		}
		close(fd);
	}
	return happened;
}

/* Workers do other work as well, so that what is refused has been met, but not the reverse. */
static bool walk_workers(void)
{
	uint64_t rules = rules_after(commit_new);
	struct state before;
	bool happened = true;
	unsigned int n;

	put_old();
	sites = 0;
	refusals = 0;
	before = current();
	for (n = 1; happened && n < MAX_SITES; n++) {
		enum outcome outcome;
		int fd = wire_open();

		if (fd < 0)
			die("socket");
		set_workers(n);
		outcome = commit_new(fd);
		happened = unset_workers();
		close(fd);
		if (!judge(outcome, &before, true, rules)) {
			printf("# allocation %u of the workers: %s\n", n, problem);
			return false;
		}
		if (!happened && outcome != DONE) {
			printf("# refused without a failure of a worker: %s\n", problem);
			return false;
		}
		sites += happened;
		refusals += outcome == REFUSED;
		if (outcome != REFUSED) {
			put_old();
			before = current();
		}
	}
	/* The search algorithm that NEW asks for is tried by a worker, which takes memory. */
	return !happened && refusals;
}

/* Namespaces ---------------------------------------------------------------- */

/*
 * In a process of its own, with failure @n. Status 0: made, 1: refused, 2: made without a failure;
 * *@left: how many allocations it would have taken until one fails. Other parts of the kernel take
 * part, and say of a refusal what they like.
 */
static int make_namespace(unsigned int n, unsigned int *left)
{
	char text[16] = "";
	int status, error;
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		die("fork");
	if (!pid) {
		fd = open("/proc/self/fail-nth", O_RDWR);
		set_nth(fd, n);
		error = unshare(CLONE_NEWNET) ? errno : 0;
		if (pread(fd, text, sizeof(text) - 1, 0) > 0)
			*left = strtoul(text, NULL, 10);
		_exit(error ? 1 : *left ? 2 : 0);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 99;
	return WEXITSTATUS(status);
}

/*
 * The last ones: the module is the last to be told of a new namespace, and all others make
 * thousands.
 */
static bool walk_namespaces(void)
{
	unsigned int *left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int n;
	int status;

	if (left == MAP_FAILED || make_namespace(MAX_SITES, left) != 2)
		return false;
	sites = 0;
	refusals = 0;
	n = MAX_SITES - *left;
	for (n -= n < LAST_SITES ? n - 1 : LAST_SITES; n < MAX_SITES; n++) {
		*left = 0;
		status = make_namespace(n, left);
		if (status == 2)
			return sites;
		if (status > 2) {
			printf("# allocation %u: status %d\n", n, status);
			return false;
		}
		sites++;
		refusals += status;
	}
	return false;
}

static void read_file(const char *path, struct file *f)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		die(path);
	f->size = st.st_size;
	f->data = malloc(f->size);
	if (!f->data || read(fd, f->data, f->size) != (ssize_t)f->size)
		die(path);
	close(fd);
}

static unsigned int number;
static bool failed;

static void result(bool ok, const char *name)
{
	printf("# summary: %s: %u allocations failed, %u times it was refused\n", name, sites,
	       refusals);
	printf("%s %u %s, whichever allocation fails\n", ok ? "ok" : "not ok", ++number, name);
	fflush(stdout);
	failed |= !ok;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		return 3;
	read_file(argv[1], &old);
	read_file(argv[2], &new);
	fd = wire_open();
	family = fd < 0 ? 0 : wire_family(fd);
	if (!family)
		die("the family is not there");
	close(fd);
	nth_fd = open("/proc/self/fail-nth", O_RDWR);
	if (nth_fd < 0)
		die("/proc/self/fail-nth");
	printf("KTAP version 1\n1..8\n");
	put_old();
	result(walk(commit_new, true), "a commit");
	result(walk(dump_all, false), "a dump");
	result(walk(dump_and_zero, false), "a dump that zeroes");
	result(walk(zero, false), "zeroing");
	result(walk(get, false), "asking for the state");
	result(walk(flush, true), "a flush");
	result(walk_workers(), "a commit's worker");
	result(walk_namespaces(), "a network namespace");
	return failed;
}
