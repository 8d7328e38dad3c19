// SPDX-License-Identifier: GPL-2.0
/*
 * The programs under comparison. Each runs in the namespace of its caller; what goes
 * wrong is told with the command and what it printed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

const char *tool_fwimg = "fwimg";

/* Run a shell command and return what it printed, or NULL. */
static char *run(const char *cmd)
{
	size_t size = 0, room = 1 << 16;
	char *out = malloc(room);
	FILE *f = popen(cmd, "r");
	int status;

	if (!out || !f) {
		perror("popen");
		exit(1);
	}
	for (;;) {
		size_t n = fread(out + size, 1, room - size - 1, f);

		size += n;
		if (!n)
			break;
		if (room - size < 2) {
			out = realloc(out, room *= 2);
			if (!out)
				exit(1);
		}
	}
	out[size] = 0;
	status = pclose(f);
	if (status) {
		printf("# failed (%d): %s\n# %s\n", status, cmd, out);
		free(out);
		return NULL;
	}
	return out;
}

static bool run_quietly(const char *cmd)
{
	char *out = run(cmd);
	bool ok = out;

	free(out);
	return ok;
}

bool tool_iptables_load(int family, const char *file)
{
	char cmd[500];

	snprintf(cmd, sizeof(cmd), "ip%stables-legacy-restore < %s 2>&1",
		 family == 4 ? "" : "6", file);
	return run_quietly(cmd);
}

bool tool_fwload_load(int family, const char *file)
{
	char cmd[1000];

	snprintf(cmd, sizeof(cmd), "%s compile -%d -o %s.img %s 2>&1 && %s push %s.img 2>&1",
		 tool_fwimg, family, file, file, tool_fwimg, file);
	return run_quietly(cmd);
}

bool tool_fwload_flush(void)
{
	char cmd[500];

	snprintf(cmd, sizeof(cmd), "%s flush 2>&1", tool_fwimg);
	return run_quietly(cmd);
}

/* The tables of @text in the order of oracle_tables, without comment lines. */
static char *normalise(char *text)
{
	char *out = calloc(1, strlen(text) + 1), *end = out, *line, *next;
	u32 t;

	if (!out)
		exit(1);
	for (t = 0; t < ARRAY_SIZE(oracle_tables); t++) {
		bool mine = false;

		for (line = text; *line; line = next) {
			size_t len = strcspn(line, "\n");

			next = line[len] ? line + len + 1 : line + len;
			if (line[0] == '*')
				mine = strlen(oracle_tables[t]) == len - 1 &&
				       !strncmp(line + 1, oracle_tables[t], len - 1);
			if (mine && line[0] != '#') {
				memcpy(end, line, next - line);
				end += next - line;
			}
		}
	}
	free(text);
	return out;
}

char *tool_iptables_save(int family)
{
	char *out = run(family == 4 ? "iptables-legacy-save -c" : "ip6tables-legacy-save -c");

	return out ? normalise(out) : NULL;
}

char *tool_fwload_save(int family)
{
	char cmd[500], *out;

	snprintf(cmd, sizeof(cmd), "%s save -%d -c", tool_fwimg, family);
	out = run(cmd);
	return out ? normalise(out) : NULL;
}
