/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is said in the clear, on one socket or on the two ways between a process and its child, by one process.
 *
 * It is heard on if it begins as something we read, else muted: at its first bytes where its beginning was seen.
 */
#ifndef HEXR_FLOW_H
#define HEXR_FLOW_H

#include "chunk.h"
#include "start.h"
#include "stdio.h"

#define NOISE 4096		/* wire/recognise.py: what a program may print before its first JSON */
#define NOISE_JOINED 65536	/* the rest of a message in whose middle we came */
#define EMPTY 8		/* buffers of no length before the first that has some */
#define BLANKS 8		/* a byte order mark and space before the first JSON */

struct flow {
	__u64 handle;
	__u64 generation;
	__u64 start;
	__u64 lost[2];
	__u64 local;		/* inodes, of what is no network's */
	__u64 peer;
	__u32 pid;
	__u32 seq[2];
	__u32 noise;
	__u32 begins;		/* its first bytes, while they are fewer than four */
	__u8 made;
	__u8 medium;		/* of its chunks */
	__u8 local_medium;	/* 0: the network's, and told as opened by socket.bpf.c or use.bpf.c */
	__u8 peer_medium;
	__u8 role;
	__u8 stdio;
	__u8 known;		/* seen from its beginning */
	__u8 settled;
	__u8 muted;
	__u8 turns;
	__u8 last;		/* direction of the last chunk plus one */
	__u8 told;		/* its opening was */
	__u8 tunnel;		/* it asked a proxy to connect: TLS may follow */
	__u8 begun;		/* how many they are */
	__u8 spare[6];
};

enum { NO_JSON, JSON, BLANK };

static __always_inline int begins_with(__u8 byte)
{
	bool blank = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' || byte >= 0x80;

	return byte == '{' || byte == '[' ? JSON : blank ? BLANK : NO_JSON;
}

/* Not static: verified once by itself, as all that has many paths (see watch.h). */
__noinline int is_json(__u64 from, __u64 size)
{
	__u8 bytes[BLANKS] = {};
	int found = BLANK;

	if (bpf_probe_read_user(bytes, size < BLANKS ? size & (BLANKS - 1) : BLANKS, (void *)from)) {
		count(COUNT_FAULTS, 1);
		return false;
	}
	/* Unrolled: of a loop that clang enters in its middle 6.1 says that it has a way back, which only jumps may be. */
#pragma clang loop unroll(full)
	for (int i = 0; i < BLANKS; i++)
		found = found == BLANK ? begins_with(bytes[i]) : found;
	return found == JSON;
}

/* A child may print something else before its first JSON; its parent does not. */
static __always_inline bool heard_on_stdio(struct flow *flow, struct copy *copy, __u8 direction)
{
	bool prints = (flow->role == ROLE_SERVER) == (direction == DIRECTION_OUT);

	if (flow->settled)
		return true;
	if (is_json(copy->from, copy->left)) {
		flow->settled = 1;
		return true;
	}
	if (flow->known && !prints) {
		flow->muted = 1;
		return false;
	}
	flow->noise += copy->total < NOISE_JOINED ? copy->total : NOISE_JOINED;
	if (flow->noise > (flow->known ? NOISE : NOISE_JOINED))
		flow->muted = 1;
	return !flow->muted;
}

static __always_inline void settle(struct flow *flow, __u32 start, __u8 direction)
{
	bool asks = (start == START_ANSWER) == (direction == DIRECTION_IN);

	flow->settled = 1;
	flow->tunnel = start == START_CONNECT;
	if (flow->local_medium && flow->role == ROLE_UNKNOWN && start != START_SETTINGS)
		flow->role = asks ? ROLE_CLIENT : ROLE_SERVER;
}

/* Bytes went by that are not handed over. */
static __always_inline void missed(struct flow *flow, __u64 bytes, __u8 direction)
{
	count(COUNT_UNREAD, bytes);
	flow->lost[direction & 1] += bytes;
}

/* Somewhere in the middle of we know not what: enough of it, but no more, until it turns round. */
static __always_inline bool goes_on(struct flow *flow, struct copy *copy, __u8 direction)
{
	if (flow->noise > NOISE_JOINED) {
		missed(flow, copy->total, direction);
		return false;
	}
	flow->noise += copy->total < NOISE_JOINED ? copy->total : NOISE_JOINED + 1;
	return true;
}

static __always_inline bool heard_on_socket(struct flow *flow, struct copy *copy, __u8 direction)
{
	bool turned = flow->last != direction + 1;
	__u32 start;

	if (flow->settled && (!turned || !flow->tunnel))
		return true;
	if (flow->settled) {
		flow->muted = start_of(copy->from, copy->left) == START_TLS;
		return !flow->muted;
	}
	if (turned)
		flow->begun = flow->noise = 0;
	else if (!flow->begun)
		return goes_on(flow, copy, direction);
	start = start_in_pieces(copy->from, copy->left, &flow->begins, &flow->begun);
	if (start != START_SHORT && speaks(start, direction)) {
		settle(flow, start, direction);
		return true;
	}
	if (start == START_OTHER && flow->local_medium && is_json(copy->from, copy->left)) {
		flow->settled = 1;
		flow->medium = MEDIUM_PIPE;
		return true;
	}
	/* a TLS record begins nothing that is read here: its plaintext is told at the library's border */
	if (start == START_SHORT)
		flow->muted = flow->local_medium;	/* what event loops wake themselves by */
	else if (start == START_TLS || flow->known)
		flow->muted = 1;
	else
		flow->begun = 0;
	if (turned && ++flow->turns >= TURNS_MAX)
		flow->muted = 1;
	return !flow->muted;
}

static __always_inline void emit_flow_opened(struct flow *flow, __u64 at)
{
	struct opened *opened = room(KIND_OPENED, sizeof(*opened));

	if (!opened) {
		no_room(KIND_OPENED);
		return;
	}
	__builtin_memset(opened, 0, sizeof(*opened));
	begin(&opened->head, KIND_OPENED, flow->pid, flow->start, at);
	opened->handle = flow->handle;
	opened->generation = flow->generation;
	opened->role = flow->role;
	opened->ends.family = AF_UNIX;
	opened->ends.local_port = flow->local_medium;
	opened->ends.peer_port = flow->peer_medium;
	__builtin_memcpy(opened->ends.local, &flow->local, sizeof(flow->local));
	__builtin_memcpy(opened->ends.peer, &flow->peer, sizeof(flow->peer));
	send(opened, sizeof(*opened));
}

static __always_inline void emit_flow_closed(struct flow *flow)
{
	struct closed *closed = room(KIND_CLOSED, sizeof(*closed));

	if (!closed) {
		no_room(KIND_CLOSED);
		return;
	}
	begin(&closed->head, KIND_CLOSED, flow->pid, flow->start, bpf_ktime_get_boot_ns());
	closed->handle = flow->handle;
	closed->generation = flow->generation;
	send(closed, sizeof(*closed));
}

/* Nothing more will come in. Whoever asked will hear no further answer; who serves may still give one. */
static __always_inline void at_end(struct flow *flow)
{
	if (!flow->told || flow->role != ROLE_CLIENT)
		return;
	emit_flow_closed(flow);
	flow->told = 0;
	flow->muted = 1;
}

__noinline int heard_on(struct copy *copy, struct flow *flow)
{
	__u8 way;

	if (!copy || !flow)
		return 0;
	way = copy->direction & 1;
	return flow->stdio ? heard_on_stdio(flow, copy, way) : heard_on_socket(flow, copy, way);
}

/* What one call carried goes its way, if it is to be heard. `copy` says where the bytes lie, when and which way they went. */
__noinline int pass(struct copy *given, struct flow *flow)
{
	struct copy copy;
	__u8 way;

	if (!given || !flow)
		return 0;
	copy = *given;
	way = copy.direction & 1;
	for (int i = 0; i < EMPTY && !copy.left; i++)
		if (!next_segment(&copy))
			return 0;
	if (!heard_on(&copy, flow)) {
		count(COUNT_CLEAR_MUTED, flow->muted);
		return 0;
	}
	if (flow->local_medium && !flow->told) {
		flow->told = 1;
		emit_flow_opened(flow, copy.at);
	}
	flow->last = way + 1;
	copy.handle = flow->handle;
	copy.generation = flow->generation;
	copy.pid = flow->pid;
	copy.start = flow->start;
	copy.seq = flow->seq[way];
	copy.lost = flow->lost[way];
	copy.joined = !flow->known;
	copy.medium = flow->medium;
	all_chunks(&copy);
	flow->seq[way] = copy.seq;
	flow->lost[way] = copy.lost + copy.total;
	return 1;
}

#endif
