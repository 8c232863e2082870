/* deadline.h - a moment until which to wait, on the monotonic clock. */
#pragma once
#include <stdint.h>

uint64_t deadline_in(unsigned seconds);
/* Milliseconds until then, for poll(2), never less than are left; 0 when it has passed. */
int deadline_left(uint64_t deadline);
