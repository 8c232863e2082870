/* file.h - a small file of procfs or sysfs in as few system calls as there can be. */
#pragma once
#include "base/arena.h"

/* Open, one read, close: the kernel hands such a file out whole. Only a text of 4 KB and more takes more
 * than one read. -EFBIG beyond 16 MB. */
int file_read_text(struct arena *a, const char *path, const char **ret);
