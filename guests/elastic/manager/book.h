/* SPDX-License-Identifier: GPL-2.0-only */
/* The file by which a manager takes over from the one before it. */
#ifndef BOOK_H
#define BOOK_H

#include <stdio.h>

#include "manager.h"

/* Room for a line for each process. */
#define BOOK_BYTES (PROCESSES_MOST * 512)

size_t book_write(const struct manager *manager, char text[BOOK_BYTES]);
void book_read(struct manager *manager, FILE *file);
void book_keep(const struct manager *manager);
void book_open(struct manager *manager);

#endif
