/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How these sources are read by clang for libbpf: CO-RE, BTF, maps by relocation. bcc/dialect.h says the same to bcc. */
#ifndef HEXR_CORE_H
#define HEXR_CORE_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#define MAP(name) (&name)

/* Types reach the object's BTF only through something global (as bpf2go does it). */
#define CROSSES(type) const struct type *crosses_##type __attribute__((unused))

/* A field of what the verifier knows by its type: a tracepoint's own argument. */
#define ARGUMENT(pointer, field) ((pointer)->field)

#define NUMBERS(pid) ((void *)(pid) + bpf_core_field_offset((pid)->numbers))

/* A counter's next value. */
#define NEXT(counter) (__sync_fetch_and_add(counter, 1) + 1)

#endif
