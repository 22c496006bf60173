/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A TLS stream: one generation of an SSL pointer, what is known of it, and how its plaintext leaves. */
#ifndef HEXR_STREAM_H
#define HEXR_STREAM_H

#include "chunk.h"
#include "start.h"

struct stream_key {
	__u64 ssl;
	__u32 tgid;
	__u32 spare;
};

struct stream {
	__u64 generation;
	__u64 began;		/* first entry of the handshake, 0: none seen */
	__u64 tried;		/* last return from it without success */
	__u64 lost[2];
	__u64 candidate;	/* cookie of the socket that the evidence names */
	__u64 ended;		/* when its handshake did */
	__u32 seq[2];
	__u32 execs;		/* of the process: another program's pointer is another stream */
	__u8 known;		/* seen from before its handshake */
	__u8 done;		/* the handshake succeeded */
	__u8 wrote_early;	/* a write was refused while the handshake ran, and will be tried again */
	__u8 role;
	__u8 settled;		/* it began as something we read */
	__u8 muted;
	__u8 turns;
	__u8 last;		/* direction of the last chunk plus one */
	__u8 tied;
	__u8 score;
	__u8 conflicts;
	__u8 told;		/* some record named it */
	__u8 whole;		/* seen from before the handshake's first step: its duration is true */
	__u8 held;		/* the handshake's record waits for what the program still asks about it */
	__u8 timed;		/* `ended` is exact */
	__u8 chosen;
	__u8 mutual;
	char sni[SNI_MAX];
	char alpn[ALPN_MAX];
	char version[VERSION_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct stream_key);
	__type(value, struct stream);
} streams SEC(".maps");

/* A stream is too large for the stack: this one stays zero and is copied from. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stream);
} blanks SEC(".maps");

static __always_inline struct stream_key key_of(__u64 ssl)
{
	struct stream_key key = { .ssl = ssl, .tgid = bpf_get_current_pid_tgid() >> 32 };

	return key;
}

static __always_inline struct stream *stream_new(struct stream_key *key, struct verdict *verdict, bool known)
{
	__u32 zero = 0;
	struct stream *blank = bpf_map_lookup_elem(MAP(blanks), &zero);
	struct stream *stream;

	if (!blank || bpf_map_update_elem(MAP(streams), key, blank, BPF_ANY))
		return NULL;
	stream = bpf_map_lookup_elem(MAP(streams), key);
	if (!stream)
		return NULL;
	stream->generation = new_generation();
	stream->execs = verdict->execs;
	stream->known = known;
	return stream;
}

static __always_inline struct stream *stream_find(struct stream_key *key, struct verdict *verdict)
{
	struct stream *stream = bpf_map_lookup_elem(MAP(streams), key);

	return stream && stream->execs == verdict->execs ? stream : NULL;
}

static __always_inline struct stream *stream_of(struct stream_key *key, struct verdict *verdict, bool known)
{
	struct stream *stream = stream_find(key, verdict);

	return stream ? stream : stream_new(key, verdict, known);
}

/* Whether a stream that has just turned round (or begun) is to be heard on. */
static __always_inline bool heard(struct stream *stream, __u8 direction, __u64 from, __u64 size)
{
	if (stream->muted)
		return false;
	if (stream->settled || stream->last == direction + 1)
		return true;
	if (speaks(start_of(from, size), direction))
		stream->settled = 1;
	else if (stream->known || ++stream->turns >= TURNS_MAX)
		stream->muted = 1;
	return !stream->muted;
}

/* `at` is the moment of the bytes: entry of a write, return of a read. Returns whether any left. */
__noinline int hand_over(struct copy *given, struct stream *stream, struct verdict *verdict)
{
	struct copy copy;
	__u8 way;

	if (!given || !stream || !verdict)
		return 0;
	copy = *given;
	way = copy.direction & 1;
	if (!heard(stream, way, copy.from, copy.left)) {
		count(COUNT_MUTED, (copy.left + CHUNK_MAX - 1) / CHUNK_MAX);
		return 0;
	}
	stream->last = way + 1;
	stream->told = 1;
	copy.pid = verdict->pid;
	copy.start = verdict->start;
	copy.generation = stream->generation;
	copy.seq = stream->seq[way];
	copy.lost = stream->lost[way];
	copy.joined = !stream->known;
	copy.total = copy.left;
	all_chunks(&copy);
	stream->seq[way] = copy.seq;
	stream->lost[way] = copy.lost + copy.total;
	return 1;
}

#endif
