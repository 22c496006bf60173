/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which socket carries a TLS stream: evidence gathered a thread, decided once a generation, else left open.
 *
 * 1. A send or receive inside a call of the library is that stream's.
 * 2. With memory BIOs, a write is tied to the next send of its thread whose length is exactly the
 *    plaintext plus what the records add.
 * 3. Where no write ever fitted, a read is tied to the one receive between it and the thread's call
 *    before; twice, or once where the length fits exactly.
 */
#ifndef HEXR_TIE_H
#define HEXR_TIE_H

#include "sock.h"
#include "stream.h"

#define CALLS 4
#define WAITING 4
#define RECORD_MAX 16384
#define AGREED 2
#define CONFLICTS_MAX 3

/* Bytes that a record adds: RFC 8446 5.2 (header, inner type, tag); RFC 5288 (header, nonce, tag); RFC 7905. */
#define OVERHEAD_TLS13 22
#define OVERHEAD_TLS12_GCM 29
#define OVERHEAD_TLS12_CHACHA 21

struct call {
	__u64 ssl;
	__u64 buffer;
	__u64 length;		/* where an _ex call says how much it did */
	__u64 sp;
	__u64 at;
	__u32 function;
	__u8 direct;		/* a socket was used inside */
	__u8 lone;		/* exactly one receive since the thread's call before */
	__u8 spare[2];
};

/* A write that no send has carried yet. */
struct waiting {
	__u64 ssl;
	__u64 generation;
	__u64 bytes;
	__u32 records;
	__u32 sends;		/* the thread's count when it was made */
};

struct receipt {
	struct ends ends;
	__u32 left;
	__u64 cookie;
	__u64 connect;
	__u8 role;
	__u8 fresh;		/* nothing was read of it yet */
	__u8 spare[6];
};

/* A question of the program about a handshake, on its way in. One at a time: none asks another of ours. */
struct question {
	__u64 ssl;
	__u64 first;		/* where the answer is put, if it is not returned */
	__u64 second;
	__u64 sp;
	__u64 cipher;		/* the last one that a stream (`of`) was said to use */
	__u64 of;
	__u32 function;
	__u32 spare;
};

struct thread {
	struct call calls[CALLS];
	struct question question;
	struct waiting waiting[WAITING];
	struct receipt receipt;
	__u32 depth;
	__u32 next;
	__u32 sends;
	__u32 receives;		/* since the last call */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct thread);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct thread);
} blank_threads SEC(".maps");

static __always_inline struct thread *thread_find(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(MAP(threads), &id);
}

static __always_inline struct thread *thread_of(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct thread *thread = bpf_map_lookup_elem(MAP(threads), &id);
	__u32 zero = 0;
	struct thread *blank;

	if (thread)
		return thread;
	blank = bpf_map_lookup_elem(MAP(blank_threads), &zero);
	if (!blank || bpf_map_update_elem(MAP(threads), &id, blank, BPF_ANY))
		return NULL;
	return bpf_map_lookup_elem(MAP(threads), &id);
}

static __always_inline void fill_receipt(struct receipt *receipt, struct sock *sk)
{
	struct owned *owned = owner_find(sk);

	read_ends(&receipt->ends, sk);
	receipt->cookie = name_of(sk);
	receipt->role = owned ? owned->role : ROLE_UNKNOWN;
	receipt->connect = 0;
	if (owned && owned->role == ROLE_CLIENT && owned->established)
		receipt->connect = owned->established - owned->syn;
	receipt->fresh = 1;
}

static __always_inline void tie(struct stream *stream, struct verdict *verdict, __u64 ssl, struct receipt *seen)
{
	struct opened *opened;

	stream->tied = 1;
	stream->told = 1;
	count(COUNT_TIED, 1);
	opened = room(KIND_OPENED, sizeof(*opened));
	if (!opened) {
		no_room(KIND_OPENED);
		return;
	}
	begin(&opened->head, KIND_OPENED, verdict->pid, verdict->start, bpf_ktime_get_boot_ns());
	opened->handle = ssl;
	opened->generation = stream->generation;
	opened->connect = seen->connect;
	opened->ends = seen->ends;
	opened->role = seen->role != ROLE_UNKNOWN ? seen->role : stream->role;
	opened->failed = 0;
	opened->timed = seen->connect != 0;
	__builtin_memset(opened->spare, 0, sizeof(opened->spare));
	send(opened, sizeof(*opened));
}

__noinline int wait_for_send(__u64 ssl, __u64 bytes, struct stream *stream)
{
	__u32 records = (bytes + RECORD_MAX - 1) / RECORD_MAX;
	struct thread *thread;
	struct waiting *waiting;

	if (!stream || stream->tied || stream->muted)
		return 0;
	thread = thread_find();
	if (!thread)
		return 0;
	waiting = &thread->waiting[(thread->next - 1) & (WAITING - 1)];
	if (waiting->ssl != ssl || waiting->generation != stream->generation || !waiting->records) {
		waiting = &thread->waiting[thread->next++ & (WAITING - 1)];
		waiting->records = 0;
	}
	if (waiting->records && waiting->sends == thread->sends) {
		waiting->bytes += bytes;
		waiting->records += records;
		return 0;
	}
	waiting->ssl = ssl;
	waiting->generation = stream->generation;
	waiting->bytes = bytes;
	waiting->records = records;
	waiting->sends = thread->sends;
	return 0;
}

/* `bytes` 0: a call that drove the handshake after a lone receive, which is evidence without a size. */
__noinline int tie_read(__u64 ssl, __u64 bytes, struct stream *stream, struct verdict *verdict)
{
	__u64 needed = bytes ? bytes + OVERHEAD_TLS12_CHACHA : 0;
	struct thread *thread;
	struct receipt *seen;
	bool exact;

	if (!stream || !verdict || stream->tied || stream->muted || stream->conflicts >= CONFLICTS_MAX)
		return 0;
	thread = thread_find();
	if (!thread)
		return 0;
	seen = &thread->receipt;
	if (!seen->cookie || seen->left < needed)
		return 0;
	exact = bytes && seen->fresh &&
		(seen->left == bytes + OVERHEAD_TLS13 || seen->left == bytes + OVERHEAD_TLS12_GCM);
	seen->fresh = 0;
	seen->left -= needed;
	if (stream->score && stream->candidate != seen->cookie) {
		count(COUNT_CONFLICT, 1);
		stream->conflicts++;
		stream->score = 0;
	}
	stream->candidate = seen->cookie;
	stream->score += exact ? AGREED : 1;
	if (stream->score >= AGREED)
		tie(stream, verdict, ssl, seen);
	return 0;
}

#endif
