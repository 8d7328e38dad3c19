/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a test program becomes a server: when it is ready it goes on in the background, and the
 * number of its process is printed, for whoever started it to end it.
 */
#ifndef FWLOAD_SELFTESTS_DETACH_H
#define FWLOAD_SELFTESTS_DETACH_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void detach(void)
{
	pid_t pid = fork();
	int fd;

	if (pid < 0) {
		perror("fork");
		exit(3);
	}
	if (pid > 0) {
		printf("%d\n", pid);
		exit(0);
	}
	setsid();
	fd = open("/dev/null", O_RDWR);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
}

#endif
