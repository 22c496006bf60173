/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The chunks of one call where all is one piece and nothing can be called back: a loop that the verifier walks, and so a shorter one.
 *
 * Its state lies in a map: of what is loaded from there the verifier remembers nothing, and each turn looks to it like the last.
 */
#ifndef HEXR_BCC_STEPS_H
#define HEXR_BCC_STEPS_H

#define STEPS_MAX 64		/* 1 MiB; what is left over is counted as cut */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct copy);
} copies SEC(".maps");

static __always_inline void each_step(struct copy *copy)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct copy *kept;

	if (bpf_map_update_elem(MAP(copies), &id, copy, BPF_ANY))
		return;
	kept = bpf_map_lookup_elem(MAP(copies), &id);
	if (!kept)
		return;
	_Pragma("nounroll") for (__u32 turn = 0; turn < STEPS_MAX; turn++)
		if (one_chunk(turn, kept))
			break;
	*copy = *kept;
}

#define EACH(most, step, state) each_step(state)

#endif
