/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a process asked the kernel for: number and arguments of its system call, in its saved registers. */
#ifndef HEXR_REGS_H
#define HEXR_REGS_H

#include "watch.h"

#if defined(__TARGET_ARCH_x86)
#define REGS struct pt_regs
#define CALL(regs) ((regs)->orig_rax)
#define FIRST(regs) ((regs)->rdi)
#define SECOND(regs) ((regs)->rsi)
#define THIRD(regs) ((regs)->rdx)
#define FOURTH(regs) ((regs)->r10)
#define FIFTH(regs) ((regs)->r8)
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
#define CALL(regs) ((regs)->regs[8])
#define FIRST(regs) ((regs)->regs[0])	/* until the call returns: then it is the answer */
#define SECOND(regs) ((regs)->regs[1])
#define THIRD(regs) ((regs)->regs[2])
#define FOURTH(regs) ((regs)->regs[3])
#define FIFTH(regs) ((regs)->regs[4])
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
