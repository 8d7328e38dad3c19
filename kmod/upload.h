/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_UPLOAD_H
#define FWLOAD_UPLOAD_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/xxhash.h>

#include "image.h"

struct fwload_chain;
struct fwload_load;
struct fwload_net;

/**
 * struct fwload_upload - an image on its way in: the staging area of a socket
 * @list: in fwload_net.uploads; empty when it has been dropped
 * @ref: that of the list, and that of a request that found it there
 * @portid: port of the socket, by which it is found
 * @size: bytes of the image, as announced
 * @index_size: bytes before its first body, as announced
 * @received: bytes that have arrived
 * @hash: XXH64 of those after the header
 * @index: index_size bytes
 * @img: what the index says; valid once all of it has arrived
 * @chains: a chain for each in the index, NULL for those kept or gone and those whose body has
 *	not begun to arrive
 * @n_arrived: chains whose body has arrived in full, or that have none
 * @fill: bytes that have arrived of the body of chain number @n_arrived
 * @checked: checksum and bodies have passed
 * @load: modules that its extensions need
 */
struct fwload_upload {
	struct list_head list;
	refcount_t ref;
	u32 portid;
	u64 size;
	u32 index_size;
	u64 received;
	struct xxh64_state hash;
	void *index;
	struct fwload_image img;
	struct fwload_chain **chains;
	u32 n_arrived;
	u32 fill;
	bool checked;
	struct fwload_load *load;
};

/* All functions: process context, may sleep. */

int fwload_upload_init(void);
void fwload_upload_exit(void);

/* Drop all uploads of a namespace that ends. */
void fwload_upload_drop(struct fwload_net *fn);

/*
 * The staging area of the socket with @portid, or NULL. The caller ends with
 * fwload_upload_put(). Context: fwload_net.lock held.
 */
struct fwload_upload *fwload_upload_find(struct fwload_net *fn, u32 portid);

/*
 * Begin an image of @size bytes; what the socket sent before is dropped. Returns 0, or
 * -EINVAL, -E2BIG, -ENOBUFS, -ENOMEM and @err. Context: fwload_net.lock held.
 */
int fwload_upload_begin(struct fwload_net *fn, u32 portid, u64 size, u32 index_size,
			struct fwload_image_error *err);

/*
 * Take @len bytes from @offset on, which is where the last piece ended. Returns 0, or
 * -EINVAL and what fwload_image_check_index() returns, -ENOBUFS or -ENOMEM, and @err; then
 * the image cannot be continued. Context: fwload_net.lock held.
 */
int fwload_upload_data(struct fwload_net *fn, struct fwload_upload *up, u64 offset,
		       const void *data, u32 len, struct fwload_image_error *err);

/*
 * Check a complete image: size, checksum, bodies. Does nothing when that has been done.
 * Returns as fwload_upload_data(). Context: fwload_net.lock held.
 */
int fwload_upload_check(struct fwload_net *fn, struct fwload_upload *up,
			struct fwload_image_error *err);

/* No request finds it any more. The caller has a reference; fwload_net.lock held. */
void fwload_upload_forget(struct fwload_net *fn, struct fwload_upload *up);

/* Give up a reference. NULL is accepted. */
void fwload_upload_put(struct fwload_net *fn, struct fwload_upload *up);

#endif /* FWLOAD_UPLOAD_H */
