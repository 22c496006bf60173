/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The conversation of one process with its parent or its child, by whichever of its ways something was said. */
#ifndef HEXR_LINES_H
#define HEXR_LINES_H

#include "flow.h"

struct line_key {
	__u64 reads;
	__u32 tgid;
	__u32 spare;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct line_key);
	__type(value, struct flow);
} lines SEC(".maps");

/* Since when pipes are watched (CLOCK_BOOTTIME, ns); 0: they are not. Written by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} watching SEC(".maps");

/* Whether nothing can have been said before somebody listened. */
static __always_inline bool is_whole(struct pair *pair)
{
	__u32 zero = 0;
	__u64 *since = bpf_map_lookup_elem(MAP(watching), &zero);

	if (pair->reads_medium != MEDIUM_PIPE && pair->writes_medium != MEDIUM_PIPE)
		return pair->at;
	return pair->at && since && *since && *since <= pair->at;
}

static const struct flow new_flow;

/* The state is too large for the stack beside all else, also as a pattern: frames are of 512 bytes in all, and before 6.8 each is
 * rounded up to 32. It is made in the map.
 */
static __always_inline struct flow *line_of(struct pair *pair, struct verdict *verdict, __u8 role)
{
	struct line_key key = { .reads = pair->reads, .tgid = bpf_get_current_pid_tgid() >> 32 };
	struct flow *flow = bpf_map_lookup_elem(MAP(lines), &key);

	if (flow)
		return flow;
	if (bpf_map_update_elem(MAP(lines), &key, &new_flow, BPF_ANY))
		return NULL;
	flow = bpf_map_lookup_elem(MAP(lines), &key);
	if (!flow)
		return NULL;
	flow->made = 1;
	flow->stdio = 1;
	flow->handle = pair->reads;
	flow->generation = new_generation();
	flow->pid = verdict->pid;
	flow->start = verdict->start;
	flow->role = role;
	flow->medium = MEDIUM_PIPE;
	flow->known = is_whole(pair);
	flow->local = role == ROLE_SERVER ? pair->reads : pair->writes;
	flow->peer = role == ROLE_SERVER ? pair->writes : pair->reads;
	flow->local_medium = role == ROLE_SERVER ? pair->reads_medium : pair->writes_medium;
	flow->peer_medium = role == ROLE_SERVER ? pair->writes_medium : pair->reads_medium;
	return flow;
}

#endif
