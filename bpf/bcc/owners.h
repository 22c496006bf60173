/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is remembered of a socket, where no storage at the socket can be had (it wants the verifier's own pointer, and so BTF).
 *
 * By the socket's address, from its first state to its last. Its name is of our own making, for its cookie may not have been made.
 */
#ifndef HEXR_BCC_OWNERS_H
#define HEXR_BCC_OWNERS_H

#include "../chunk.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct owned);
} owners SEC(".maps");

static __always_inline struct owned *owner_find(struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(MAP(owners), &key);
}

static __always_inline struct owned *owner_make(struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct owned new = {};

	bpf_map_update_elem(MAP(owners), &key, &new, BPF_NOEXIST);
	return bpf_map_lookup_elem(MAP(owners), &key);
}

/* Accepted: whose it is, is said at its first use. */
static __always_inline void owner_born(struct sock *sk, __u8 role)
{
	struct owned *owned = owner_make(sk);

	if (owned)
		owned->role = role;
}

static __always_inline void owner_gone(struct sock *sk)
{
	__u64 key = (__u64)sk;

	bpf_map_delete_elem(MAP(owners), &key);
}

static __always_inline __u64 name_of(struct sock *sk)
{
	struct owned *owned = owner_find(sk);

	if (owned && !owned->cookie)
		owned->cookie = new_generation();
	return owned ? owned->cookie : 0;
}

#endif
