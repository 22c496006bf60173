/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a process asked the kernel for: number and arguments of its system call, in its saved registers. */
#ifndef HEXR_REGS_H
#define HEXR_REGS_H

#include "watch.h"

#if defined(__TARGET_ARCH_x86)
#define REGS struct pt_regs
#ifdef HEXR_BCC	/* the kernel's own names */
#define CALL(from) ((from)->orig_ax)
#define FIRST(from) ((from)->di)
#define SECOND(from) ((from)->si)
#define THIRD(from) ((from)->dx)
#else
#define CALL(from) ((from)->orig_rax)
#define FIRST(from) ((from)->rdi)
#define SECOND(from) ((from)->rsi)
#define THIRD(from) ((from)->rdx)
#endif
#define FOURTH(from) ((from)->r10)
#define FIFTH(from) ((from)->r8)
#define CALL_READ 0
#define CALL_WRITE 1
#define CALL_MMAP 9
#define CALL_READV 19
#define CALL_WRITEV 20
#define CALL_SENDTO 44
#define CALL_RECVFROM 45
#define CALL_SENDMSG 46
#define CALL_RECVMSG 47
#elif defined(__TARGET_ARCH_arm64)
#define REGS struct user_pt_regs
#define CALL(from) ((from)->regs[8])
#define FIRST(from) ((from)->regs[0])	/* until the call returns: then it is the answer */
#define SECOND(from) ((from)->regs[1])
#define THIRD(from) ((from)->regs[2])
#define FOURTH(from) ((from)->regs[3])
#define FIFTH(from) ((from)->regs[4])
#define CALL_READ 63
#define CALL_WRITE 64
#define CALL_MMAP 222
#define CALL_READV 65
#define CALL_WRITEV 66
#define CALL_SENDTO 206
#define CALL_RECVFROM 207
#define CALL_SENDMSG 211
#define CALL_RECVMSG 212
#endif

#endif
