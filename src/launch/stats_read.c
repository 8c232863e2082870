#include "launch/stats_read.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup_file.h"

enum {
    FIRST_BUFFER = 16 << 10,    /* holds nearly all files … */
    MAX_BUFFER = 16 << 20,      /* … and this all that thousands of CPUs and devices make of one */
};

/* ---- One file ------------------------------------------------------------------------------- */

static void grow(struct stats_reader *r, size_t used)
{
    size_t size = r->size ? 2 * r->size : FIRST_BUFFER;
    char *grown = arena_alloc(r->op->arena, size);

    if (used)
        memcpy(grown, r->buffer, used);
    r->buffer = grown;
    r->size = size;
}

/* The kernel hands such a file out with one read, if there is room. */
static int read_text(struct stats_reader *r, const char *file)
{
    auto_close int fd = cgroup_file_open(r->dir, "/", file, O_RDONLY);
    size_t len = 0;
    ssize_t n;

    if (fd < 0)
        return fd;
    do {
        if (len + 1 >= r->size)
            grow(r, len);
        if (r->size > MAX_BUFFER)
            return -EFBIG;
        n = read(fd, r->buffer + len, r->size - len - 1);
        len += n > 0 ? (size_t) n : 0;
    } while (len + 1 == r->size || (n < 0 && errno == EINTR));
    r->buffer[len] = '\0';
    return n < 0 ? -errno : 0;
}

/* ENODEV: the cgroup has just been removed. EOPNOTSUPP: pressure is not measured (psi=0). */
static bool is_absent(int r)
{
    return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP;
}

int stats_read_file(struct stats_reader *r, const char *file, stats_parse_fn *parse, void *ret)
{
    int err = read_text(r, file);

    if (is_absent(err) || (err < 0 && r->lenient))
        return 0;
    if (err == 0)
        err = parse(r->op->arena, r->buffer, ret);
    return err < 0 ? op_fail(r->op, -err, "reading %s of cgroup %s", file, r->name) : 1;
}

/* ---- Tables --------------------------------------------------------------------------------- */

int stats_read_files(struct stats_reader *r, const struct stats_file *rows, const char *controllers)
{
    int n;

    for (; rows->file; rows++) {
        if ((r->brief && rows->use == STATS_DETAIL) || !str_has_word(controllers, ", ", rows->controller))
            continue;
        if ((n = stats_read_file(r, rows->file, rows->parse, (char *) r->stats + rows->offset)) < 0)
            return n;
        if (n > 0)
            r->stats->known |= rows->known;
    }
    return 0;
}

/* ---- Huge pages ----------------------------------------------------------------------------- */

/* "2MB" of "hugetlb.2MB.current"; NULL for other names. */
static const char *page_size(struct arena *a, const char *name, const char *ending)
{
    static const char first[] = "hugetlb.";
    const char *size, *dot;

    if (!str_starts(name, first))
        return NULL;
    size = name + strlen(first);
    dot = strchr(size, '.');
    return dot && str_eq(dot + 1, ending) ? arena_strndup(a, size, (size_t) (dot - size)) : NULL;
}

static int compare_sizes(const void *a, const void *b)
{
    return strcmp(((const struct stats_hugetlb *) a)->size, ((const struct stats_hugetlb *) b)->size);
}

enum { MAX_SIZES = 32 };        /* no processor has as many */

static int list_sizes(struct stats_reader *r, const char *ending, struct stats_hugetlb list[MAX_SIZES], size_t *ret_n)
{
    int fd = cgroup_file_open(r->dir, "/", NULL, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *d;

    if (!dir) {
        fd_close(&fd);
        return 0;               /* gone */
    }
    while (*ret_n < MAX_SIZES && (d = readdir(dir)))
        if ((list[*ret_n].size = page_size(r->op->arena, d->d_name, ending)))
            ++*ret_n;
    closedir(dir);
    qsort(list, *ret_n, sizeof(*list), compare_sizes);
    return 0;
}

int stats_read_hugetlb(struct stats_reader *r, const char *ending,
                       int (*one)(struct stats_reader *r, const char *prefix, struct stats_hugetlb *ret))
{
    struct stats_hugetlb *list = arena_array(r->op->arena, MAX_SIZES, sizeof(*list));
    size_t n = 0;
    int err = list_sizes(r, ending, list, &n);

    for (size_t i = 0; err == 0 && i < n; i++)
        err = one(r, arena_printf(r->op->arena, "hugetlb.%s", list[i].size), &list[i]);
    if (err == 0)
        r->stats->hugetlb = (struct stats_hugetlbs) { list, n };
    return err;
}
