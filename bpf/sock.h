/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is remembered of a socket, beside the socket: freed with it, inherited by what a listener accepts. */
#ifndef HEXR_SOCK_H
#define HEXR_SOCK_H

#include "watch.h"

struct owned {
	__u64 start;
	__u64 cookie;
	__u64 syn;
	__u64 established;
	__u32 pid;
	__u8 role;
	__u8 opened;		/* its opening has been told */
	__u8 spare[2];
};

#ifdef HEXR_BCC
#include "bcc/owners.h"
#else
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct owned);
} owners SEC(".maps");

static __always_inline struct owned *owner_find(struct sock *sk)
{
	return bpf_sk_storage_get(&owners, sk, NULL, 0);
}

static __always_inline struct owned *owner_make(struct sock *sk)
{
	return bpf_sk_storage_get(&owners, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
}

/* What a listener accepted has its storage already, and storage goes with its socket. */
static __always_inline void owner_born(struct sock *sk, __u8 role)
{
}

static __always_inline void owner_gone(struct sock *sk)
{
}

static __always_inline __u64 name_of(struct sock *sk)
{
	return bpf_get_socket_cookie(sk);
}
#endif

static __always_inline void own(struct owned *owned, struct sock *sk, struct verdict *verdict)
{
	owned->pid = verdict->pid;
	owned->start = verdict->start;
	owned->cookie = name_of(sk);
}

static __always_inline void emit_opened(struct sock *sk, struct owned *owned, __u64 at, bool failed)
{
	struct opened *opened = room(KIND_OPENED, sizeof(*opened));

	if (!opened) {
		no_room(KIND_OPENED);
		return;
	}
	begin(&opened->head, KIND_OPENED, owned->pid, owned->start, at);
	opened->handle = owned->cookie;
	opened->generation = 0;
	opened->connect = owned->established && owned->syn ? owned->established - owned->syn : 0;
	read_ends(&opened->ends, sk);
	opened->role = owned->role;
	opened->failed = failed;
	opened->timed = opened->connect != 0;
	__builtin_memset(opened->spare, 0, sizeof(opened->spare));
	send(opened, sizeof(*opened));
}

#endif
