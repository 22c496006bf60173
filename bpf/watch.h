/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What all three programs share: the maps, who is watched, and how a record leaves. */
#ifndef HEXR_WATCH_H
#define HEXR_WATCH_H

#ifdef HEXR_BCC
#include "bcc/dialect.h"
#else
#include "core.h"
#endif
#include "events.h"

#define CGROUP_DEPTH 16
#define PID_DEPTH 8
#define DENIED_SLOTS 65536
#define INITIAL_PID_NS 0xEFFFFFFC	/* include/linux/proc_ns.h: PROC_PID_INIT_INO */

/* A sixteenth of the ring is enough for a wake-up; the teller looks every 50 ms besides. */
#define WAKE_SHIFT 4

#ifndef HEXR_BCC
const volatile __u32 pid_ns = INITIAL_PID_NS;
#endif

/* struct upid, read whole: an int, a hole, a pointer on every 64-bit kernel. */
struct pid_number {
	int nr;
	struct pid_namespace *ns;
};

struct verdict {
	__u64 start;
	__u32 pid;
	__u32 execs;
	__u8 own;		/* flags by its own cgroup, user, executable, pid */
	__u8 inherited;		/* flags its parent had when it was born */
	__u8 told;
	__u8 stale;
	__u32 spare;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} data SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 << 10);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct verdict);
} verdicts SEC(".maps");

/* Who was denied, each in one place: most of the host leaves by this, for a tenth of what a look-up of its verdict costs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DENIED_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} denied SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct policy);
} policies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} rule_cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} rule_pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} rule_users SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct file_id);
	__type(value, __u32);
} rule_exes SEC(".maps");

static __always_inline void count(__u32 slot, __u64 n)
{
	__u64 *cell = bpf_map_lookup_elem(MAP(counts), &slot);

	if (cell)
		*cell += n;
}

/* The pid as the daemon's own namespace counts; 0 for a process that it cannot see. */
static __always_inline __u32 own_pid(struct task_struct *leader)
{
	struct pid_number number;
	struct pid_namespace *ns;
	struct pid *pid;
	void *numbers;

	if (pid_ns == INITIAL_PID_NS)
		return BPF_CORE_READ(leader, tgid);
	pid = BPF_CORE_READ(leader, thread_pid);
	numbers = NUMBERS(pid);
	for (__u32 level = 0; level < PID_DEPTH; level++) {
		if (level > BPF_CORE_READ(pid, level))
			break;
		if (bpf_probe_read_kernel(&number, sizeof(number), numbers + level * sizeof(number)))
			break;
		/* by a variable: else our own struct is looked for in the kernel, and in every module as root of all */
		ns = number.ns;
		if (BPF_CORE_READ(ns, ns.inum) == pid_ns)
			return number.nr;
	}
	return 0;
}

static __always_inline void identify(struct file *file, struct file_id *id)
{
	id->inode = BPF_CORE_READ(file, f_inode, i_ino);
	id->device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
}

static __always_inline __u32 flags_by_cgroup(void)
{
	__u32 flags = 0;

	for (int level = 0; level < CGROUP_DEPTH; level++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);
		__u32 *rule;

		if (!id)
			break;
		rule = bpf_map_lookup_elem(MAP(rule_cgroups), &id);
		if (rule)
			flags |= *rule;
	}
	return flags;
}

static __always_inline __u32 flags_by_exe(struct task_struct *task)
{
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	struct file_id id = {};
	__u32 *rule;

	if (!file)
		return 0;
	identify(file, &id);
	rule = bpf_map_lookup_elem(MAP(rule_exes), &id);
	return rule ? *rule : 0;
}

static __always_inline __u32 flags_by_rules(struct policy *policy, struct task_struct *task, __u32 pid)
{
	__u32 flags = 0, uid = bpf_get_current_uid_gid();
	__u32 *rule;

	if (policy->cgroups)
		flags |= flags_by_cgroup();
	if (policy->exes)
		flags |= flags_by_exe(task);
	if (policy->users && (rule = bpf_map_lookup_elem(MAP(rule_users), &uid)))
		flags |= *rule;
	if (policy->pids && (rule = bpf_map_lookup_elem(MAP(rule_pids), &pid)))
		flags |= *rule;
	return flags;
}

static __always_inline bool permits(struct policy *policy, __u32 flags)
{
	return !(flags & (FLAG_NOT | FLAG_SELF)) && (!policy->only || flags & FLAG_ONLY);
}

static __always_inline bool is_denied(__u32 tgid)
{
	__u32 slot = tgid & (DENIED_SLOTS - 1);
	__u32 *who = bpf_map_lookup_elem(MAP(denied), &slot);

	return who && *who == tgid;
}

static __always_inline void note_denial(__u32 tgid, bool is)
{
	__u32 slot = tgid & (DENIED_SLOTS - 1);
	__u32 *who = bpf_map_lookup_elem(MAP(denied), &slot);

	if (who && is)
		*who = tgid;
	else if (who && *who == tgid)
		*who = 0;
}

/* What was found of a process is no longer so. */
static __always_inline void judge_again(__u32 tgid, struct verdict *verdict)
{
	note_denial(tgid, false);
	if (verdict)
		verdict->stale = 1;
}

/* Judge the current process. Only in process context: in softirq `current` is a bystander.
 *
 * Functions that are not static are verified once, by themselves: else each caller is walked with
 * every path through them, and the verifier gives up.
 */
__noinline int judge(__u32 tgid)
{
	struct task_struct *leader = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), group_leader);
	struct verdict *old = bpf_map_lookup_elem(MAP(verdicts), &tgid);
	struct verdict new = {};
	__u32 zero = 0;
	struct policy *policy = bpf_map_lookup_elem(MAP(policies), &zero);

	if (!policy || !policy->ready)
		return 0;
	if (old)
		new = *old;
	new.pid = own_pid(leader);
	new.start = BPF_CORE_READ(leader, start_boottime);
	new.own = flags_by_rules(policy, leader, new.pid);
	new.told = new.pid && permits(policy, new.own | new.inherited);
	new.stale = 0;
	if (bpf_map_update_elem(MAP(verdicts), &tgid, &new, BPF_ANY))
		count(COUNT_UNJUDGED, 1);
	note_denial(tgid, !new.told);
	return 0;
}

/* The verdict on the current process, made now if there is none; NULL when it is not to be watched. */
static __always_inline struct verdict *told(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct verdict *verdict;

	if (is_denied(tgid))
		return NULL;
	verdict = bpf_map_lookup_elem(MAP(verdicts), &tgid);
	if (!verdict || verdict->stale) {
		judge(tgid);
		verdict = bpf_map_lookup_elem(MAP(verdicts), &tgid);
	}
	return verdict && verdict->told ? verdict : NULL;
}

static __always_inline void begin(struct head *head, __u32 kind, __u32 pid, __u64 start, __u64 at)
{
	head->kind = kind;
	head->pid = pid;
	head->start = start;
	head->at = at;
}

/* Room in the data ring. The caller looks whether there is any, and says `no_room` if not: to the verifier of 6.1 a
 * record that was compared with NULL once may still be NULL the second time.
 */
static __always_inline void *room(__u32 kind, const __u64 size)
{
	count(COUNT_ISSUED + kind, 1);
	return bpf_ringbuf_reserve(MAP(data), size, 0);
}

static __always_inline void no_room(__u32 kind)
{
	count(COUNT_DROPPED + kind, 1);
}

/* Wake the teller once each time that much more waits. More often, it would take the processor from whom we watch,
 * in the middle of an answer.
 */
static __always_inline void send(void *record, const __u64 size)
{
	__u64 step = bpf_ringbuf_query(MAP(data), BPF_RB_RING_SIZE) >> WAKE_SHIFT;
	__u64 pending = bpf_ringbuf_query(MAP(data), BPF_RB_AVAIL_DATA);
	bool crossed = (pending ^ (pending - size)) & ~(step - 1);	/* a ring has a power of two of bytes */

	bpf_ringbuf_submit(record, crossed ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void *control_room(const __u64 size)
{
	count(COUNT_CONTROL, 1);
	return bpf_ringbuf_reserve(MAP(control), size, 0);
}

static __always_inline void no_control_room(void)
{
	count(COUNT_CONTROL_DROPPED, 1);
}

static __always_inline void read_ends(struct ends *ends, struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	ends->family = BPF_CORE_READ(common, skc_family);
	ends->local_port = BPF_CORE_READ(common, skc_num);
	ends->peer_port = __builtin_bswap16(BPF_CORE_READ(common, skc_dport));
	ends->spare = 0;
	__builtin_memset(ends->local, 0, sizeof(ends->local) + sizeof(ends->peer));
	if (ends->family == AF_INET) {
		bpf_core_read(ends->local, 4, &common->skc_rcv_saddr);
		bpf_core_read(ends->peer, 4, &common->skc_daddr);
	} else {
		bpf_core_read(ends->local, 16, &common->skc_v6_rcv_saddr);
		bpf_core_read(ends->peer, 16, &common->skc_v6_daddr);
	}
}

/* Only for a tracepoint's own argument: it is read without a helper. */
static __always_inline bool is_tcp(struct sock *sk)
{
	__u16 family = ARGUMENT(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && ARGUMENT(sk, sk_protocol) == IPPROTO_TCP;
}

#endif
