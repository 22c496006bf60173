// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What watched processes say to their parents and children by pipes: no tracepoint but the end of a system call sees that.
 *
 * It runs after every system call of the host, so that user space attaches it only while such a pipe is in use; what is no
 * read or write leaves at once, who is not watched after one look-up.
 */
#include "calls.h"
#include "lines.h"

CROSSES(chunk);
CROSSES(opened);
CROSSES(closed);

#if defined(__TARGET_ARCH_arm64)
/* The answer stands where the first argument did; the kernel keeps that for a restart. */
struct pt_regs___kept {
	__u64 orig_x0;
} __attribute__((preserve_access_index));
#define DESCRIPTOR(regs) BPF_CORE_READ((struct pt_regs___kept *)(regs), orig_x0)
#else
#define DESCRIPTOR(regs) FIRST(regs)
#endif

static __always_inline int returned(struct pt_regs *regs, __s64 bytes, bool sent)
{
	REGS *from = (REGS *)regs;
	struct verdict *verdict = told();
	struct copy copy = {};
	struct file *file;
	struct flow *flow;
	struct pair *pair;
	__u64 inode;

	if (!verdict)
		return 0;
	file = file_of(bpf_get_current_task_btf(), DESCRIPTOR(regs));
	if (!file || kind_of(file) != S_IFIFO)
		return 0;
	inode = BPF_CORE_READ(file, f_inode, i_ino);
	pair = bpf_map_lookup_elem(MAP(pairs), &inode);
	if (!pair)
		return 0;
	flow = line_of(pair, verdict, sent == (inode == pair->writes) ? ROLE_SERVER : ROLE_CLIENT);
	if (!flow || flow->muted)
		return 0;
	if (!bytes) {
		at_end(flow);
		return 0;
	}
	copy.direction = sent ? DIRECTION_OUT : DIRECTION_IN;
	if (place_by(&copy, CALL(from), SECOND(from), THIRD(from), bytes))
		pass(&copy, flow);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(returns, struct pt_regs *regs, long bytes)
{
	__u64 call = CALL((REGS *)regs);

	if (call == CALL_READ || call == CALL_READV)
		return bytes < 0 ? 0 : returned(regs, bytes, false);
	if (call == CALL_WRITE || call == CALL_WRITEV)
		return bytes <= 0 ? 0 : returned(regs, bytes, true);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
