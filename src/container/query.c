/* State and list: what is there, told without changing it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "container/container.h"
#include "container/store.h"

enum { PASSWD_MAX = 4 << 20 };

int container_load(struct op *op, const struct proa *p, const char *id, int *ret_dir, struct proa_state *ret)
{
    auto_close int dir = -1;
    int r;

    if ((r = store_open(op, p->root, id, &dir)) < 0)
        return r;
    r = state_load(op, dir, id, ret);
    if (r == -ENOENT)
        return store_not_found(op, id);
    if (r < 0)
        return r;
    *ret_dir = take_fd(&dir);
    return 0;
}

int container_load_at(struct op *op, int root, const char *id, struct proa_state *ret)
{
    auto_close int dir = -1;
    int r;

    if ((r = store_check_id(op, id)) < 0)
        return r;
    dir = openat(root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return op_fail(op, errno, "container \"%s\"", id);
    r = state_load(op, dir, id, ret);
    if (r == -ENOENT)
        return store_not_found(op, id);
    return r;
}

/* ---- Processes ------------------------------------------------------------------------------ */

static uint64_t pid_namespace(int proc, const char *pid)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "%.16s/ns/pid", pid);
    return fstatat(proc, path, &st, 0) == 0 ? st.st_ino : 0;
}

static int by_pid(const void *a, const void *b)
{
    pid_t x = *(const pid_t *) a, y = *(const pid_t *) b;

    return (x > y) - (x < y);
}

/* Of a container without cgroups: the first process, and what is in a pid namespace of its own with it. */
static ssize_t processes_without_cgroups(struct op *op, const struct proa_state *s, pid_t **ret)
{
    DIR *list = s->private_pids ? opendir("/proc") : NULL;
    pid_t *pids = arena_array(op->arena, 1, sizeof(*pids));
    size_t n = 1, cap = 1;
    uint64_t own;

    pids[0] = s->pid;
    *ret = pids;
    if (!list)
        return 1;
    own = pid_namespace(dirfd(list), arena_printf(op->arena, "%d", (int) s->pid));
    for (struct dirent *d; own && (d = readdir(list));) {
        pid_t pid = (pid_t) strtol(d->d_name, NULL, 10);

        if (pid <= 0 || pid == s->pid || pid_namespace(dirfd(list), d->d_name) != own)
            continue;
        if (n == cap) {
            pids = memcpy(arena_array(op->arena, cap *= 2, sizeof(*pids)), pids, n * sizeof(*pids));
            *ret = pids;
        }
        pids[n++] = pid;
    }
    closedir(list);
    qsort(pids, n, sizeof(*pids), by_pid);
    return (ssize_t) n;
}

static ssize_t processes_of(struct op *op, const struct proa_state *s, pid_t **ret)
{
    if (s->n_cgroups == 0 && s->pid > 0)
        return processes_without_cgroups(op, s, ret);
    return cgroup_pids(op, s->cgroups, s->n_cgroups, ret);
}

int container_processes(struct op *op, const struct proa *p, const char *id, pid_t **ret, size_t *ret_n)
{
    auto_close int dir = -1;
    struct proa_state s;
    pid_t *pids = NULL;
    ssize_t n = 0;
    int r;

    if ((r = container_load(op, p, id, &dir, &s)) < 0)
        return r;
    /* Before its first process is recorded the cgroups may be somebody else's. */
    if (s.entered && (n = processes_of(op, &s, &pids)) < 0)
        return (int) n;
    *ret = pids;
    *ret_n = (size_t) n;
    return 0;
}

/* The line of /etc/passwd whose third field is `uid`; runc reads the file likewise and asks no name service. */
static const char *user_name(struct arena *a, uid_t uid)
{
    char *text, *line, *rest;

    if (io_read_at(AT_FDCWD, "/etc/passwd", a, PASSWD_MAX, &text, NULL) == 0)
        for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            char *name_end = strchr(line, ':'), *uid_at = name_end ? strchr(name_end + 1, ':') : NULL, *end;

            if (uid_at && strtoul(uid_at + 1, &end, 10) == uid && *end == ':' && end != uid_at + 1)
                return arena_strndup(a, line, name_end - line);
        }
    return arena_printf(a, "#%u", uid);
}

const char *proa_state_owner(const struct proa_state *s)
{
    return user_name(s->arena, s->owner);
}

static void add_annotations(struct str *out, const struct proa_state *s)
{
    if (s->n_annotations == 0)
        return;
    str_add(out, ",\"annotations\":{");
    for (size_t i = 0; i < s->n_annotations; i++)
        str_add_member(out, s->annotations[i].key, s->annotations[i].value);
    str_add(out, "}");
}

char *state_json(struct op *op, const struct proa_state *s, unsigned flags)
{
    struct str compact, pretty;

    str_init(&compact, op->arena);
    str_add(&compact, "{");
    str_add_member(&compact, "ociVersion", s->version);
    str_add_member(&compact, "id", s->id);
    str_addf(&compact, ",\"pid\":%d", (int) s->pid);
    str_add_member(&compact, "status", proa_status_name(s->status));
    str_add_member(&compact, "bundle", s->bundle);
    str_add_member(&compact, "rootfs", s->rootfs);
    str_add_member(&compact, "created", s->created);
    add_annotations(&compact, s);
    str_add_member(&compact, "owner", flags & PROA_JSON_OWNER ? user_name(op->arena, s->owner) : "");
    str_add(&compact, "}");
    if (!(flags & PROA_JSON_PRETTY))
        return compact.text;
    str_init(&pretty, op->arena);
    str_add_indented(&pretty, compact.text, "  ");
    return pretty.text;
}
