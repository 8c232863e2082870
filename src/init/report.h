/* report.h - why a program could not be executed, and what is said when nobody but the reader of stderr is there. */
#pragma once
#include "init/init.h"

/* Adds the likely cause to the failure's words, from the first bytes of the program. */
void report_cause(struct init *in, int err);
/* One line: "exec /bin/x: no such file or directory: its loader /lib64/ld-linux-x86-64.so.2 is missing", or which
 * startContainer hook failed and how. */
void report_to_stderr(const struct init *in);
