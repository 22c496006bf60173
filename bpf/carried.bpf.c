// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What a socket carried, where no tracepoint says it (before 6.3): as TCP's own calls return. Loaded instead of use.bpf.c. */
#include "use.h"

static __always_inline int carried(void *ctx, struct sock *sk, bool sent)
{
	__u64 bytes = 0;

	/* tcp_recvmsg has lost an argument in 5.19: the helper knows where the answer stands */
	bpf_get_func_ret(ctx, &bytes);
	return used(sk, bytes, sent);
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(sent, struct sock *sk)
{
	return carried(ctx, sk, true);
}

SEC("fexit/tcp_recvmsg")
int BPF_PROG(received, struct sock *sk)
{
	return carried(ctx, sk, false);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
