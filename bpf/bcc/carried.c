// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What a socket carried, where no tracepoint says it (before 6.3) and no BTF lets a program stand at a function's end: kprobes. */
#include "../use.h"

/* The socket of the call that a thread is in. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} carriers SEC(".maps");

static __always_inline int carries(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), sk = PT_REGS_PARM1(ctx);

	if (told())
		bpf_map_update_elem(MAP(carriers), &id, &sk, BPF_ANY);
	return 0;
}

static __always_inline int carried(struct pt_regs *ctx, bool sent)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 *found = bpf_map_lookup_elem(MAP(carriers), &id);
	struct sock *sk;

	if (!found)
		return 0;
	sk = (struct sock *)*found;
	bpf_map_delete_elem(MAP(carriers), &id);
	return used(sk, (int)PT_REGS_RC(ctx), sent);
}

SEC("kprobe/tcp_sendmsg")
int BPF_KPROBE(enter_tcp_sendmsg)
{
	return carries(ctx);
}

SEC("kretprobe/tcp_sendmsg")
int BPF_KPROBE(leave_tcp_sendmsg)
{
	return carried(ctx, true);
}

SEC("kprobe/tcp_recvmsg")
int BPF_KPROBE(enter_tcp_recvmsg)
{
	return carries(ctx);
}

SEC("kretprobe/tcp_recvmsg")
int BPF_KPROBE(leave_tcp_recvmsg)
{
	return carried(ctx, false);
}
