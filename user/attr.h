/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_ATTR_H
#define FWIMG_ATTR_H

#include <libmnl/libmnl.h>
#include <stdbool.h>

#include "../uapi/linux/fwload.h"

#define ATTR_N	(FWLOAD_A_MAX + 1)

/*
 * Attributes of a message of the family, or of a nest in one, by type: of ATTR_N pointers
 * in @tb those that are not there become NULL, of several of a type the last one stands.
 * Attributes unknown here, of a newer kernel, are left out. The pointers lie in the
 * message. Returns false when one has not the type that linux/fwload.h says.
 */
bool attr_parse(const struct nlmsghdr *nlh, const struct nlattr **tb);
bool attr_parse_nest(const struct nlattr *nest, const struct nlattr **tb);

#endif /* FWIMG_ATTR_H */
