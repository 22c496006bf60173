// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The border of a TLS library (OpenSSL's calls): handshakes, plaintext, the ends of streams. */
#include "tie.h"

#define SSL_CTRL_SET_TLSEXT_HOSTNAME 55	/* openssl/ssl.h: the name asked for, without reading a struct of theirs */

enum function { FN_READ = 1, FN_READ_EX, FN_WRITE, FN_WRITE_EX, FN_HANDSHAKE, FN_SENDFILE };

CROSSES(chunk);
CROSSES(handshake);
CROSSES(opened);
CROSSES(closed);

struct label {
	char name[LABEL_MAX];
};

/* The attach cookie's label: which library this is, in words. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct label);
} libraries SEC(".maps");

/* Note a call on its way in. */
__noinline int push(struct call *new)
{
	struct thread *thread = thread_of();
	struct call *call;
	__u32 depth;

	if (!thread || !new)
		return 0;
	depth = thread->depth;
	/* the stack grows down: what lies at or below us never returned here */
	for (int i = 0; i < CALLS; i++)
		if (depth && thread->calls[(depth - 1) & (CALLS - 1)].sp <= new->sp)
			depth--;
	if (depth >= CALLS)
		depth = 0;
	barrier_var(depth);	/* else the mask below is left out, and the verifier of 6.1 does not know why it may be */
	call = &thread->calls[depth & (CALLS - 1)];
	*call = *new;
	call->lone = thread->receives == 1;
	thread->receives = 0;
	thread->depth = depth + 1;
	return 1;
}

/* The call that returns at `sp`: at a RET the stack pointer is the entry's, in a uretprobe one word above. */
__noinline int pop(__u64 sp, __u32 function, struct call *call)
{
	struct thread *thread = thread_find();
	__u32 depth;

	if (!thread || !call)
		return 0;
	depth = thread->depth;
	for (int i = 0; i < CALLS; i++) {
		struct call *top = &thread->calls[(depth - 1) & (CALLS - 1)];

		if (!depth)
			return 0;
		depth--;
		if (top->function != function || sp - top->sp > sizeof(__u64))
			continue;
		*call = *top;
		thread->depth = depth;
		return 1;
	}
	return 0;
}

/* One record a handshake. `at` is its end, however late it is told. */
static __always_inline void emit_handshake(struct pt_regs *ctx, struct stream *stream, struct verdict *verdict,
					   __u64 ssl, __u64 at, bool ok)
{
	__u32 cookie = bpf_get_attach_cookie(ctx);
	struct label *label = bpf_map_lookup_elem(MAP(libraries), &cookie);
	struct handshake *handshake;

	stream->told = 1;
	stream->held = 0;
	handshake = room(KIND_HANDSHAKE, sizeof(*handshake));
	if (!handshake) {
		no_room(KIND_HANDSHAKE);
		return;
	}
	__builtin_memset(handshake, 0, sizeof(*handshake));
	begin(&handshake->head, KIND_HANDSHAKE, verdict->pid, verdict->start, at);
	handshake->handle = ssl;
	handshake->generation = stream->generation;
	handshake->duration = at - stream->began;
	handshake->role = stream->role;
	handshake->ok = ok;
	handshake->timed = (stream->timed || !ok) && stream->whole;
	handshake->chosen = stream->chosen;
	handshake->mutual = stream->mutual;
	if (label)
		__builtin_memcpy(handshake->library, label->name, LABEL_MAX);
	__builtin_memcpy(handshake->sni, stream->sni, SNI_MAX);
	__builtin_memcpy(handshake->alpn, stream->alpn, ALPN_MAX);
	__builtin_memcpy(handshake->version, stream->version, VERSION_MAX);
	send(handshake, sizeof(*handshake));
}

static __always_inline void emit_closed(struct stream *stream, struct verdict *verdict, __u64 ssl)
{
	struct closed *closed = room(KIND_CLOSED, sizeof(*closed));

	if (!closed) {
		no_room(KIND_CLOSED);
		return;
	}
	begin(&closed->head, KIND_CLOSED, verdict->pid, verdict->start, bpf_ktime_get_boot_ns());
	closed->handle = ssl;
	closed->generation = stream->generation;
	send(closed, sizeof(*closed));
}

/* The end of a generation: a handshake that never succeeded has failed now. */
static __always_inline int over(struct pt_regs *ctx)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict = told();
	struct stream *stream;

	if (!verdict)
		return 0;
	stream = stream_find(&key, verdict);
	if (!stream)
		return 0;
	if (stream->held)
		emit_handshake(ctx, stream, verdict, key.ssl, stream->ended, true);
	else if (stream->known && stream->tried && !stream->done)
		emit_handshake(ctx, stream, verdict, key.ssl, stream->tried, false);
	if (stream->told)
		emit_closed(stream, verdict, key.ssl);
	bpf_map_delete_elem(MAP(streams), &key);
	return 0;
}

/* A stream takes its role before its handshake: one that has spoken was freed where we did not look. */
static __always_inline int takes_role(struct pt_regs *ctx, __u8 role)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict = told();
	struct stream *stream;

	if (!verdict)
		return 0;
	stream = stream_find(&key, verdict);
	if (stream && (stream->done || stream->last)) {
		over(ctx);
		stream = NULL;
	}
	if (!stream)
		stream = stream_new(&key, verdict, true);
	if (!stream)
		return 0;
	stream->role = role;
	stream->whole |= !stream->began;
	return 0;
}

static __always_inline int drives(struct pt_regs *ctx, __u8 role)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict = told();
	struct stream *stream = verdict ? stream_find(&key, verdict) : NULL;

	return verdict && (!stream || !stream->began) ? takes_role(ctx, role) : 0;
}

static __always_inline void starts(struct stream *stream)
{
	if (stream->known && !stream->began)
		stream->began = bpf_ktime_get_boot_ns();
}

/* Reads and writes drive a handshake too: Node calls nothing else. */
static __always_inline int enters(struct pt_regs *ctx, __u32 function, __u64 length)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict = told();
	struct call call = {};
	struct stream *stream;

	if (!verdict)
		return 0;
	stream = stream_of(&key, verdict, function == FN_HANDSHAKE);
	if (!stream)
		return 0;
	starts(stream);
	call.ssl = key.ssl;
	call.buffer = PT_REGS_PARM2(ctx);
	call.length = length;
	call.sp = PT_REGS_SP(ctx);
	call.at = bpf_ktime_get_boot_ns();
	call.function = function;
	push(&call);
	return 0;
}

struct done {
	struct call call;
	struct verdict *verdict;
	struct stream *stream;
};

static __always_inline bool leaves(struct pt_regs *ctx, __u32 function, struct done *done)
{
	struct stream_key key;

	done->verdict = told();
	if (!done->verdict)
		return false;
	if (!pop(PT_REGS_SP(ctx), function, &done->call))
		return false;
	key = key_of(done->call.ssl);
	done->stream = stream_find(&key, done->verdict);
	return done->stream != NULL;
}

static __always_inline void refused(struct done *done, bool write)
{
	if (!done->stream->done && done->stream->began) {
		done->stream->tried = bpf_ktime_get_boot_ns();
		done->stream->wrote_early |= write;
	}
	if (done->call.lone && !done->call.direct)
		tie_read(done->call.ssl, 0, done->stream, done->verdict);
}

/* The handshake is over. Its record is held until the first plaintext or the end: what was agreed on is asked after it. */
static __always_inline void succeeded(struct stream *stream, bool timed)
{
	if (stream->done)
		return;
	stream->done = 1;
	if (!stream->known || !stream->began)
		return;
	stream->held = 1;
	if (stream->ended)	/* seen from inside */
		return;
	stream->ended = bpf_ktime_get_boot_ns();
	stream->timed = timed;
}

static __always_inline void flows(struct pt_regs *ctx, struct done *done, bool timed)
{
	succeeded(done->stream, timed);
	if (done->stream->held)
		emit_handshake(ctx, done->stream, done->verdict, done->call.ssl, done->stream->ended, true);
}

static __always_inline int read_left(struct pt_regs *ctx, __u32 function, __s64 bytes)
{
	struct copy copy = {};
	struct done done = {};

	if (!leaves(ctx, function, &done))
		return 0;
	if (function == FN_READ_EX && bytes > 0) {
		__u64 said = 0;

		if (bpf_probe_read_user(&said, sizeof(said), (void *)done.call.length))
			count(COUNT_FAULTS, 1);
		bytes = said;
	}
	if (bytes <= 0) {
		refused(&done, false);
		return 0;
	}
	flows(ctx, &done, false);
	if (done.call.lone && !done.call.direct)
		tie_read(done.call.ssl, bytes, done.stream, done.verdict);
	copy.from = done.call.buffer;
	copy.left = bytes;
	copy.handle = done.call.ssl;
	copy.at = bpf_ktime_get_boot_ns();
	copy.direction = DIRECTION_IN;
	hand_over(&copy, done.stream, done.verdict);
	return 0;
}

static __always_inline int write_left(struct pt_regs *ctx, __u32 function, __s64 bytes)
{
	struct copy copy = {};
	struct done done = {};

	if (!leaves(ctx, function, &done))
		return 0;
	if (function == FN_WRITE_EX && bytes > 0) {
		__u64 said = 0;

		if (bpf_probe_read_user(&said, sizeof(said), (void *)done.call.length))
			count(COUNT_FAULTS, 1);
		bytes = said;
	}
	if (bytes <= 0) {
		refused(&done, true);
		return 0;
	}
	/* it drove the handshake to its end, after a receive that is that stream's: Node, when it is late */
	if (!done.stream->done && done.call.lone && !done.call.direct)
		tie_read(done.call.ssl, 0, done.stream, done.verdict);
	/* a write that was refused is tried again at once when the handshake ends; else the end is not seen */
	flows(ctx, &done, done.stream->wrote_early);
	copy.from = done.call.buffer;
	copy.left = bytes;
	copy.handle = done.call.ssl;
	copy.at = done.call.at;
	copy.direction = DIRECTION_OUT;
	hand_over(&copy, done.stream, done.verdict);
	if (!done.call.direct)
		wait_for_send(done.call.ssl, bytes, done.stream);
	return 0;
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_read)
{
	return enters(ctx, FN_READ, 0);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_read)
{
	return read_left(ctx, FN_READ, (int)PT_REGS_RC(ctx));
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_read_ex)
{
	return enters(ctx, FN_READ_EX, PT_REGS_PARM4(ctx));
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_read_ex)
{
	return read_left(ctx, FN_READ_EX, (int)PT_REGS_RC(ctx));
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_write)
{
	return enters(ctx, FN_WRITE, 0);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_write)
{
	return write_left(ctx, FN_WRITE, (int)PT_REGS_RC(ctx));
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_write_ex)
{
	return enters(ctx, FN_WRITE_EX, PT_REGS_PARM4(ctx));
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_write_ex)
{
	return write_left(ctx, FN_WRITE_EX, (int)PT_REGS_RC(ctx));
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_do_handshake)
{
	return enters(ctx, FN_HANDSHAKE, 0);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_do_handshake)
{
	struct done done = {};

	if (!leaves(ctx, FN_HANDSHAKE, &done))
		return 0;
	if ((int)PT_REGS_RC(ctx) == 1)
		succeeded(done.stream, true);
	else
		refused(&done, false);
	return 0;
}

/* Both set the role and go on (by a jump, at times) to SSL_do_handshake, which sees the rest. */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_connect)
{
	return drives(ctx, ROLE_CLIENT);
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_accept)
{
	return drives(ctx, ROLE_SERVER);
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_set_connect_state)
{
	return takes_role(ctx, ROLE_CLIENT);
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_set_accept_state)
{
	return takes_role(ctx, ROLE_SERVER);
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_free)
{
	return over(ctx);
}

/* The library itself clears a stream as its handshake begins: only one that got anywhere ends here. */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_clear)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict = told();
	struct stream *stream = verdict ? stream_find(&key, verdict) : NULL;
	__u8 role;

	if (!stream || !(stream->done || stream->tried || stream->last))
		return 0;
	role = stream->role;
	over(ctx);
	return takes_role(ctx, role);
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_ctrl)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict;
	struct stream *stream;

	if ((int)PT_REGS_PARM2(ctx) != SSL_CTRL_SET_TLSEXT_HOSTNAME)
		return 0;
	verdict = told();
	stream = verdict ? stream_of(&key, verdict, true) : NULL;
	if (stream && !stream->done && !stream->last)
		bpf_probe_read_user_str(stream->sni, sizeof(stream->sni), (void *)PT_REGS_PARM4(ctx));
	return 0;
}

/* The kernel encrypts what this sends: a gap of known length. */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_sendfile)
{
	return enters(ctx, FN_SENDFILE, 0);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_sendfile)
{
	__s64 bytes = PT_REGS_RC(ctx);
	struct done done = {};

	if (leaves(ctx, FN_SENDFILE, &done) && bytes > 0)
		done.stream->lost[DIRECTION_OUT] += bytes;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
