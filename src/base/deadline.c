#include "base/deadline.h"
#include <limits.h>
#include "base/trace.h"

uint64_t deadline_in(unsigned seconds)
{
    return trace_now() + seconds * 1000000000ull;
}

int deadline_left(uint64_t deadline)
{
    uint64_t now = trace_now(), left = now < deadline ? (deadline - now + 999999) / 1000000 : 0;

    return left < INT_MAX ? (int) left : INT_MAX;
}
