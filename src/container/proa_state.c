/* The public functions on states. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/fd.h"
#include "container/container.h"
#include "container/error.h"
#include "container/store.h"

const char *proa_state_id(const struct proa_state *s)
{
    return s->id;
}

enum proa_status proa_state_status(const struct proa_state *s)
{
    return s->status;
}

pid_t proa_state_pid(const struct proa_state *s)
{
    return s->pid;
}

const char *proa_state_bundle(const struct proa_state *s)
{
    return s->bundle;
}

const char *proa_state_rootfs(const struct proa_state *s)
{
    return s->rootfs;
}

const char *proa_state_created(const struct proa_state *s)
{
    return s->created;
}

void proa_state_free(struct proa_state *s)
{
    if (s)
        arena_free(s->arena);
}

/* The state lives in the arena that its own operation filled. */
static struct proa_state *keep(struct op *op, const struct proa_state *s)
{
    struct proa_state *kept = arena_alloc(op->arena, sizeof(*kept));

    *kept = *s;
    kept->arena = op->arena;
    return kept;
}

int proa_state(const struct proa *p, const char *id, struct proa_state **ret, struct proa_error **ret_error)
{
    auto_close int dir = -1;
    struct proa_state s;
    struct op op;
    int r;

    op_init(&op, arena_new());
    if ((r = container_load(&op, p, id, &dir, &s)) < 0) {
        if (ret_error)
            *ret_error = error_of(&op);
        arena_free(op.arena);
        return r;
    }
    *ret = keep(&op, &s);
    return 0;
}

int proa_state_json(const struct proa_state *s, unsigned flags, char **ret_json, struct proa_error **ret_error)
{
    struct op op;
    char *text;

    op_init(&op, arena_new());
    text = strdup(state_json(&op, s, flags));
    if (!text && ret_error) {
        op_fail(&op, ENOMEM, "copying the state");
        *ret_error = error_of(&op);
    }
    arena_free(op.arena);
    if (!text)
        return -ENOMEM;
    *ret_json = text;
    return 0;
}

typedef int each_fn(void *data, struct proa_state *state);
typedef int bad_fn(void *data, const char *id, const char *message);

static int list_one(int root, const char *id, each_fn *each, bad_fn *bad, void *data)
{
    struct proa_state s;
    struct op op;
    int r;

    op_init(&op, arena_new());
    if (container_load_at(&op, root, id, &s) >= 0)
        return each(data, keep(&op, &s));
    r = bad ? bad(data, id, op.message) : 0;
    arena_free(op.arena);
    return r;
}

int proa_list(const struct proa *p, each_fn *each, bad_fn *bad, void *data, struct proa_error **ret_error)
{
    auto_close int root = -1;
    char **ids = NULL;
    struct op op;
    int r;

    op_init(&op, arena_new());
    r = store_open_root(&op, p->root, 0, &root);
    if (r == -ENOENT && !p->root_given)
        r = 0;
    else if (r >= 0)
        r = store_ids(&op, root, &ids);
    if (r < 0 && ret_error)
        *ret_error = error_of(&op);
    for (; r == 0 && ids && *ids; ids++)
        r = list_one(root, *ids, each, bad, data);
    arena_free(op.arena);
    return r;
}
