// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Who talks to its parent by what: found before the parent can say a word, and once for all who were there before us.
 *
 * A parent that has forked goes on when its child has let go of its memory and closed what is to be closed, long before the new
 * program is there (sched_process_exec, where process.bpf.c looks again: it may be watched only then).
 */
#include "stdio.h"

CROSSES(look);

struct bpf_iter_meta;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

static __always_inline int begins(void)
{
	if (told())
		note_stdio(bpf_ktime_get_boot_ns());
	return 0;
}

/* Just before there is no way back; since 6.10. */
SEC("tp_btf/sched_prepare_exec")
int BPF_PROG(prepares, struct task_struct *task)
{
	return begins();
}

/* Just after the parent was let go: what older kernels have. */
SEC("tp_btf/task_rename")
int BPF_PROG(renamed, struct task_struct *task, const char *comm)
{
	return begins();
}

/* User space asks once. Descriptors 3 and 4 of one that runs may be anything by now. */
SEC("iter/task")
int found(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid))
		pair_up(task, 0, 1, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
