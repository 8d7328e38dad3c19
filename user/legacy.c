// SPDX-License-Identifier: GPL-2.0
/*
 * The names by which fwimg is one of the commands of iptables.
 */
#include <errno.h>
#include <stdio.h>

#include "legacy.h"

static const struct legacy commands[] = {
	{ "iptables", FWLOAD_FAMILY_IPV4, legacy_iptables },
	{ "iptables-restore", FWLOAD_FAMILY_IPV4, legacy_restore },
	{ "iptables-save", FWLOAD_FAMILY_IPV4, legacy_save },
	{ "ip6tables", FWLOAD_FAMILY_IPV6, legacy_iptables },
	{ "ip6tables-restore", FWLOAD_FAMILY_IPV6, legacy_restore },
	{ "ip6tables-save", FWLOAD_FAMILY_IPV6, legacy_save },
};

const struct legacy *legacy_find(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *legacy = strstr(name, "-legacy");
	char plain[32];

	/* iptables-legacy-save is another name of iptables-save */
	if (strlen(name) >= sizeof(plain))
		return NULL;
	strcpy(plain, name);
	if (legacy)
		strcpy(plain + (legacy - name), legacy + strlen("-legacy"));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(plain, commands[i].program))
			return &commands[i];
	return NULL;
}

int legacy_version(const struct legacy *l)
{
	printf("%s v" LEGACY_VERSION " (legacy)\n", l->program);
	return LEGACY_OK;
}

void legacy_binary(void)
{
	fprintf(stderr, "-b/--binary option is not implemented\n");
}

int legacy_too_many(void)
{
	fprintf(stderr, "Unknown arguments found on commandline\n");
	return LEGACY_FAILED;
}

const char *legacy_init_reason(const struct genl_error *err)
{
	return err->errnum == EPERM ? "Permission denied (you must be root)" :
	       err->errnum == ENOENT ? "Table does not exist (do you need to insmod?)" :
	       err->reason;
}
