/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How the same sources are read by bcc's clang, which has the running kernel's headers and no BTF.
 *
 * bcc rewrites only its main text, and that is empty of code here: nothing is guessed from C by a rewriter. Maps are made
 * first (by BPF_TABLE, in a module of their own); FD_name is then the descriptor. Every function is inlined, for bcc loads
 * each program as one piece.
 */
#ifndef HEXR_BCC_DIALECT_H
#define HEXR_BCC_DIALECT_H

#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/pid_namespace.h>
#include <linux/fs.h>
#include <linux/fdtable.h>
#include <linux/mm_types.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <net/sock.h>

#undef SEC
#define SEC(name)
#define CROSSES(type)
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name

#undef __noinline
#define __noinline static __always_inline
#define barrier_var(var) asm volatile("" : "+r"(var))

#ifdef HEXR_MAPS_ONLY
#define MAP(name) ((void *)&name)
#else
#define MAP(name) ((void *)bpf_pseudo_fd(1, FD_##name))
#endif

/* bcc has these under other names, for its rewriter. */
static void *(*hexr_lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*hexr_update)(void *map, const void *key, const void *value, __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static long (*hexr_delete)(void *map, const void *key) = (void *)BPF_FUNC_map_delete_elem;
#define bpf_map_lookup_elem hexr_lookup
#define bpf_map_update_elem hexr_update
#define bpf_map_delete_elem hexr_delete
#define bpf_ntohl(word) __builtin_bswap32(word)

/* A program has its context alone, here as there; a raw tracepoint's is an array of its arguments. */
#define BPF_KPROBE(name) static __always_inline name(struct pt_regs *ctx)
#define HEXR_NTH(_1, _2, _3, _4, _5, n, ...) n
#define HEXR_PASS(args...) HEXR_NTH(args, HEXR_PASS5, HEXR_PASS4, HEXR_PASS3, HEXR_PASS2, HEXR_PASS1)
#define HEXR_PASS1 (void *)ctx[0]
#define HEXR_PASS2 (void *)ctx[0], (void *)ctx[1]
#define HEXR_PASS3 (void *)ctx[0], (void *)ctx[1], (void *)ctx[2]
#define HEXR_PASS4 (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3]
#define HEXR_PASS5 (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4]
#define BPF_PROG(name, args...)                                                       \
	static __always_inline with_##name(unsigned long long *ctx, ##args);          \
	static __always_inline int name(unsigned long long *ctx)                      \
	{                                                                             \
		return with_##name(ctx, HEXR_PASS(args));                             \
	}                                                                             \
	static __always_inline int with_##name(unsigned long long *ctx, ##args)

/* Chains of pointers, one safe read for each step. The cast takes `const` away. */
#define HEXR_READ1(from, a)                                                           \
	({                                                                            \
		typeof((typeof((from)->a))0) hexr_value;                              \
		bpf_probe_read_kernel(&hexr_value, sizeof(hexr_value), &(from)->a);   \
		hexr_value;                                                           \
	})
#define HEXR_READ2(from, a, b) HEXR_READ1(HEXR_READ1(from, a), b)
#define HEXR_READ3(from, a, b, c) HEXR_READ1(HEXR_READ2(from, a, b), c)
#define HEXR_READ4(from, a, b, c, d) HEXR_READ1(HEXR_READ3(from, a, b, c), d)
#define HEXR_PICK(_1, _2, _3, _4, n, ...) n
#define BPF_CORE_READ(from, path...) \
	HEXR_PICK(path, HEXR_READ4, HEXR_READ3, HEXR_READ2, HEXR_READ1)(from, path)
#define bpf_core_read bpf_probe_read_kernel

/* Addresses only: the verifier of a kernel without BTF knows no kernel type. */
#define ARGUMENT(pointer, field) BPF_CORE_READ(pointer, field)
#define NUMBERS(pid) ((void *)&(pid)->numbers)
#define bpf_get_current_task_btf() ((struct task_struct *)bpf_get_current_task())

#ifndef PID_NS
#define PID_NS INITIAL_PID_NS
#endif
#define pid_ns PID_NS

#ifdef TOP_OF_KERNEL_STACK_PADDING
#define HEXR_PADDING TOP_OF_KERNEL_STACK_PADDING
#else
#define HEXR_PADDING 0
#endif

/* What task_pt_regs() of the kernel's headers computes, with a read that may fail. */
static __always_inline void *hexr_registers(struct task_struct *task)
{
	void *stack = BPF_CORE_READ(task, stack);

	return stack + THREAD_SIZE - HEXR_PADDING - sizeof(struct pt_regs);
}
#define bpf_task_pt_regs(task) hexr_registers(task)

/* bcc's code generator has no counter that gives its old value back: the clock does, told apart by processor. */
#define NEXT(counter) (bpf_ktime_get_boot_ns() << 6 | (bpf_get_smp_processor_id() & 63))

#endif
