/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How one call's bytes leave in chunks, from one buffer or from many, and the numbers that streams have. */
#ifndef HEXR_CHUNK_H
#define HEXR_CHUNK_H

#include "watch.h"

#define SEGMENTS_MAX 1024	/* UIO_MAXIOV: no call takes more */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} generations SEC(".maps");

static __always_inline __u64 new_generation(void)
{
	__u32 zero = 0;
	__u64 *generation = bpf_map_lookup_elem(MAP(generations), &zero);

	return generation ? NEXT(generation) : 0;
}

#define SEGMENT (2 * sizeof(__u64))

/* Scalars only: bpf_loop hands it on by the stack. */
struct copy {
	__u64 from;		/* these two as struct iovec of <sys/uio.h> */
	__u64 left;		/* of the buffer that is being copied */
	__u64 total;		/* of all that the call carried */
	__u64 vector;		/* the buffers after this one */
	__u64 handle;
	__u64 generation;
	__u64 lost;
	__u64 start;
	__u64 at;
	__u32 pid;
	__u32 seq;
	__u32 segments;
	__u32 chunks;
	__u8 direction;
	__u8 joined;
	__u8 medium;
	__u8 spare;
};

static __always_inline void fill_chunk(struct chunk *chunk, struct copy *copy, __u32 length)
{
	begin(&chunk->head, KIND_CHUNK, copy->pid, copy->start, copy->at);
	chunk->handle = copy->handle;
	chunk->generation = copy->generation;
	chunk->lost = copy->lost;
	chunk->seq = copy->seq;
	chunk->length = length;
	chunk->direction = copy->direction;
	chunk->joined = copy->joined && !copy->seq;
	chunk->medium = copy->medium;
	__builtin_memset(chunk->spare, 0, sizeof(chunk->spare));
}

/* bpf_ringbuf_reserve takes constants only: a ladder of sizes, the smallest that fits. */
#define STEP(copy, length, size)                                                                 \
	({                                                                                       \
		struct chunk *chunk = room(KIND_CHUNK, sizeof(struct chunk) + (size));           \
		bool sent = false;                                                               \
		if (chunk) {                                                                     \
			__u64 bytes = (length);                                                  \
			barrier_var(bytes);                                                      \
			if (bytes > (size))                                                      \
				bytes = (size);                                                  \
			fill_chunk(chunk, copy, bytes);                                          \
			if (bpf_probe_read_user(chunk->data, bytes, (void *)(copy)->from)) {     \
				count(COUNT_FAULTS, 1);                                          \
				chunk->length = 0;                                               \
				(copy)->lost = bytes;                                            \
			} else {                                                                 \
				(copy)->lost = 0;                                                \
			}                                                                        \
			send(chunk, sizeof(struct chunk) + (size));                               \
			sent = true;                                                             \
		} else {                                                                         \
			no_room(KIND_CHUNK);                                                     \
		}                                                                                \
		sent;                                                                            \
	})

/* Go on to the next buffer. False: there is none, or it cannot be found. */
static __always_inline bool next_segment(struct copy *copy)
{
	if (!copy->segments || !copy->total)
		return false;
	if (bpf_probe_read_user(&copy->from, SEGMENT, (void *)copy->vector)) {
		count(COUNT_FAULTS, 1);
		copy->left = copy->segments = 0;
		return false;
	}
	copy->vector += SEGMENT;
	copy->segments--;
	if (copy->left > copy->total)
		copy->left = copy->total;
	return true;
}

/* Not static: verified once by itself, not at each of its calls. */
__noinline int emit_chunk(struct copy *copy)
{
	__u32 length;
	bool sent;

	if (!copy)
		return 0;
	length = copy->left > CHUNK_MAX ? CHUNK_MAX : copy->left;
	if (length <= 256)
		sent = STEP(copy, length, 256);
	else if (length <= 512)
		sent = STEP(copy, length, 512);
	else if (length <= 1024)
		sent = STEP(copy, length, 1024);
	else if (length <= 4096)
		sent = STEP(copy, length, 4096);
	else if (length <= 8192)
		sent = STEP(copy, length, 8192);
	else
		sent = STEP(copy, length, CHUNK_MAX);
	if (!sent)
		copy->lost += length;
	copy->seq++;
	copy->from += length;
	copy->left -= length;
	copy->total -= length;
	return 0;
}

static long one_chunk(__u32 turn, struct copy *copy)
{
	if (!copy->left)
		return !next_segment(copy);
	if (copy->chunks++ >= CHUNKS_MAX)
		return 1;
	emit_chunk(copy);
	return 0;
}

#ifdef HEXR_BCC
#include "bcc/steps.h"
#else
#define EACH(most, step, state) bpf_loop(most, step, state, 0)
#endif

/* What is left over in `total` was not handed over. */
static __always_inline void all_chunks(struct copy *copy)
{
	if (!copy->segments && copy->left <= CHUNK_MAX)
		one_chunk(0, copy);
	else
		EACH(CHUNKS_MAX + SEGMENTS_MAX, one_chunk, copy);
	count(COUNT_CUT, copy->total);
}

#endif
