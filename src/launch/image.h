/* image.h - the sealed file that the init is executed from: its program with the plan behind it.
 *
 * The plan is the last PT_LOAD segment of the ELF file, so the kernel maps it at execve and the init
 * finds it in its own memory without a system call. Sealed (no write, grow, shrink, chmod +x, no
 * further seals) nothing in a container can change what later starts execute: the file belongs to
 * this start alone and shares no page with the host's binary (CVE-2019-5736). */
#pragma once
#include "base/op.h"
#include "plan/plan.h"

/* A close-on-exec descriptor, ready for execveat(fd, "", AT_EMPTY_PATH). */
int image_create(struct op *op, const struct plan *plan, int *ret_fd);
/* The same for any bytes: a sealed file called `name`. */
int image_seal(struct op *op, const char *name, const void *data, size_t size, int *ret_fd);
