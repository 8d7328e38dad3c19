/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_CHILD_H
#define FWIMG_CHILD_H

/*
 * Run @run in a child process and wait for it. Returns what @run returned, an EXIT_*; when
 * the child crashed instead, says so about @name and returns EXIT_ERROR.
 */
int child_run(int (*run)(void *arg), void *arg, const char *name);

#endif /* FWIMG_CHILD_H */
