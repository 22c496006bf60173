/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The two ways between a process and its child, which are one conversation: what the child reads and what it writes.
 *
 * They are found at the child: descriptors 0 and 1, or 3 and 4 (a browser that is debugged by pipe). Each may be a pipe or
 * a socket of a pair: Node makes two socket pairs, asyncio before 3.12 a socket pair and a pipe. Who has an end of either
 * finds the conversation by that end's inode: pipes and sockets take theirs from one counter (get_next_ino).
 */
#ifndef HEXR_STDIO_H
#define HEXR_STDIO_H

#include "files.h"

#define FMODE_READ 1
#define FMODE_WRITE 2
#define SOCK_STREAM 1	/* include/linux/net.h; MIPS alone has another number */

struct way {
	__u64 inode;
	__u64 far;		/* the inode of a socket's other end */
	__u8 medium;		/* enum medium; 0: neither */
};

struct pair {
	__u64 reads;		/* inode of what the child reads, which names the conversation */
	__u64 writes;
	__u64 at;		/* when the child began; 0: it was running already */
	__u8 role;		/* of who has this end; of a pipe's the direction says it */
	__u8 reads_medium;
	__u8 writes_medium;
	__u8 spare[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct pair);
} pairs SEC(".maps");

static __always_inline __u64 inode_of(struct sock *sk)
{
	struct file *file = sk ? BPF_CORE_READ(sk, sk_socket, file) : NULL;

	return file ? BPF_CORE_READ(file, f_inode, i_ino) : 0;
}

static __always_inline __u64 inode_of_peer(struct sock *sk)
{
	return inode_of(BPF_CORE_READ((struct unix_sock *)sk, peer));
}

static __always_inline bool is_unix_stream(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX && BPF_CORE_READ(sk, sk_type) == SOCK_STREAM;
}

/* Which way the descriptor `fd` is, if it can be used in that mode. */
static __always_inline void look_at(struct task_struct *task, __u32 fd, __u32 mode, struct way *way)
{
	struct file *file = file_of(task, fd);
	struct socket *socket;
	struct sock *sk;
	__u32 kind;

	way->medium = 0;
	way->far = 0;
	if (!file || !(BPF_CORE_READ(file, f_mode) & mode))
		return;
	kind = kind_of(file);
	way->inode = BPF_CORE_READ(file, f_inode, i_ino);
	if (kind == S_IFIFO) {
		way->medium = MEDIUM_PIPE;
	} else if (kind == S_IFSOCK) {
		socket = BPF_CORE_READ(file, private_data);
		sk = BPF_CORE_READ(socket, sk);
		if (!is_unix_stream(sk))
			return;
		way->far = inode_of_peer(sk);
		way->medium = MEDIUM_SOCKET;
	}
}

/* Whether it will not be there any more when the child begins. */
static __always_inline bool is_left_behind(struct task_struct *task, __u32 fd)
{
	unsigned long *bits = BPF_CORE_READ(task, files, fdt, close_on_exec);
	unsigned long first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), bits);
	return first >> fd & 1;
}

/* A conversation that is known stays as it was found: a shell that executes the child is not the beginning. */
static __always_inline void put(__u64 inode, struct pair *pair)
{
	struct pair *known = bpf_map_lookup_elem(MAP(pairs), &inode);

	if (known && known->reads == pair->reads && known->writes == pair->writes)
		return;
	bpf_map_update_elem(MAP(pairs), &inode, pair, BPF_ANY);
}

static __always_inline void put_way(struct way *way, struct pair *pair)
{
	pair->role = way->medium == MEDIUM_SOCKET ? ROLE_SERVER : ROLE_UNKNOWN;
	put(way->inode, pair);
	if (!way->far)
		return;
	pair->role = ROLE_CLIENT;
	put(way->far, pair);
}

/* Whether two descriptors of a process are a conversation with its parent; then it is noted. PIPE if a pipe is in it. */
static __always_inline int pair_up(struct task_struct *task, __u32 read_fd, __u32 write_fd, __u64 at)
{
	struct way reads = {}, writes = {};
	struct pair pair = {};

	look_at(task, read_fd, FMODE_READ, &reads);
	if (!reads.medium)
		return 0;
	look_at(task, write_fd, FMODE_WRITE, &writes);
	if (!writes.medium || (reads.medium == MEDIUM_PIPE && reads.inode == writes.inode))
		return 0;
	if (reads.far && reads.far == writes.inode)	/* both ends of one: it talks to itself */
		return 0;
	pair.reads = reads.inode;
	pair.writes = reads.inode == writes.inode ? reads.far : writes.inode;
	pair.at = at;
	pair.reads_medium = reads.medium;
	pair.writes_medium = writes.medium;
	put_way(&reads, &pair);
	if (reads.inode != writes.inode)
		put_way(&writes, &pair);
	return reads.medium == MEDIUM_PIPE || writes.medium == MEDIUM_PIPE ? MEDIUM_PIPE : MEDIUM_SOCKET;
}

/* Note what the current process talks to its parent by. Returns an enum medium: PIPE if there is a pipe in it. */
__noinline int note_stdio(__u64 at)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	int standard = pair_up(task, 0, 1, at);
	int further = 0;

	if (!is_left_behind(task, 3) && !is_left_behind(task, 4))
		further = pair_up(task, 3, 4, at);
	return standard > further ? standard : further;
}

#endif
