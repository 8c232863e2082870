#include "container/images.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"

enum { STREAMS_MAX = 1 << 20, LOG_EVERYTHING = 4 };

int images_check_privilege(struct op *op, const char *what)
{
    if (geteuid() == 0)
        return 0;
    return op_fail_code(op, OP_UNSUPPORTED, 0, "%s needs the machine's root: criu cannot do it for rootless containers", what);
}

/* ---- Directories ----------------------------------------------------------------------------- */

static int open_directory(struct op *op, char *path, bool make, const char *what, int *ret)
{
    int r = make ? io_make_directory(path, 0755, 0700) : 0;
    int fd = r < 0 ? r : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return op_fail(op, r < 0 ? -r : errno, "%s %s", what, path);
    *ret = fd;
    return 0;
}

static int make_absolute(struct op *op, const char *path, const char *what, char **ret)
{
    char *cwd = path[0] == '/' ? NULL : get_current_dir_name();

    if (path[0] != '/' && !cwd)
        return op_fail(op, errno, "%s %s: working directory", what, path);
    *ret = path_join(op->arena, cwd ? cwd : "/", path);
    free(cwd);
    return 0;
}

static int open_directories(struct op *op, const struct images_request *request, bool make, struct images *i)
{
    int r = make_absolute(op, request->image_path ? request->image_path : "checkpoint", "--image-path", &i->path);

    i->work_path = i->path;
    if (r == 0 && request->work_path)
        r = make_absolute(op, request->work_path, "--work-path", &i->work_path);
    if (r == 0)
        r = open_directory(op, i->path, make, "--image-path", &i->dir);
    return r < 0 ? r : open_directory(op, i->work_path, true, "--work-path", &i->work);
}

int images_open(struct op *op, const struct images_request *request, bool make, const char *log, struct images *ret)
{
    struct images i = IMAGES_NONE;
    int r = open_directories(op, request, make, &i);

    if (r < 0) {
        images_close(&i);
        return r;
    }
    /* One of an earlier time would be quoted for this one's. */
    unlinkat(i.work, log, 0);
    i.log = (struct criu_log) { i.work, log, arena_printf(op->arena, "%s/%s", i.work_path, log) };
    *ret = i;
    return 0;
}

void images_close(struct images *i)
{
    fd_close(&i->dir);
    fd_close(&i->work);
}

static int give(int dir, const char *name, gid_t group)
{
    auto_close int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return errno == ELOOP || errno == ENXIO ? 0 : -errno;   /* a link, or a socket, as of lazy pages */
    if (!S_ISREG(st.st_mode) && !str_eq(name, "."))
        return 0;
    if (fchown(fd, (uid_t) -1, group) < 0 || fchmod(fd, (st.st_mode & 07777) | 0040 | (S_ISDIR(st.st_mode) ? 0010 : 0)) < 0)
        return -errno;
    return 0;
}

/* Or the directory of all; whatever else is in there is nobody's business. */
static bool is_image(const char *name)
{
    size_t n = strlen(name);

    return str_eq(name, ".") || (n > 4 && str_eq(name + n - 4, ".img"));
}

int images_give(struct op *op, const struct images *i, const struct plan *plan)
{
    const struct plan_id_map *groups = PLAN_ITEMS(plan, gid_map, struct plan_id_map);
    int copy, r = 0;
    DIR *list;

    if (plan->gid_map.n == 0)
        return 0;
    copy = fcntl(i->dir, F_DUPFD_CLOEXEC, 0);
    list = copy < 0 ? NULL : fdopendir(copy);
    if (!list) {
        fd_close(&copy);
        return op_fail(op, errno, "reading %s", i->path);
    }
    rewinddir(list);
    for (struct dirent *e; r == 0 && (e = readdir(list));)
        if (is_image(e->d_name) && (r = give(i->dir, e->d_name, groups->outside)) < 0)
            op_fail(op, -r, "letting the container's root read %s/%s", i->path, e->d_name);
    closedir(list);
    return r;
}

/* ---- Requests -------------------------------------------------------------------------------- */

static const struct flag { unsigned flag; enum criu_option option; } flags[] = {
    { PROA_CRIU_TCP_ESTABLISHED, CRIU_TCP_ESTABLISHED },
    { PROA_CRIU_TCP_SKIP_IN_FLIGHT, CRIU_TCP_SKIP_IN_FLIGHT },
    { PROA_CRIU_LINK_REMAP, CRIU_LINK_REMAP },
    { PROA_CRIU_EXT_UNIX_SK, CRIU_EXT_UNIX_SK },
    { PROA_CRIU_SHELL_JOB, CRIU_SHELL_JOB },
    { PROA_CRIU_FILE_LOCKS, CRIU_FILE_LOCKS },
    { PROA_CRIU_LAZY_PAGES, CRIU_LAZY_PAGES },
    { PROA_CRIU_AUTO_DEDUP, CRIU_AUTO_DEDUP },
    { PROA_CRIU_LEAVE_RUNNING, CRIU_LEAVE_RUNNING },
};

static const enum criu_cgroups modes[] = {
    [PROA_CRIU_CGROUPS_SOFT] = CRIU_CGROUPS_SOFT, [PROA_CRIU_CGROUPS_FULL] = CRIU_CGROUPS_FULL,
    [PROA_CRIU_CGROUPS_STRICT] = CRIU_CGROUPS_STRICT, [PROA_CRIU_CGROUPS_IGNORE] = CRIU_CGROUPS_IGNORE,
};

static const char *annotation(const struct plan *p, const char *key)
{
    const struct plan_pair *pairs = PLAN_ITEMS(p, annotations, struct plan_pair);

    for (uint32_t i = 0; i < p->annotations.n; i++)
        if (str_eq(plan_text(p, pairs[i].key), key))
            return plan_word(p, pairs[i].value);
    return NULL;
}

/* criu passes over a file that is not there: that is no good for one that somebody has named. */
static int add_config(struct op *op, const struct plan *p, struct str *options)
{
    const char *file = annotation(p, "org.criu.config");

    if (file && *file && access(file, R_OK) < 0)
        return op_fail(op, errno, "annotation org.criu.config: %s", file);
    if (!file)
        file = "/etc/criu/runc.conf";
    if (*file)
        protobuf_add_text(options, CRIU_CONFIG_FILE, file);
    return 0;
}

int images_add_options(struct op *op, const struct images *i, const struct images_request *request, const struct plan *plan,
                       struct str *o)
{
    protobuf_add_number(o, CRIU_IMAGES_DIR_FD, i->dir);
    protobuf_add_number(o, CRIU_WORK_DIR_FD, i->work);
    protobuf_add_number(o, CRIU_LOG_LEVEL, LOG_EVERYTHING);
    protobuf_add_text(o, CRIU_LOG_FILE, i->log.name);
    protobuf_add_number(o, CRIU_NOTIFY_SCRIPTS, true);
    protobuf_add_number(o, CRIU_ORPHAN_PTS_MASTER, true);
    /* What is on the network is not the runtime's: the namespace comes back empty. */
    protobuf_add_number(o, CRIU_EMPTY_NS, CLONE_NEWNET);
    for (size_t k = 0; k < sizeof(flags) / sizeof(*flags); k++)
        if (request->flags & flags[k].flag)
            protobuf_add_number(o, flags[k].option, true);
    if (request->cgroups < 0 || request->cgroups >= (int) (sizeof(modes) / sizeof(*modes)))
        return op_fail(op, EINVAL, "cgroups mode %d", request->cgroups);
    protobuf_add_number(o, CRIU_MANAGE_CGROUPS_MODE, modes[request->cgroups]);
    return add_config(op, plan, o);
}

/* ---- Streams --------------------------------------------------------------------------------- */

int images_save_streams(struct op *op, const struct images *i, const struct proa_state *s)
{
    struct str text;
    int r;

    str_init(&text, op->arena);
    str_add(&text, "[");
    for (int fd = 0; fd < 3; fd++) {
        str_add(&text, fd ? "," : "");
        str_add_json(&text, s->stdio[fd]);
    }
    str_add(&text, "]");
    if ((r = io_write_atomic(i->dir, "descriptors.json", text.text, text.len, 0600)) < 0)
        return op_fail(op, -r, "%s/descriptors.json", i->path);
    return 0;
}

/* Other images than runc's and ours have no such file: then no pipe is expected either. */
void images_add_pipes(struct op *op, const struct images *i, struct str *options)
{
    struct json_place place;
    struct json *j = NULL;
    const char *why;
    char *text;
    size_t n;

    if (io_read_at(i->dir, "descriptors.json", op->arena, STREAMS_MAX, &text, &n) < 0 || json_parse(text, n, &j, &place, &why) < 0)
        return;
    for (size_t fd = 0; json_kind(j) == JSON_ARRAY && fd < json_count(j) && fd < 3; fd++) {
        const char *stream = json_string(json_item(j, fd));

        if (stream && str_starts(stream, "pipe:"))
            criu_add_inherited(options, stream, (int) fd);
    }
    json_free(j);
}
