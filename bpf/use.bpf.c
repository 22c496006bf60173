// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What a socket carried, said by the kernel itself (net/socket.c, since 6.3). Before: carried.bpf.c; with cleartext: clear.bpf.c. */
#include "use.h"

SEC("tp_btf/sock_send_length")
int BPF_PROG(sends, struct sock *sk, int bytes)
{
	return used(sk, bytes, true);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(receives, struct sock *sk, int bytes)
{
	return used(sk, bytes, false);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
