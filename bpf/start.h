/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a stream that begins so speaks, by its first four bytes. wire/recognise.py is sure; this only lets nothing of ours go. */
#ifndef HEXR_START_H
#define HEXR_START_H

#include "watch.h"

#define TURNS_MAX 8		/* changes of direction without a start we know, then it is muted */

enum start {
	START_OTHER,
	START_SHORT,		/* fewer than four bytes say nothing */
	START_REQUEST,
	START_CONNECT,		/* what follows the answer is another protocol's, mostly TLS */
	START_ANSWER,
	START_SETTINGS,
	START_RESP,
	START_TLS,
};

static __always_inline __u32 start_of_http(__u32 word)
{
	switch (word) {
	case 0x47455420:	/* GET  */
	case 0x504f5354:	/* POST */
	case 0x50555420:	/* PUT  */
	case 0x48454144:	/* HEAD */
	case 0x50415443:	/* PATC */
	case 0x44454c45:	/* DELE */
	case 0x4f505449:	/* OPTI */
	case 0x54524143:	/* TRAC */
	case 0x4c495354:	/* LIST, a verb of vaults */
	case 0x50524920:	/* PRI , the preface of HTTP/2 (RFC 9113 3.4) */
		return START_REQUEST;
	case 0x434f4e4e:	/* CONN */
		return START_CONNECT;
	case 0x48545450:	/* HTTP, a response */
		return START_ANSWER;
	}
	return START_OTHER;
}

static __always_inline bool is_digit(__u32 byte)
{
	return byte >= '0' && byte <= '9';
}

/* A RESP command: an array of strings, its length in up to three digits (redis.io, protocol specification). */
static __always_inline bool is_command(__u32 word)
{
	__u32 third = word >> 8 & 0xff;

	return word >> 24 == '*' && is_digit(word >> 16 & 0xff) && (third == '\r' || is_digit(third));
}

/* A record's header: type 20 to 24, version 3.x (RFC 8446 5.1). */
static __always_inline bool is_record(__u32 word)
{
	return word >> 24 >= 0x14 && word >> 24 <= 0x18 && (word >> 16 & 0xff) == 3 && (word >> 8 & 0xff) <= 4;
}

/* Not static: verified once by itself. */
__noinline int start_of_word(__u32 word)
{
	if (is_record(word))
		return START_TLS;
	if (is_command(word))
		return START_RESP;
	/* SETTINGS, which an HTTP/2 server may say first: length below 64 KiB, type 4 */
	if (!(word & 0xff000000) && (word & 0xff) == 4)
		return START_SETTINGS;
	return start_of_http(word);
}

static __always_inline __u32 start_of(__u64 from, __u64 size)
{
	__u32 word;

	if (size < sizeof(word))
		return START_SHORT;
	if (bpf_probe_read_user(&word, sizeof(word), (void *)from)) {
		count(COUNT_FAULTS, 1);
		return START_SHORT;
	}
	return start_of_word(bpf_ntohl(word));
}

/* The same for who reads byte by byte: what came of the first four is kept in `word`. */
static __always_inline __u32 start_in_pieces(__u64 from, __u64 size, __u32 *word, __u8 *have)
{
	__u8 byte;

	if (!*have && size >= sizeof(*word))
		return start_of(from, size);
	for (int i = 0; i < sizeof(*word); i++) {
		if (i >= size || *have >= sizeof(*word))
			break;
		if (bpf_probe_read_user(&byte, sizeof(byte), (void *)(from + i))) {
			count(COUNT_FAULTS, 1);
			break;
		}
		*word = *word << 8 | byte;
		++*have;
	}
	return *have < sizeof(*word) ? START_SHORT : start_of_word(*word);
}

/* Whether it is one of ours. A command that comes in makes us the cache, of which nothing is told. */
static __always_inline bool speaks(__u32 start, __u8 direction)
{
	return start != START_OTHER && start != START_TLS && !(start == START_RESP && direction == DIRECTION_IN);
}

#endif
