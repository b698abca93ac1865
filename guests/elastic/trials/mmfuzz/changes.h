/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the address space, and of the files behind it. */
#ifndef MMFUZZ_CHANGES_H
#define MMFUZZ_CHANGES_H

void changes_begin(void);
void map_anonymous(void);
void map_file(void);
void map_over(void);
void unmap(void);
void protect(void);
void forget(void);
void advise(void);
void free_lazily(void);
void move(void);
void resize(void);
void write_file(void);

#endif
