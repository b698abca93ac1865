// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files behind mappings without write permission. What such a mapping shows of
 * a page that was never written to is the file, and write() changes it. A copy
 * on another node must not outlive that.
 *
 * Nobody tells when a file is written to. So home looks each time that the
 * execution leaves, and has the copies of a file discarded unless it is sure
 * that the file has not changed since the last time. Whatever the process can
 * know of what others did, it has learnt at home: it finds the file no older.
 *
 * A file has not changed when nobody has it open for writing, nor had the last
 * time, and its change time is the same. That time has ticks: one that was
 * recent the last time proves nothing, since a later change may show the same.
 */

#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/vmalloc.h>

#include "session.h"

/* A mapping's file at a departure. */
struct eos_file_stamp {
	unsigned long start;	/* of the mapping */
	s64 changed;		/* change time of the inode */
	bool quiet;		/* a change from then on shows */
};

/* Whether copies of a mapping's pages are copies of a file. */
static bool eos_shows_file(const struct vm_area_struct *vma)
{
	return vma->vm_file && vma->vm_ops && !(vma->vm_flags & VM_WRITE) &&
	       eos_vma_moves(vma);
}

/* A change within the same tick of the file system's clock would not show. */
static bool eos_recent(const struct inode *inode, s64 changed)
{
	s64 slack = 2 * (TICK_NSEC + (s64)inode->i_sb->s_time_gran);
	s64 age = eos_change_now() - changed;

	return age >= -slack && age <= slack;
}

static struct eos_file_stamp eos_stamp(const struct vm_area_struct *vma)
{
	const struct inode *inode = eos_inode_of(vma->vm_file);
	struct eos_file_stamp stamp = {
		.start = vma->vm_start,
		.changed = eos_change_time(inode),
	};

	/* other kinds, block devices say, are written to without a trace */
	stamp.quiet = S_ISREG(inode->i_mode) &&
		      atomic_read(&inode->i_writecount) <= 0 &&
		      !eos_recent(inode, stamp.changed);
	return stamp;
}

/* Both lists are sorted by address; @next is where the search goes on. */
static bool eos_unchanged(const struct eos_files *told, unsigned int *next,
			  const struct eos_file_stamp *now)
{
	const struct eos_file_stamp *last;

	while (*next < told->count && told->list[*next].start < now->start)
		(*next)++;
	if (*next == told->count)
		return false;
	last = &told->list[*next];
	return last->start == now->start && last->quiet && now->quiet &&
	       last->changed == now->changed;
}

static int eos_files_room(struct eos_files *files, unsigned int count)
{
	if (count <= files->room)
		return 0;
	vfree(files->list);
	files->room = 0;
	files->list = vmalloc(2 * count * sizeof(*files->list));
	if (!files->list)
		return -ENOMEM;
	files->room = 2 * count;
	return 0;
}

/**
 * eos_files_check - have copies of files that changed be discarded
 * @s: session at home, about to leave; mmap_lock and the mutex are held
 *
 * eos_mmap_flush() has to follow.
 *
 * Return: 0 or -ENOMEM.
 */
int eos_files_check(struct eos_session *s)
	__must_hold(&s->mutex)
{
	struct eos_files *now = &s->files_now;
	struct vm_area_struct *vma;
	struct eos_walk walk;
	unsigned int next = 0;

	eos_assert_mmap_locked(s->mm);
	lockdep_assert_held(&s->mutex);
	if (eos_files_room(now, s->mm->map_count))
		return -ENOMEM;
	now->count = 0;
	eos_walk_begin(&walk, s->mm);
	while ((vma = eos_walk_next(&walk))) {
		struct eos_file_stamp *stamp = &now->list[now->count];

		if (!eos_shows_file(vma))
			continue;
		*stamp = eos_stamp(vma);
		now->count++;
		if (!eos_unchanged(&s->files_told, &next, stamp))
			eos_mmap_changed(vma, vma->vm_start, vma->vm_end);
	}
	swap(s->files_now, s->files_told);
	return 0;
}
