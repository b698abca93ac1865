/* SPDX-License-Identifier: GPL-2.0-only */
/* The nodes of the testbed, as /etc/hosts lists them. */
#ifndef HOSTS_H
#define HOSTS_H

#include <stdint.h>
#include <stdio.h>

#define HOST_NAME  32
#define HOSTS_MOST 16

struct host {
	char name[HOST_NAME];
	uint32_t address; /* host byte order */
};

int hosts_parse(FILE *file, struct host hosts[HOSTS_MOST]);
int hosts_read(const char *path, struct host hosts[HOSTS_MOST]);
int host_address(const char *text, uint32_t *address);

#endif
