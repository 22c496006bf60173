/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Every struct that crosses from the kernel to user space, and nothing else.
 *
 * hexr_autoinst/capture/ebpf/layout.py says the same in Python; at load each field's offset and size
 * is compared with the object's own BTF. Fields are ordered so that nothing is padded unsaid.
 */
#ifndef HEXR_EVENTS_H
#define HEXR_EVENTS_H

#include <linux/types.h>

enum kind {
	KIND_CHUNK = 1,
	KIND_HANDSHAKE,
	KIND_OPENED,
	KIND_CLOSED,
	KIND_HEALTH,
	KIND_EXEC,
	KIND_EXIT,
	KIND_FORK,
	KIND_MAPPED,
	KINDS,
};

/* Slots of the per-CPU array `counts`: issued and dropped per kind, then single counters. */
enum count {
	COUNT_ISSUED = 0,
	COUNT_DROPPED = 16,
	COUNT_MUTED = 32,	/* chunks that would have been, of streams that speak nothing we read */
	COUNT_FAULTS,		/* user memory that could not be read */
	COUNT_CUT,		/* bytes beyond the chunks that one call may hand over */
	COUNT_UNJUDGED,		/* processes denied because the table of verdicts is full */
	COUNT_TIED,		/* TLS streams tied to a socket */
	COUNT_CONFLICT,		/* evidence for a tie that named two sockets */
	COUNT_CONTROL,		/* records attempted on the control ring */
	COUNT_CONTROL_DROPPED,
	COUNT_CLEAR_MUTED,	/* sockets and conversations by pipe that turned out to speak nothing we read */
	COUNT_UNREAD,		/* bytes of streams that are told which no chunk holds: by sendfile, by io_uring */
	COUNTS,
};

enum direction { DIRECTION_OUT, DIRECTION_IN };
enum medium { MEDIUM_TLS, MEDIUM_SOCKET, MEDIUM_PIPE };
enum role { ROLE_UNKNOWN, ROLE_CLIENT, ROLE_SERVER };
enum answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

/* Why a process is watched or not: bits of a rule, and what a rule of its parents left it. */
enum flag { FLAG_ONLY = 1, FLAG_NOT = 2, FLAG_SELF = 4 };

#define CHUNK_MAX 16384
#define CHUNKS_MAX 256		/* a call */
#define LABEL_MAX 32
#define SNI_MAX 128
#define ALPN_MAX 32		/* a longer name is left out, never cut */
#define VERSION_MAX 16
#define NAME_MAX_BYTES 64

struct head {
	__u32 kind;
	__u32 pid;		/* as the daemon's own pid namespace counts */
	__u64 start;		/* start_boottime of the thread group's leader, ns */
	__u64 at;		/* CLOCK_BOOTTIME, ns */
};

struct chunk {
	struct head head;
	__u64 handle;
	__u64 generation;
	__u64 lost;		/* bytes missing just before this chunk */
	__u32 seq;
	__u32 length;
	__u8 direction;
	__u8 joined;
	__u8 medium;
	__u8 spare[5];
	__u8 data[];
};

struct handshake {
	struct head head;
	__u64 handle;
	__u64 generation;
	__u64 duration;
	__u8 role;
	__u8 ok;
	__u8 timed;		/* 0: the end was not seen closely enough for a duration */
	__u8 chosen;		/* enum answer: whether a protocol was agreed on, which `alpn` names */
	__u8 mutual;		/* enum answer: whether the peer of a server has shown a certificate */
	__u8 spare[3];
	char library[LABEL_MAX];
	char sni[SNI_MAX];
	char alpn[ALPN_MAX];
	char version[VERSION_MAX];
};

/* Both ends of a socket. IPv4 stands in the first four bytes. Ports in host order.
 *
 * What is no network's has family AF_UNIX and two inodes, in the first eight bytes of each end; in place of
 * the port stands an enum medium, which says whether it is a socket's or a pipe's.
 */
struct ends {
	__u8 local[16];
	__u8 peer[16];
	__u16 local_port;
	__u16 peer_port;
	__u16 family;
	__u16 spare;
};

struct opened {
	struct head head;
	__u64 handle;		/* socket cookie with generation 0, or a TLS stream's */
	__u64 generation;
	__u64 connect;
	struct ends ends;
	__u8 role;
	__u8 failed;
	__u8 timed;
	__u8 spare[5];
};

struct closed {
	struct head head;
	__u64 handle;
	__u64 generation;
};

struct health {
	struct head head;
	__u64 handle;
	__u64 sent;
	__u64 received;
	__u64 duration;		/* 0: the opening was not seen */
	__u32 rtt;
	__u32 retransmits;
};

/* exec, fork and mapped: what the camera wants to look at. `head` is the process itself. */
struct look {
	struct head head;
	__u64 parent_start;
	__u64 inode;
	__u32 device;		/* the kernel's own encoding: major << 20 | minor */
	__u32 parent;
	__u32 pipes;		/* exec: a pair of its lowest descriptors holds a pipe; fork: pipes that the parent has open */
	__u32 spare;
	char name[NAME_MAX_BYTES];
};

struct gone {
	struct head head;
	__u64 cpu;
	__u32 code;
	__u32 signal;
};

/* User space writes these into maps. */
struct file_id {
	__u64 device;
	__u64 inode;
};

struct policy {
	__u32 ready;		/* 0: nothing is watched yet */
	__u32 only;		/* some `only` rule exists: the rest is denied */
	__u32 cgroups;		/* some rule of that kind exists: the look-up is worth it */
	__u32 users;
	__u32 exes;
	__u32 pids;
};

#endif
