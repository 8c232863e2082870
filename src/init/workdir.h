/* workdir.h - the working directory, reached by descriptor and proven to be inside. */
#pragma once
#include "init/init.h"

/* As root at first; a directory that only the final user may enter (a network file system) is tried again as
 * that user, by calling this again. */
int workdir_retry(struct init *in);
