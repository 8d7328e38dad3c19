// SPDX-License-Identifier: GPL-2.0
/* What classify.c counts on the host: see env.h. */
#include "../../kmod/env.h"

__thread struct fwload_env_counts fwload_env_counts;
