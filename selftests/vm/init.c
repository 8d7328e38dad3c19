// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of a test machine, under QEMU and in User-mode Linux alike.
 *
 * init RESULT JOB [restart]: mounts what a test expects, runs the shell script JOB with its output
 * on the terminal RESULT, which leads to the host as a plain stream of bytes, and powers off, or
 * restarts where that is what ends the machine: a kernel can do so without knowing of ACPI.
 * The last line of that stream is
 *
 *	fwload-vm: exit STATUS
 *
 * and nothing else writes such a line: where it is missing, the machine did not get to the
 * end. All else (this program's complaints, the kernel's log) goes to the console.
 *
 * Linked statically: it runs where no library is in reach yet.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int last_call = RB_POWER_OFF;

static void end_machine(void)
{
	sync();
	reboot(last_call);
	/* A first process that ends takes the kernel with it, and that is noticed too. */
	exit(1);
}

static void fail(const char *what, const char *name)
{
	fprintf(stderr, "fwload-vm: %s %s: %s\n", what, name, strerror(errno));
	end_machine();
}

static void mount_at(const char *dir, const char *type)
{
	mkdir(dir, 0755);
	/* The kernel may have mounted devtmpfs by itself. */
	if (mount(type, dir, type, 0, NULL) && errno != EBUSY)
		fail("mount", dir);
}

static void take_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

/* A terminal turns \n into \r\n unless it is told not to. */
static int open_result(const char *name)
{
	struct termios tio;
	int fd = open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		fail("open", name);
	if (tcgetattr(fd, &tio) == 0) {
		cfmakeraw(&tio);
		cfsetspeed(&tio, B115200);
		tcsetattr(fd, TCSANOW, &tio);
	}
	return fd;
}

static pid_t start(const char *job, int result)
{
	static char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "TMPDIR=/run/test", "LC_ALL=C", NULL
	};
	char *const argv[] = { "/bin/sh", (char *)job, NULL };
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	setsid();
	fd = open("/dev/null", O_RDWR);
	dup2(fd, 0);
	dup2(result, 1);
	dup2(result, 2);
	execve(argv[0], argv, env);
	fail("execute", argv[0]);
	return -1;
}

/* Orphans end up here as well; the job is over when its own process is. */
static int wait_for(pid_t job)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = wait(&status);
		if (pid < 0 && errno != EINTR)
			fail("wait for", "the job");
		if (pid == job)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	pid_t job;
	int result, status;

	if (argc > 3 && !strcmp(argv[3], "restart"))
		last_call = RB_AUTOBOOT;
	mount_at("/dev", "devtmpfs");
	take_console();
	mount_at("/proc", "proc");
	if (symlink("/proc/self/fd", "/dev/fd") && errno != EEXIST)
		fail("link", "/dev/fd");
	mount_at("/sys", "sysfs");
	mount_at("/sys/fs/cgroup", "cgroup2");
	mount_at("/dev/shm", "tmpfs");
	mount_at("/run", "tmpfs");
	mkdir("/run/test", 01777);
	mkdir("/run/netns", 0755);
	if (argc < 3) {
		errno = EINVAL;
		fail("start with", "no result terminal or no job");
	}
	result = open_result(argv[1]);
	job = start(argv[2], result);
	if (job < 0)
		fail("fork for", argv[2]);
	status = wait_for(job);
	dprintf(result, "\nfwload-vm: exit %d\n", status);
	tcdrain(result);
	end_machine();
}
