// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What watched processes say on sockets in the clear: TCP and unix streams, as each call returns.
 *
 * The tracepoints name socket and length; where the bytes lie stands in the registers of the call. These programs do the
 * work of use.bpf.c too and stand in its place: a second program at a tracepoint costs everybody more than what it does.
 */
#include "calls.h"
#include "lines.h"
#include "use.h"

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_TRUNC 0x20
#define MSG_ERRQUEUE 0x2000

CROSSES(chunk);
CROSSES(opened);
CROSSES(closed);

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct flow);
} flows SEC(".maps");

/* Whether nothing was read of it, and nothing sent, before this receive. The FIN counts as a byte on both sides. */
static __always_inline bool first_receive(struct sock *sk, int bytes)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	__u32 unread = BPF_CORE_READ(tp, rcv_nxt) - BPF_CORE_READ(tp, copied_seq);

	return BPF_CORE_READ(tp, bytes_received) - unread == bytes && !BPF_CORE_READ(tp, bytes_sent);
}

/* A connection is told under the name and the owner that its opening has. */
static __always_inline void make_tcp(struct flow *flow, struct sock *sk, int bytes, bool sent)
{
	struct owned *owned = owner_find(sk);

	if (owned && owned->pid) {
		flow->pid = owned->pid;
		flow->start = owned->start;
	}
	flow->known = owned && owned->established;
	if (!flow->known && !sent)
		flow->known = first_receive(sk, bytes);
}

/* Nobody says when a unix socket began: what does not begin as something we read is not heard on. */
static __always_inline void make_unix(struct flow *flow, struct sock *sk)
{
	flow->generation = new_generation();
	flow->local = inode_of(sk);
	flow->peer = inode_of_peer(sk);
	flow->local_medium = MEDIUM_SOCKET;
	flow->peer_medium = MEDIUM_SOCKET;
	flow->known = 1;
}

static __always_inline struct flow *flow_of(struct sock *sk, struct verdict *verdict, int bytes, bool sent)
{
	struct flow *flow = bpf_sk_storage_get(&flows, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);

	if (!flow || flow->made)
		return flow;
	flow->made = 1;
	flow->medium = MEDIUM_SOCKET;
	flow->handle = bpf_get_socket_cookie(sk);
	flow->pid = verdict->pid;
	flow->start = verdict->start;
	if (sk->__sk_common.skc_family == AF_UNIX)
		make_unix(flow, sk);
	else
		make_tcp(flow, sk, bytes, sent);
	return flow;
}

/* A socket by which a process talks to its child or its parent is a part of that conversation. */
static __always_inline struct flow *line_on(struct flow *flow, struct verdict *verdict)
{
	struct pair *pair = bpf_map_lookup_elem(MAP(pairs), &flow->local);
	struct flow *line;

	if (!pair)
		return flow;
	line = line_of(pair, verdict, pair->role);
	if (line && line->muted)
		flow->muted = 1;
	return line;
}

static __always_inline int uses(struct sock *sk, int bytes, int flags, bool sent)
{
	struct copy copy = {};
	struct verdict *verdict;
	struct flow *flow;
	bool local;

	if (!sk || bytes < 0)
		return 0;
	local = sk->__sk_common.skc_family == AF_UNIX;
	if (local ? sk->sk_type != SOCK_STREAM : !bytes || !is_tcp(sk))
		return 0;
	verdict = told();
	if (!verdict)
		return 0;
	if (!local)
		used_by(verdict, sk, bytes, sent);
	if (flags & (MSG_OOB | MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	flow = flow_of(sk, verdict, bytes, sent);
	if (!flow || flow->muted)
		return 0;
	if (local && !flow->settled)
		flow = line_on(flow, verdict);
	if (!flow || flow->muted)
		return 0;
	copy.direction = sent ? DIRECTION_OUT : DIRECTION_IN;
	if (!bytes) {
		if (!sent && asked_for_bytes())
			at_end(flow);
	} else if ((!sent && flags & MSG_TRUNC) || !place(&copy, bytes)) {
		missed(flow, bytes, copy.direction);
	} else {
		pass(&copy, flow);
	}
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(says, struct sock *sk, int bytes, int flags)
{
	return uses(sk, bytes, flags, true);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(hears, struct sock *sk, int bytes, int flags)
{
	return uses(sk, bytes, flags, false);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
