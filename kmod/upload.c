// SPDX-License-Identifier: GPL-2.0
/*
 * An image on its way in.
 *
 * BEGIN announces the sizes, DATA brings the bytes in order. The index comes first and is
 * checked as soon as it is complete; from then on it is known where each body lies, so
 * every byte is copied once, from the message into the chain where it will be executed.
 * Memory is taken as the bytes arrive, not when they are announced. The checksum
 * is worked out on the way; the bodies are checked at COMMIT, after the checksum, so that
 * damage is called damage.
 *
 * What was sent belongs to its socket. The kernel says when a socket is closed
 * (NETLINK_URELEASE), and it cannot be closed while one of its requests is being served:
 * sendmsg() holds its file. But it says so when the port is free again, and then another
 * socket may have taken it and sent something. That is lost, which a client notices; so that
 * it is not freed while a request works on it, a request has a reference.
 */
#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>

#include "chain.h"
#include "load.h"
#include "main.h"
#include "memory.h"
#include "upload.h"

static int refuse(struct fwload_image_error *err, int errnum, u64 offset,
		  const char *reason)
{
	err->reason = reason;
	err->offset = offset;
	err->chain = FWLOAD_NO_PLACE;
	err->rule = FWLOAD_NO_PLACE;
	err->ext = FWLOAD_NO_PLACE;
	return errnum;
}

static int refuse_memory(struct fwload_image_error *err, int errnum, u64 offset)
{
	return refuse(err, errnum, offset, fwload_memory_reason(errnum));
}

static void release_chains(struct fwload_net *fn, struct fwload_upload *up)
{
	u32 t, i;

	if (!up->chains)
		return;
	for (t = 0; t < up->img.n_tables; t++) {
		const struct fwload_img_table *table = &up->img.tables[t];
		u32 first = le32_to_cpu(table->first_chain);

		for (i = 0; i < le32_to_cpu(table->n_chains); i++)
			if (up->chains[first + i])
				fwload_chain_put(fn, table->family, up->chains[first + i]);
	}
	fwload_memory_free(fn, up->chains, up->img.n_chains, sizeof(*up->chains));
}

static void release(struct fwload_net *fn, struct fwload_upload *up)
{
	release_chains(fn, up);
	fwload_load_put(up->load);
	fwload_memory_free(fn, up->index, 1, up->index_size);
	fwload_memory_free(fn, up, 1, sizeof(*up));
}

void fwload_upload_put(struct fwload_net *fn, struct fwload_upload *up)
{
	if (up && refcount_dec_and_test(&up->ref))
		release(fn, up);
}

/* Take the upload of @portid off the list, with the list's reference. */
static struct fwload_upload *detach(struct fwload_net *fn, u32 portid)
{
	struct fwload_upload *up;

	spin_lock(&fn->uploads_lock);
	list_for_each_entry(up, &fn->uploads, list) {
		if (up->portid == portid) {
			list_del_init(&up->list);
			spin_unlock(&fn->uploads_lock);
			return up;
		}
	}
	spin_unlock(&fn->uploads_lock);
	return NULL;
}

struct fwload_upload *fwload_upload_find(struct fwload_net *fn, u32 portid)
{
	struct fwload_upload *up, *found = NULL;

	spin_lock(&fn->uploads_lock);
	list_for_each_entry(up, &fn->uploads, list) {
		if (up->portid == portid) {
			refcount_inc(&up->ref);
			found = up;
			break;
		}
	}
	spin_unlock(&fn->uploads_lock);
	return found;
}

void fwload_upload_forget(struct fwload_net *fn, struct fwload_upload *up)
{
	bool listed;

	spin_lock(&fn->uploads_lock);
	listed = !list_empty(&up->list);
	list_del_init(&up->list);
	spin_unlock(&fn->uploads_lock);
	if (listed)
		fwload_upload_put(fn, up);
}

int fwload_upload_begin(struct fwload_net *fn, u32 portid, u64 size, u32 index_size,
			struct fwload_image_error *err)
{
	struct fwload_upload *up = detach(fn, portid);
	struct fwload_load *load;

	fwload_upload_put(fn, up);

	if (size > FWLOAD_MAX_IMAGE || index_size > FWLOAD_MAX_INDEX)
		return refuse(err, -E2BIG, 0, "the image is larger than FWLOAD_MAX_IMAGE allows");
	if (index_size < sizeof(struct fwload_img_header) || index_size > size ||
	    index_size % FWLOAD_IMG_ALIGN || size % FWLOAD_IMG_ALIGN)
		return refuse(err, -EINVAL, 0, "the sizes of image and index make no sense");
	/* Every byte of it would be kept: of what cannot fit none is taken. */
	if (size > fwload_memory_max())
		return refuse_memory(err, -ENOBUFS, 0);

	up = fwload_memory_alloc(fn, 1, sizeof(*up));
	if (IS_ERR(up))
		return refuse_memory(err, PTR_ERR(up), 0);
	refcount_set(&up->ref, 1);
	up->portid = portid;
	up->size = size;
	up->index_size = index_size;
	xxh64_reset(&up->hash, 0);
	up->index = fwload_memory_alloc(fn, 1, index_size);
	if (IS_ERR(up->index)) {
		int errnum = PTR_ERR(up->index);

		release(fn, up);
		return refuse_memory(err, errnum, 0);
	}
	load = fwload_load_alloc(fn);
	if (IS_ERR(load)) {
		release(fn, up);
		return refuse_memory(err, PTR_ERR(load), 0);
	}
	up->load = load;
	spin_lock(&fn->uploads_lock);
	list_add(&up->list, &fn->uploads);
	spin_unlock(&fn->uploads_lock);
	return 0;
}

/* Chains that are kept or gone have no body that could arrive. */
static void skip_running(struct fwload_upload *up)
{
	while (up->n_arrived < up->img.n_chains &&
	       !fwload_image_has_body(&up->img.chains[up->n_arrived]))
		up->n_arrived++;
}

static int index_arrived(struct fwload_net *fn, struct fwload_upload *up,
			 struct fwload_image_error *err)
{
	struct fwload_chain **chains;
	int ret;

	ret = fwload_image_check_index(up->index, up->index_size, up->size, &up->img, err);
	if (ret)
		return ret;
	chains = fwload_memory_alloc(fn, up->img.n_chains, sizeof(*chains));
	if (IS_ERR(chains))
		return refuse_memory(err, PTR_ERR(chains), up->index_size);
	up->chains = chains;
	skip_running(up);
	return 0;
}

static u32 take_index(struct fwload_upload *up, const void *data, u32 len)
{
	u32 n = min_t(u64, len, up->index_size - up->received);

	memcpy(up->index + up->received, data, n);
	return n;
}

/* Copy into the body that is arriving; returns the bytes taken or -errno. */
static int take_body(struct fwload_net *fn, struct fwload_upload *up, const void *data,
		     u32 len)
{
	struct fwload_chain *c;
	u32 size, n;

	/* The index was checked: the bodies fill the image to its end. */
	if (WARN_ON_ONCE(up->n_arrived == up->img.n_chains))
		return -EINVAL;
	size = le32_to_cpu(up->img.chains[up->n_arrived].body_size);
	c = up->chains[up->n_arrived];
	if (!c) {
		c = fwload_chain_alloc(fn, size);
		if (IS_ERR(c))
			return PTR_ERR(c);
		up->chains[up->n_arrived] = c;
	}
	n = min(len, size - up->fill);
	memcpy(c->body + up->fill, data, n);
	up->fill += n;
	if (up->fill == size) {
		up->fill = 0;
		up->n_arrived++;
		skip_running(up);
	}
	return n;
}

/* The checksum leaves out the header, in which it stands. */
static void add_to_hash(struct fwload_upload *up, const void *data, u32 len)
{
	u32 skip = 0;

	if (up->received < sizeof(struct fwload_img_header))
		skip = min_t(u64, len, sizeof(struct fwload_img_header) - up->received);
	xxh64_update(&up->hash, data + skip, len - skip);
}

int fwload_upload_data(struct fwload_net *fn, struct fwload_upload *up, u64 offset,
		       const void *data, u32 len, struct fwload_image_error *err)
{
	if (offset != up->received)
		return refuse(err, -EINVAL, offset,
			      "this piece does not begin where the last one ended");
	if (len > up->size - up->received)
		return refuse(err, -EINVAL, up->size, "there is data past the end of the image");

	add_to_hash(up, data, len);
	while (len) {
		int n, ret = 0;

		if (up->received < up->index_size) {
			n = take_index(up, data, len);
			if (up->received + n == up->index_size)
				ret = index_arrived(fn, up, err);
			if (ret)
				return ret;
		} else {
			n = take_body(fn, up, data, len);
			if (n < 0)
				return refuse_memory(err, n, up->received);
		}
		up->received += n;
		data += n;
		len -= n;
	}
	return 0;
}

int fwload_upload_check(struct fwload_net *fn, struct fwload_upload *up,
			struct fwload_image_error *err)
{
	u64 offset = up->index_size;
	u32 i;

	if (up->checked)
		return 0;
	if (up->received != up->size)
		return refuse(err, -EINVAL, up->received, "the image is incomplete");
	if (xxh64_digest(&up->hash) != le64_to_cpu(up->img.header->xxh64))
		return refuse(err, -EINVAL, offsetof(struct fwload_img_header, xxh64),
			      "the checksum is wrong: the image is damaged");

	for (i = 0; i < up->img.n_chains; i++) {
		const struct fwload_img_chain *ic = &up->img.chains[i];
		struct fwload_body b;
		int ret;

		if (!fwload_image_has_body(ic))
			continue;
		ret = fwload_body_check(&up->img, i, offset, up->chains[i]->body, &b, err);
		if (ret)
			return ret;
		ret = fwload_chain_set_body(fn, up->chains[i], &b,
					    up->img.names + le32_to_cpu(ic->name),
					    ic->hook != FWLOAD_IMG_NO_HOOK);
		if (ret) {
			refuse(err, ret, offset, fwload_memory_reason(ret));
			err->chain = i;
			return ret;
		}
		offset += le32_to_cpu(ic->body_size);
		cond_resched();
	}
	up->checked = true;
	return 0;
}

void fwload_upload_drop(struct fwload_net *fn)
{
	struct fwload_upload *up, *next;

	/* Nobody else is left. */
	list_for_each_entry_safe(up, next, &fn->uploads, list)
		release(fn, up);
	INIT_LIST_HEAD(&fn->uploads);
}

static int fwload_upload_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct fwload_net *fn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	fn = fwload_net(n->net);
	fwload_upload_put(fn, detach(fn, n->portid));
	return NOTIFY_DONE;
}

static struct notifier_block fwload_upload_notifier = {
	.notifier_call = fwload_upload_notify,
};

int fwload_upload_init(void)
{
	return netlink_register_notifier(&fwload_upload_notifier);
}

void fwload_upload_exit(void)
{
	netlink_unregister_notifier(&fwload_upload_notifier);
}
