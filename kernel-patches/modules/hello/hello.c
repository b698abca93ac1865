// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest module of this project: shows that modules built outside the
 * tree load and unload on every kernel line.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static char *whom = "testbed";
module_param(whom, charp, 0444);
MODULE_PARM_DESC(whom, "whom to greet");

static int __init hello_init(void)
{
	pr_info("hello: greetings to %s\n", whom);
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("hello: farewell to %s\n", whom);
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_DESCRIPTION("Greets on load and on unload");
MODULE_LICENSE("GPL");
