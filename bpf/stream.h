/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A TLS stream: one generation of an SSL pointer, what is known of it, and how its plaintext leaves in chunks. */
#ifndef HEXR_STREAM_H
#define HEXR_STREAM_H

#include "watch.h"
#include <bpf/bpf_endian.h>

#define TURNS_MAX 8		/* changes of direction without a start we know, then it is muted */

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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} generations SEC(".maps");

static __always_inline struct stream_key key_of(__u64 ssl)
{
	struct stream_key key = { .ssl = ssl, .tgid = bpf_get_current_pid_tgid() >> 32 };

	return key;
}

static __always_inline struct stream *stream_new(struct stream_key *key, struct verdict *verdict, bool known)
{
	__u32 zero = 0;
	__u64 *generation = bpf_map_lookup_elem(&generations, &zero);
	struct stream *blank = bpf_map_lookup_elem(&blanks, &zero);
	struct stream *stream;

	if (!generation || !blank || bpf_map_update_elem(&streams, key, blank, BPF_ANY))
		return NULL;
	stream = bpf_map_lookup_elem(&streams, key);
	if (!stream)
		return NULL;
	stream->generation = __sync_fetch_and_add(generation, 1) + 1;
	stream->execs = verdict->execs;
	stream->known = known;
	return stream;
}

static __always_inline struct stream *stream_find(struct stream_key *key, struct verdict *verdict)
{
	struct stream *stream = bpf_map_lookup_elem(&streams, key);

	return stream && stream->execs == verdict->execs ? stream : NULL;
}

static __always_inline struct stream *stream_of(struct stream_key *key, struct verdict *verdict, bool known)
{
	struct stream *stream = stream_find(key, verdict);

	return stream ? stream : stream_new(key, verdict, known);
}

static __always_inline bool is_method(__u32 word)
{
	switch (word) {
	case 0x47455420:	/* GET  */
	case 0x504f5354:	/* POST */
	case 0x50555420:	/* PUT  */
	case 0x48454144:	/* HEAD */
	case 0x50415443:	/* PATC */
	case 0x44454c45:	/* DELE */
	case 0x4f505449:	/* OPTI */
	case 0x434f4e4e:	/* CONN */
	case 0x54524143:	/* TRAC */
	case 0x48545450:	/* HTTP, a response */
	case 0x50524920:	/* PRI , the preface of HTTP/2 (RFC 9113 3.4) */
		return true;
	}
	return false;
}

/* Whether a stream that begins so is one of ours. Fewer than four bytes say nothing: yes. */
static __always_inline bool speaks(__u64 from, __u64 size)
{
	__u32 word;

	if (size < 4)
		return true;
	if (bpf_probe_read_user(&word, sizeof(word), (void *)from)) {
		count(COUNT_FAULTS, 1);
		return true;
	}
	word = bpf_ntohl(word);
	/* or SETTINGS, which an HTTP/2 server may say first: length below 64 KiB, type 4 */
	return is_method(word) || (!(word & 0xff000000) && (word & 0xff) == 4);
}

/* Whether a stream that has just turned round (or begun) is to be heard on. */
static __always_inline bool heard(struct stream *stream, __u8 direction, __u64 from, __u64 size)
{
	if (stream->muted)
		return false;
	if (stream->settled || stream->last == direction + 1)
		return true;
	if (speaks(from, size))
		stream->settled = 1;
	else if (stream->known || ++stream->turns >= TURNS_MAX)
		stream->muted = 1;
	return !stream->muted;
}

/* One call's plaintext on its way out. Scalars only: bpf_loop hands it on by the stack. */
struct copy {
	__u64 from;
	__u64 left;
	__u64 ssl;
	__u64 generation;
	__u64 lost;
	__u64 start;
	__u64 at;
	__u32 pid;
	__u32 seq;
	__u8 direction;
	__u8 joined;
};

static __always_inline void fill_chunk(struct chunk *chunk, struct copy *copy, __u32 length)
{
	begin(&chunk->head, KIND_CHUNK, copy->pid, copy->start, copy->at);
	chunk->handle = copy->ssl;
	chunk->generation = copy->generation;
	chunk->lost = copy->lost;
	chunk->seq = copy->seq;
	chunk->length = length;
	chunk->direction = copy->direction;
	chunk->joined = copy->joined && !copy->seq;
	__builtin_memset(chunk->spare, 0, sizeof(chunk->spare));
}

/* bpf_ringbuf_reserve takes constants only: a ladder of sizes, the smallest that fits. */
#define STEP(copy, length, size)                                                                 \
	({                                                                                       \
		struct chunk *chunk = room(KIND_CHUNK, sizeof(struct chunk) + (size));           \
		bool sent = false;                                                               \
		if (chunk) {                                                                     \
			__u32 bytes = (length);                                                  \
			if (bytes > (size))                                                      \
				bytes = (size);                                                  \
			fill_chunk(chunk, copy, bytes);                                          \
			if (bpf_probe_read_user(chunk->data, bytes, (void *)(copy)->from)) {     \
				count(COUNT_FAULTS, 1);                                          \
				chunk->length = 0;                                               \
				(copy)->lost = bytes;                                            \
			} else {                                                                 \
				(copy)->lost = 0;                                                \
			}                                                                        \
			send(chunk, sizeof(struct chunk) + (size));                               \
			sent = true;                                                             \
		} else {                                                                         \
			no_room(KIND_CHUNK);                                                     \
		}                                                                                \
		sent;                                                                            \
	})

static long one_chunk(__u32 turn, struct copy *copy)
{
	__u64 left = copy->left;
	__u32 length = left > CHUNK_MAX ? CHUNK_MAX : left;
	bool sent;

	if (!left)
		return 1;
	if (length <= 256)
		sent = STEP(copy, length, 256);
	else if (length <= 512)
		sent = STEP(copy, length, 512);
	else if (length <= 1024)
		sent = STEP(copy, length, 1024);
	else if (length <= 4096)
		sent = STEP(copy, length, 4096);
	else if (length <= 8192)
		sent = STEP(copy, length, 8192);
	else
		sent = STEP(copy, length, CHUNK_MAX);
	if (!sent)
		copy->lost += length;
	copy->seq++;
	copy->from += length;
	copy->left -= length;
	return 0;
}

static __always_inline void all_chunks(struct copy *copy)
{
	if (copy->left <= CHUNK_MAX)
		one_chunk(0, copy);
	else
		bpf_loop(CHUNKS_MAX, one_chunk, copy, 0);
	count(COUNT_CUT, copy->left);
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
	all_chunks(&copy);
	stream->seq[way] = copy.seq;
	stream->lost[way] = copy.lost + copy.left;
	return 1;
}

#endif
