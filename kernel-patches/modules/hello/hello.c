// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest module of this project.
 *
 * Shows that what is built outside the kernel's tree loads and unloads on every
 * kernel line, with the line's own compiler flags and headers.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static char *whom = "testbed";
module_param(whom, charp, 0444);
MODULE_PARM_DESC(whom, "whom to greet");

/**
 * hello_init() - greet in the kernel's log
 *
 * Return: 0, always.
 */
static int __init hello_init(void)
{
	pr_info("greetings to %s\n", whom);
	return 0;
}

/**
 * hello_exit() - take leave in the kernel's log
 */
static void __exit hello_exit(void)
{
	pr_info("farewell to %s\n", whom);
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_AUTHOR("ElasticOS testbed");
MODULE_DESCRIPTION("Greets on load and on unload");
MODULE_LICENSE("GPL");
