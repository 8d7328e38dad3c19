/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A variable that CONFIG_INIT_STACK_ALL_ZERO must not fill: later kernels name the attribute.
 */
#include_next <linux/compiler_attributes.h>

#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized	__attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif
