// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "hosts.h"

#define LOOPBACK_NET 127

/**
 * host_address - read an IPv4 address
 * @text: such as 10.77.0.1
 * @address: filled, host byte order
 *
 * Return: 0 or -EINVAL.
 */
int host_address(const char *text, uint32_t *address)
{
	struct in_addr parsed;

	if (inet_pton(AF_INET, text, &parsed) != 1)
		return -EINVAL;
	*address = ntohl(parsed.s_addr);
	return 0;
}

static int parse_line(char *line, struct host *host)
{
	char *rest, *address, *name;

	line[strcspn(line, "#\n")] = '\0';
	address = strtok_r(line, " \t", &rest);
	name = address ? strtok_r(NULL, " \t", &rest) : NULL;
	if (!name || strlen(name) >= sizeof(host->name) ||
	    host_address(address, &host->address) ||
	    host->address >> 24 == LOOPBACK_NET)
		return -EINVAL;
	strcpy(host->name, name);
	return 0;
}

/**
 * hosts_parse - read the nodes of a hosts(5) file, each with its first name
 * @file: to read; loopback addresses and all but IPv4 are passed over
 * @hosts: filled
 *
 * Return: how many there are, or -E2BIG.
 */
int hosts_parse(FILE *file, struct host hosts[HOSTS_MOST])
{
	struct host host;
	char line[256];
	int count = 0;

	while (fgets(line, sizeof(line), file)) {
		if (parse_line(line, &host))
			continue;
		if (count == HOSTS_MOST)
			return -E2BIG;
		hosts[count++] = host;
	}
	return count;
}

/**
 * hosts_read - open a file for hosts_parse()
 * @path: of the file
 * @hosts: filled
 *
 * Return: how many there are, or -errno.
 */
int hosts_read(const char *path, struct host hosts[HOSTS_MOST])
{
	FILE *file = fopen(path, "re");
	int count;

	if (!file)
		return -errno;
	count = hosts_parse(file, hosts);
	fclose(file);
	return count;
}
