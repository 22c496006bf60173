/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Where the bytes of a system call lie: of those calls that carry them in buffers of the caller's. */
#ifndef HEXR_CALLS_H
#define HEXR_CALLS_H

#include "chunk.h"
#include "regs.h"

/* struct user_msghdr (include/linux/socket.h), as far as it is of interest */
struct message {
	__u64 name;
	__u64 name_length;
	__u64 vector;
	__u64 segments;
};

static __always_inline bool place_message(struct copy *copy, __u64 where)
{
	struct message message;

	if (bpf_probe_read_user(&message, sizeof(message), (void *)where)) {
		count(COUNT_FAULTS, 1);
		return false;
	}
	copy->vector = message.vector;
	copy->segments = message.segments < SEGMENTS_MAX ? message.segments : SEGMENTS_MAX;
	return true;
}

/* By number and arguments. False: not one of these calls (sendfile, io_uring, sendmmsg, a 32-bit process). */
static __always_inline bool place_by(struct copy *copy, __u64 call, __u64 second, __u64 third, __u64 bytes)
{
	copy->at = bpf_ktime_get_boot_ns();
	copy->total = bytes;
	switch (call) {
	case CALL_READ:
	case CALL_WRITE:
	case CALL_SENDTO:
	case CALL_RECVFROM:
		copy->from = second;
		copy->left = bytes;
		return true;
	case CALL_READV:
	case CALL_WRITEV:
		copy->vector = second;
		copy->segments = third < SEGMENTS_MAX ? third : SEGMENTS_MAX;
		return true;
	case CALL_SENDMSG:
	case CALL_RECVMSG:
		return place_message(copy, second);
	}
	return false;
}

/* By the call that the current thread is in. Not static, as what follows: registers fill a third of what all frames may have together. */
__noinline int place(struct copy *copy, __u64 bytes)
{
	REGS *user = (REGS *)bpf_task_pt_regs(bpf_get_current_task_btf());
	REGS regs;

	return copy && !bpf_probe_read_kernel(&regs, sizeof(regs), user) &&
	       place_by(copy, CALL(&regs), SECOND(&regs), THIRD(&regs), bytes);
}

/* Whether nothing came though something was asked for: the end of what is read. */
__noinline int asked_for_bytes(void)
{
	REGS *user = (REGS *)bpf_task_pt_regs(bpf_get_current_task_btf());
	REGS regs;

	if (bpf_probe_read_kernel(&regs, sizeof(regs), user))
		return false;
	return CALL(&regs) == CALL_RECVMSG || THIRD(&regs);
}

#endif
