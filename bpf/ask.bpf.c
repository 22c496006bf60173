// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What a program asks its TLS library about a handshake that is over: the answers, as the library gives them.
 *
 * Each is asked about once a connection, never for a read or a write. Before the handshake is over the
 * library answers with what might become of it, so that only a stream whose record is held is listened for.
 */
#include "tie.h"

enum asked { ASKED_ALPN = 1, ASKED_VERSION, ASKED_PEER, ASKED_CIPHER, ASKED_CIPHER_VERSION };

static __always_inline struct stream *agreed(__u64 ssl)
{
	struct stream_key key = key_of(ssl);
	struct verdict *verdict = told();
	struct stream *stream = verdict ? stream_find(&key, verdict) : NULL;

	return stream && (stream->held || (stream->ended && !stream->done)) ? stream : NULL;
}

static __always_inline int asks(struct pt_regs *ctx, __u64 ssl, __u32 function)
{
	struct thread *thread = agreed(ssl) ? thread_of() : NULL;
	struct question *question;

	if (!thread)
		return 0;
	question = &thread->question;
	question->ssl = ssl;
	question->first = PT_REGS_PARM2(ctx);
	question->second = PT_REGS_PARM3(ctx);
	question->sp = PT_REGS_SP(ctx);
	question->function = function;
	return 0;
}

/* At a RET the stack pointer is the entry's, in a uretprobe one word above. */
static __always_inline struct question *answers(struct pt_regs *ctx, __u32 function)
{
	struct thread *thread = thread_find();
	struct question *question;

	if (!thread)
		return NULL;
	question = &thread->question;
	if (question->function != function || PT_REGS_SP(ctx) - question->sp > sizeof(__u64))
		return NULL;
	question->function = 0;
	return question;
}

/* void SSL_get0_alpn_selected(const SSL *, const unsigned char **data, unsigned int *len) */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_get0_alpn_selected)
{
	return asks(ctx, PT_REGS_PARM1(ctx), ASKED_ALPN);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_get0_alpn_selected)
{
	struct question *question = answers(ctx, ASKED_ALPN);
	struct stream *stream = question ? agreed(question->ssl) : NULL;
	__u32 length = 0;
	__u64 name = 0;

	if (!stream)
		return 0;
	if (bpf_probe_read_user(&length, sizeof(length), (void *)question->second) ||
	    bpf_probe_read_user(&name, sizeof(name), (void *)question->first)) {
		count(COUNT_FAULTS, 1);
		return 0;
	}
	if (length >= ALPN_MAX)
		return 0;
	__builtin_memset(stream->alpn, 0, ALPN_MAX);
	if (length && bpf_probe_read_user(stream->alpn, length & (ALPN_MAX - 1), (void *)name)) {
		count(COUNT_FAULTS, 1);
		return 0;
	}
	stream->chosen = length ? ANSWER_YES : ANSWER_NO;
	return 0;
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_get_version)
{
	return asks(ctx, PT_REGS_PARM1(ctx), ASKED_VERSION);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_get_version)
{
	struct question *question = answers(ctx, ASKED_VERSION);
	struct stream *stream = question ? agreed(question->ssl) : NULL;

	if (stream && bpf_probe_read_user_str(stream->version, VERSION_MAX, (void *)PT_REGS_RC(ctx)) < 0)
		count(COUNT_FAULTS, 1);
	return 0;
}

/* A client is always shown a certificate: only a server's question says that both sides were. */
static __always_inline int asks_peer(struct pt_regs *ctx)
{
	struct stream *stream = agreed(PT_REGS_PARM1(ctx));

	return stream && stream->role == ROLE_SERVER ? asks(ctx, PT_REGS_PARM1(ctx), ASKED_PEER) : 0;
}

static __always_inline int answers_peer(struct pt_regs *ctx)
{
	struct question *question = answers(ctx, ASKED_PEER);
	struct stream *stream = question ? agreed(question->ssl) : NULL;

	if (stream)
		stream->mutual = PT_REGS_RC(ctx) ? ANSWER_YES : ANSWER_NO;
	return 0;
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_get1_peer_certificate)
{
	return asks_peer(ctx);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_get1_peer_certificate)
{
	return answers_peer(ctx);
}

/* Its name in OpenSSL 1.1. */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_get_peer_certificate)
{
	return asks_peer(ctx);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_get_peer_certificate)
{
	return answers_peer(ctx);
}

SEC("uprobe")
int BPF_KPROBE(enter_SSL_get_current_cipher)
{
	return asks(ctx, PT_REGS_PARM1(ctx), ASKED_CIPHER);
}

SEC("uretprobe")
int BPF_KPROBE(leave_SSL_get_current_cipher)
{
	struct question *question = answers(ctx, ASKED_CIPHER);

	if (question) {
		question->of = question->ssl;
		question->cipher = PT_REGS_RC(ctx);
	}
	return 0;
}

/* Python's asyncio asks the cipher, not the stream, for its version. */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_CIPHER_get_version)
{
	struct thread *thread = told() ? thread_find() : NULL;

	if (!thread || !thread->question.of || thread->question.cipher != PT_REGS_PARM1(ctx))
		return 0;
	return asks(ctx, thread->question.of, ASKED_CIPHER_VERSION);
}

/* It names the oldest protocol that has this cipher. Those of 1.2 and 1.3 are in no other (ssl/s3_lib.c). */
SEC("uretprobe")
int BPF_KPROBE(leave_SSL_CIPHER_get_version)
{
	struct question *question = answers(ctx, ASKED_CIPHER_VERSION);
	struct stream *stream = question ? agreed(question->ssl) : NULL;
	char said[8] = {};

	if (!stream || bpf_probe_read_user_str(said, sizeof(said), (void *)PT_REGS_RC(ctx)) != sizeof(said))
		return 0;
	if (said[3] == 'v' && said[4] == '1' && (said[6] == '2' || said[6] == '3'))	/* "TLSv1.2", "TLSv1.3" */
		__builtin_memcpy(stream->version, said, sizeof(said));
	return 0;
}

/* Node asks this first thing when OpenSSL calls it back at the end of a handshake, inside the read or write that
 * drove it (SSLInfoCallback, src/crypto/crypto_tls.cc): the only sight of that end.
 */
SEC("uprobe")
int BPF_KPROBE(enter_SSL_renegotiate_pending)
{
	struct stream_key key = key_of(PT_REGS_PARM1(ctx));
	struct verdict *verdict = told();
	struct stream *stream = verdict ? stream_find(&key, verdict) : NULL;
	struct thread *thread = stream ? thread_find() : NULL;

	if (!thread || !stream->began || stream->done || stream->ended || !thread->depth)
		return 0;
	if (thread->calls[(thread->depth - 1) & (CALLS - 1)].ssl != key.ssl)
		return 0;
	stream->ended = bpf_ktime_get_boot_ns();
	stream->timed = 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
