/* live.h - a container that somebody is about to change while it lives: pause, resume, update; or to audit it.
 * One at a time may.
 *
 * Its lock is on state.json. ROOT/ID itself is locked by those alone who make or remove the container: that it is locked has
 * a meaning for everybody who asks for the state. */
#pragma once
#include "container/container.h"

struct live {
    int dir, lock;
    struct proa_state state;
};

/* Waits for its turn. */
int live_open(struct op *op, const struct proa *p, const char *id, struct live *ret);
/* 0, or the failure that a container which ran when it was opened has ended since. */
int live_check(struct op *op, const struct live *c);
/* What has failed with r on a container that has ended meanwhile says, and is, that it does not run; on one that had ended
 * before and is deleted now, that there is none. */
int live_explain(struct op *op, const struct live *c, int r);
void live_close(struct live *c);
