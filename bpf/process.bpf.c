// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Life of processes: who is born watched, who becomes another program, who maps a new file, who ends. */
#include "regs.h"
#ifdef HEXR_BCC	/* it reads no pipes */
#include "files.h"
#else
#include "stdio.h"
#endif

#define FDS 64		/* a parent's, among which its pipes are counted */
#define SIGNAL_GROUP_EXIT 4	/* include/linux/sched/signal.h */

CROSSES(look);
CROSSES(gone);

/* Files whose mapping the camera has heard of. Forgotten ones are told again, which harms nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct file_id);
	__type(value, __u8);
} mapped SEC(".maps");

static __always_inline void fill_parent(struct look *look, struct task_struct *leader)
{
	struct task_struct *parent = BPF_CORE_READ(leader, real_parent, group_leader);

	look->parent = own_pid(parent);
	look->parent_start = BPF_CORE_READ(parent, start_boottime);
}

static __always_inline void fill_file(struct look *look, struct file *file)
{
	struct file_id id = {};

	identify(file, &id);
	look->device = id.device;
	look->inode = id.inode;
	bpf_probe_read_kernel_str(look->name, sizeof(look->name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
}

static __always_inline void blank(struct look *look)
{
	__builtin_memset(look, 0, sizeof(*look));
}

#ifdef HEXR_BCC
#define open_pipes() 0
#define talks_by_pipe(at) false
#else
#define talks_by_pipe(at) (note_stdio(at) == MEDIUM_PIPE)

/* A parent that is about to talk to its child by pipes has made them by now. */
__noinline int open_pipes(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct file *file;
	int found = 0;

	for (__u32 fd = 3; fd < FDS; fd++) {	/* the three below are its own */
		file = file_of(task, fd);
		if (file && kind_of(file) == S_IFIFO)
			found++;
	}
	return found;
}
#endif

SEC("tp_btf/sched_process_fork")
int BPF_PROG(born, struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = BPF_CORE_READ(child, tgid), parent_tgid = BPF_CORE_READ(parent, tgid);
	struct verdict new = { .stale = 1 };
	struct verdict *old;
	struct look *look;

	if (tgid == parent_tgid)
		return 0;
	told();
	old = bpf_map_lookup_elem(MAP(verdicts), &parent_tgid);
	if (!old)
		return 0;
	new.inherited = old->own | old->inherited;
	new.pid = own_pid(child);
	new.start = BPF_CORE_READ(child, start_boottime);
	note_denial(tgid, false);
	if (bpf_map_update_elem(MAP(verdicts), &tgid, &new, BPF_ANY))
		count(COUNT_UNJUDGED, 1);
	if (!old->told)
		return 0;
	look = control_room(sizeof(*look));
	if (!look) {
		no_control_room();
		return 0;
	}
	blank(look);
	begin(&look->head, KIND_FORK, new.pid, new.start, bpf_ktime_get_boot_ns());
	look->parent = old->pid;
	look->parent_start = old->start;
	look->pipes = open_pipes();
	bpf_ringbuf_submit(look, BPF_RB_FORCE_WAKEUP);
	return 0;
}

static __always_inline void fill_exec(struct look *look, struct verdict *verdict, struct task_struct *task, __u64 at)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	blank(look);
	begin(&look->head, KIND_EXEC, verdict->pid, verdict->start, at);
	fill_parent(look, leader);
	fill_file(look, BPF_CORE_READ(task, mm, exe_file));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(became, struct task_struct *task)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct verdict *verdict = bpf_map_lookup_elem(MAP(verdicts), &tgid);
	__u64 at = bpf_ktime_get_boot_ns();
	struct look *look;
	bool pipes;

	judge_again(tgid, verdict);
	if (verdict)
		verdict->execs++;
	verdict = told();
	if (!verdict)
		return 0;
	pipes = talks_by_pipe(at);
	look = control_room(sizeof(*look));
	if (look) {
		fill_exec(look, verdict, task, at);
		look->pipes = pipes;
		bpf_ringbuf_submit(look, BPF_RB_FORCE_WAKEUP);
	} else {
		no_control_room();
	}
	look = room(KIND_EXEC, sizeof(*look));
	if (look) {
		fill_exec(look, verdict, task, at);
		send(look, sizeof(*look));
	} else {
		no_room(KIND_EXEC);
	}
	return 0;
}

/* A running process was moved: its cgroup speaks anew. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(moved, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);

	judge_again(tgid, bpf_map_lookup_elem(MAP(verdicts), &tgid));
	return 0;
}

static __always_inline void fill_gone(struct gone *gone, struct verdict *verdict, struct task_struct *task, __u64 at)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	/* What wait(2) will say: kernel/exit.c wait_task_zombie(). */
	__u32 code = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(signal, group_exit_code)
								       : BPF_CORE_READ(leader, exit_code);

	begin(&gone->head, KIND_EXIT, verdict->pid, verdict->start, at);
	gone->code = code >> 8 & 0xff;
	gone->signal = code & 0x7f;
	gone->cpu = BPF_CORE_READ(signal, sum_sched_runtime) + BPF_CORE_READ(task, se.sum_exec_runtime);
	if (leader != task)	/* a leader that left first is not summed before it is reaped */
		gone->cpu += BPF_CORE_READ(leader, se.sum_exec_runtime);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(ended, struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct verdict *verdict = bpf_map_lookup_elem(MAP(verdicts), &tgid);
	__u64 at = bpf_ktime_get_boot_ns();
	struct gone *gone;
	__u32 pid;

	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	if (verdict && verdict->stale)
		verdict = told();
	if (verdict && verdict->told) {
		gone = control_room(sizeof(*gone));
		if (gone) {
			fill_gone(gone, verdict, task, at);
			bpf_ringbuf_submit(gone, BPF_RB_FORCE_WAKEUP);
		} else {
			no_control_room();
		}
		gone = room(KIND_EXIT, sizeof(*gone));
		if (gone) {
			fill_gone(gone, verdict, task, at);
			bpf_ringbuf_submit(gone, BPF_RB_FORCE_WAKEUP);
		} else {
			no_room(KIND_EXIT);
		}
	}
	bpf_map_delete_elem(MAP(verdicts), &tgid);
	note_denial(tgid, false);
	pid = own_pid(BPF_CORE_READ(task, group_leader));
	bpf_map_delete_elem(MAP(rule_pids), &pid);	/* the number will be another's */
	return 0;
}

/* A watched process is about to map a file: the only tracepoint on that way, and without a word about
 * the file, so that its descriptor is taken from the registers of mmap(2). Loaders ask for the whole
 * library first and without an address; what asks for an address comes not by here.
 */
SEC("tp_btf/vm_unmapped_area")
int BPF_PROG(maps, unsigned long address, struct vm_unmapped_area_info *info)
{
	struct task_struct *task = bpf_get_current_task_btf();
	REGS *user = (REGS *)bpf_task_pt_regs(task);
	struct file_id id = {};
	struct verdict *verdict;
	struct look *look;
	struct file *file;
	REGS regs;
	__u8 one = 1;

	/* memory without a file comes by here too, many times a second: it goes first */
	if (bpf_probe_read_kernel(&regs, sizeof(regs), user) || CALL(&regs) != CALL_MMAP || (int)FIFTH(&regs) < 0)
		return 0;
	verdict = told();
	if (!verdict)
		return 0;
	file = file_of(task, FIFTH(&regs));
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	identify(file, &id);
	if (bpf_map_update_elem(MAP(mapped), &id, &one, BPF_NOEXIST))
		return 0;
	look = control_room(sizeof(*look));
	if (!look) {
		no_control_room();
		bpf_map_delete_elem(MAP(mapped), &id);
		return 0;
	}
	blank(look);
	begin(&look->head, KIND_MAPPED, verdict->pid, verdict->start, bpf_ktime_get_boot_ns());
	fill_file(look, file);
	bpf_ringbuf_submit(look, BPF_RB_FORCE_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
