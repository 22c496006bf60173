/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A socket is used by a watched process: told as opened if nobody has, and tied to the TLS stream that it carries.
 *
 * Runs for every send and receive of the host, so that what is not watched leaves after one look-up.
 */
#ifndef HEXR_USE_H
#define HEXR_USE_H

#include "tie.h"

/* A socket used inside a call is the stream's of that call, if nothing said so before. */
static __always_inline bool tie_direct(struct thread *thread, struct verdict *verdict, struct sock *sk)
{
	struct call *call = &thread->calls[(thread->depth - 1) & (CALLS - 1)];
	struct stream_key key = key_of(call->ssl);
	struct stream *stream;
	struct receipt seen = {};

	if (!thread->depth)
		return false;
	if (call->direct)
		return true;
	call->direct = 1;
	stream = stream_find(&key, verdict);
	if (stream && !stream->tied && !stream->muted) {
		fill_receipt(&seen, sk);
		tie(stream, verdict, call->ssl, &seen);
	}
	return true;
}

static __always_inline bool fits(struct waiting *waiting, __u64 length)
{
	__u64 added = length - waiting->bytes;

	return waiting->records && length > waiting->bytes &&
	       (added == (__u64)waiting->records * OVERHEAD_TLS13 ||
		added == (__u64)waiting->records * OVERHEAD_TLS12_GCM ||
		added == (__u64)waiting->records * OVERHEAD_TLS12_CHACHA);
}

/* The send that carries a waiting write. Two streams that both fit: neither, it would be a guess. */
static __always_inline void tie_sized(struct thread *thread, struct verdict *verdict, struct sock *sk, __u64 length)
{
	struct receipt seen = {};
	struct stream *stream;
	struct stream_key key;
	int found = -1;

	thread->sends++;
	for (int i = 0; i < WAITING; i++) {
		if (!fits(&thread->waiting[i], length))
			continue;
		if (found >= 0) {
			count(COUNT_CONFLICT, 1);
			thread->waiting[i].records = 0;
			thread->waiting[found & (WAITING - 1)].records = 0;
			return;
		}
		found = i;
	}
	if (found < 0)
		return;
	key = key_of(thread->waiting[found & (WAITING - 1)].ssl);
	stream = stream_find(&key, verdict);
	if (stream && !stream->tied && stream->generation == thread->waiting[found & (WAITING - 1)].generation) {
		fill_receipt(&seen, sk);
		tie(stream, verdict, key.ssl, &seen);
	}
	thread->waiting[found & (WAITING - 1)].records = 0;
}

/* Accepted sockets, and those older than these programs: their opening is told at their first use. */
static __always_inline void first_use(struct sock *sk, struct verdict *verdict)
{
	struct owned *owned = owner_make(sk);

	if (!owned || owned->opened)
		return;
	own(owned, sk, verdict);
	owned->opened = 1;
	emit_opened(sk, owned, owned->established ? owned->established : bpf_ktime_get_boot_ns(), false);
}

static __always_inline int used_by(struct verdict *verdict, struct sock *sk, int bytes, bool sent)
{
	struct thread *thread;

	first_use(sk, verdict);
	thread = sent ? thread_find() : thread_of();
	if (!thread || tie_direct(thread, verdict, sk))
		return 0;
	if (sent) {
		tie_sized(thread, verdict, sk, bytes);
		return 0;
	}
	fill_receipt(&thread->receipt, sk);
	thread->receipt.left = bytes;
	thread->receives++;
	return 0;
}

static __always_inline int used(struct sock *sk, int bytes, bool sent)
{
	struct verdict *verdict;

	if (bytes <= 0 || !sk || !is_tcp(sk))
		return 0;
	verdict = told();
	return verdict ? used_by(verdict, sk, bytes, sent) : 0;
}

#endif
