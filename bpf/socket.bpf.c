// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Life of TCP connections of watched processes: opened, refused, closed, and the kernel's measures at the end.
 *
 * A socket's owner is noted in process context only (connect, listen, and in use.h the first send or
 * receive); state changes run in softirq, where `current` is a bystander.
 */
#include "sock.h"

/* include/net/tcp_states.h */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10

#define SOCK_DONE 1	/* include/net/sock.h enum sock_flags: the peer's FIN has come (tcp_fin) */

CROSSES(opened);
CROSSES(closed);
CROSSES(health);

static __always_inline void emit_health(struct tcp_sock *tp, struct owned *owned, __u64 at)
{
	__u64 begun = owned->syn ? owned->syn : owned->established;
	struct health *health = room(KIND_HEALTH, sizeof(*health));

	if (!health) {
		no_room(KIND_HEALTH);
		return;
	}
	begin(&health->head, KIND_HEALTH, owned->pid, owned->start, at);
	health->handle = owned->cookie;
	health->sent = BPF_CORE_READ(tp, bytes_sent);
	health->received = BPF_CORE_READ(tp, bytes_received);
	if (BPF_CORE_READ((struct sock *)tp, __sk_common.skc_flags) & (1UL << SOCK_DONE) && health->received)
		health->received--;	/* tcp_rcv_nxt_update counts the FIN as a byte */
	health->duration = begun ? at - begun : 0;
	health->rtt = BPF_CORE_READ(tp, srtt_us) >> 3;	/* tcp_sock keeps eight times the estimate */
	health->retransmits = BPF_CORE_READ(tp, total_retrans);
	send(health, sizeof(*health));
}

static __always_inline void emit_socket_closed(struct owned *owned, __u64 at)
{
	struct closed *closed = room(KIND_CLOSED, sizeof(*closed));

	if (!closed) {
		no_room(KIND_CLOSED);
		return;
	}
	begin(&closed->head, KIND_CLOSED, owned->pid, owned->start, at);
	closed->handle = owned->cookie;
	closed->generation = 0;
	send(closed, sizeof(*closed));
}

static __always_inline int takes_owner(struct sock *sk, __u8 role)
{
	struct verdict *verdict = told();
	struct owned *owned;

	if (!verdict)
		return 0;
	owned = owner_make(sk);
	if (!owned)
		return 0;
	own(owned, sk, verdict);
	owned->role = role;
	if (role == ROLE_CLIENT)
		owned->syn = bpf_ktime_get_boot_ns();
	return 0;
}

static __always_inline int established(struct sock *sk, int from)
{
	struct owned *owned;

	if (from == TCP_SYN_RECV)
		owner_born(sk, ROLE_SERVER);
	owned = owner_find(sk);
	if (!owned)
		return 0;
	owned->established = bpf_ktime_get_boot_ns();
	if (from != TCP_SYN_SENT)	/* told by whoever uses it first: the listener may have forked */
		return 0;
	owned->opened = 1;
	emit_opened(sk, owned, owned->established, false);
	return 0;
}

static __always_inline int ends(struct sock *sk, int from)
{
	struct owned *owned = owner_find(sk);
	__u64 at = bpf_ktime_get_boot_ns();

	if (!owned || from == TCP_LISTEN)
		return 0;
	if (from == TCP_SYN_SENT && owned->role == ROLE_CLIENT) {
		emit_opened(sk, owned, at, true);
	} else if (owned->opened) {
		emit_health((struct tcp_sock *)sk, owned, at);
		emit_socket_closed(owned, at);
	}
	owned->opened = 0;
	owned->established = 0;
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state, struct sock *sk, int from, int to)
{
	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (to == TCP_SYN_SENT)
		return takes_owner(sk, ROLE_CLIENT);
	if (to == TCP_LISTEN)
		return takes_owner(sk, ROLE_SERVER);
	if (to == TCP_ESTABLISHED)
		return established(sk, from);
	if (to == TCP_CLOSE)
		ends(sk, from), owner_gone(sk);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
