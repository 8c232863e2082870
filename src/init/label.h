/* label.h - the SELinux label of what the kernel is about to make for this process. */
#pragma once
#include "init/init.h"

/* The label that keys and keyrings made from now on get; NULL: the one of this process. */
int label_set_keys(struct init *in, const char *label);
