/* label.h - what the security modules are to be told before the step that labels the user's program. */
#pragma once
#include "init/init.h"

/* Opens the procfs that they are told by, if there is a label at all, while the host's is still there to be copied. */
int label_prepare(struct init *in);
/* The SELinux label that keys and keyrings made from now on get; NULL: the one of this process. */
int label_set_keys(struct init *in, const char *label);
