// SPDX-License-Identifier: GPL-2.0
/*
 * Init and exit of the module and of its part of each network namespace.
 *
 * A namespace ends in two steps: .pre_exit takes the hooks back, so that no packet
 * finds the rules any more; after the grace period that the kernel waits in between,
 * .exit frees them. Rules in force pin the module, so that it only goes when every
 * namespace is empty; what may still be under way then are generations that were flushed
 * a moment ago, and .exit waits for those of its namespace. Whoever hears of interfaces
 * (dyn.c) comes after the namespaces and goes before them.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/wait_bit.h>
#include <net/genetlink.h>

#include "load.h"
#include "main.h"
#include "memory.h"
#include "netlink.h"
#include "ruleset.h"
#include "upload.h"

unsigned int fwload_net_id __read_mostly;
struct workqueue_struct *fwload_wq;

static int __net_init fwload_net_init(struct net *net)
{
	struct fwload_net *fn = fwload_net(net);

	fn->net = net;
	mutex_init(&fn->lock);
	INIT_LIST_HEAD(&fn->uploads);
	spin_lock_init(&fn->uploads_lock);
	fwload_dyn_net_init(fn);
	return 0;
}

static void __net_exit fwload_net_pre_exit(struct net *net)
{
	struct fwload_net *fn = fwload_net(net);

	mutex_lock(&fn->lock);
	fwload_hook_unregister(net, &fn->hooks, 0, 0);
	mutex_unlock(&fn->lock);
}

static void __net_exit fwload_net_exit(struct net *net)
{
	struct fwload_net *fn = fwload_net(net);

	wait_var_event(&fn->retiring, !atomic_read(&fn->retiring));
	fwload_upload_drop(fn);
	fwload_ruleset_exit(fn);
	fwload_dyn_net_exit(fn);
	WARN_ON_ONCE(fwload_memory_used(fn));
}

static struct pernet_operations fwload_net_ops = {
	.init = fwload_net_init,
	.pre_exit = fwload_net_pre_exit,
	.exit = fwload_net_exit,
	.id = &fwload_net_id,
	.size = sizeof(struct fwload_net),
};

static int __init fwload_init(void)
{
	int err;

	fwload_wq = alloc_workqueue("fwload", WQ_UNBOUND, 0);
	if (!fwload_wq)
		return -ENOMEM;
	err = fwload_load_init();
	if (err)
		goto err_wq;
	err = register_pernet_subsys(&fwload_net_ops);
	if (err)
		goto err_load;
	err = fwload_dyn_init();
	if (err)
		goto err_pernet;
	err = fwload_upload_init();
	if (err)
		goto err_dyn;
	err = fwload_netlink_init();
	if (err)
		goto err_upload;
	return 0;

err_upload:
	fwload_upload_exit();
err_dyn:
	fwload_dyn_exit();
err_pernet:
	unregister_pernet_subsys(&fwload_net_ops);
err_load:
	fwload_load_exit();
err_wq:
	destroy_workqueue(fwload_wq);
	return err;
}

static void __exit fwload_exit(void)
{
	fwload_netlink_exit();
	fwload_upload_exit();
	fwload_dyn_exit();
	unregister_pernet_subsys(&fwload_net_ops);
	fwload_load_exit();
	/* Whatever call_rcu() and queue_rcu_work() still have of ours. */
	rcu_barrier();
	destroy_workqueue(fwload_wq);
}

module_init(fwload_init);
module_exit(fwload_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Firewall rule sets, loaded whole and swapped under RCU");
MODULE_ALIAS_GENL_FAMILY("fwload");
