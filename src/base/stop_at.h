/* stop_at.h - named points of a creation or an exec at which a test can stop it, to kill it there.
 *
 * Only in builds with -Dfaults=true: the environment's PROA_STOP_AT=N makes the process stop itself
 * (SIGSTOP) at the N-th point it passes. Other builds have no trace of it. */
#pragma once

#ifdef PROA_FAULTS
void stop_at(const char *point);
#else
static inline void stop_at(const char *point)
{
    (void) point;
}
#endif
