#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "launch/rdt.h"

/* NULL when there is no such file. */
static char *read_text(struct arena *a, int root, const char *dir, const char *file)
{
    char *text;

    return cgroup_file_read(root, dir, file, a, &text) < 0 ? NULL : text;
}

/* False when there is no such file. What the hardware cannot tell ("Unavailable") counts as 0. */
static bool read_number(struct arena *a, int root, const char *dir, const char *file, uint64_t *ret)
{
    const char *text = read_text(a, root, dir, file);

    if (text)
        *ret = strtoull(text, NULL, 10);
    return text;
}

static const char **split_lines(struct arena *a, const char *text, size_t *ret_n)
{
    const char **lines = arena_array(a, strlen(text) / 2 + 1, sizeof(*lines));
    size_t n = 0, len;

    for (; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        if (strspn(text, " \t") < len)
            lines[n++] = arena_strndup(a, text + strspn(text, " \t"), len - strspn(text, " \t"));
    }
    *ret_n = n;
    return lines;
}

/* The first line whose resource begins so: "L3" stands for L3CODE and L3DATA, too. */
static const char *find_line(const char *const *lines, size_t n, const char *resource)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(lines[i], resource))
            return lines[i];
    return NULL;
}

static void read_info(struct arena *a, int root, struct rdt_stats *s)
{
    s->cbm_mask = read_text(a, root, "/info/L3", "cbm_mask");
    read_number(a, root, "/info/L3", "min_cbm_bits", &s->min_cbm_bits);
    read_number(a, root, "/info/L3", "num_closids", &s->l3_closids);
    s->mb = read_number(a, root, "/info/MB", "bandwidth_gran", &s->bandwidth_gran);
    read_number(a, root, "/info/MB", "delay_linear", &s->delay_linear);
    read_number(a, root, "/info/MB", "min_bandwidth", &s->min_bandwidth);
    read_number(a, root, "/info/MB", "num_closids", &s->mb_closids);
}

static void read_schemata(struct arena *a, int root, const char *group, struct rdt_stats *s)
{
    const char *text = read_text(a, root, "/", "schemata"), **lines;
    size_t n;

    lines = split_lines(a, text ? text : "", &n);
    s->l3_root = s->cbm_mask ? find_line(lines, n, "L3") : NULL;
    s->mb_root = s->mb ? find_line(lines, n, "MB") : NULL;
    text = read_text(a, root, group, "schemata");
    s->schemata = split_lines(a, text ? text : "", &s->n_schemata);
    s->l3_schema = find_line(s->schemata, s->n_schemata, "L3");
    s->mb_schema = find_line(s->schemata, s->n_schemata, "MB");
}

static int is_l3_domain(const struct dirent *d)
{
    return str_starts(d->d_name, "mon_L3_");
}

static void read_domain(struct arena *a, int root, const char *dir, struct rdt_stats *s)
{
    struct rdt_domain *d = &s->domains[s->n_domains++];
    bool total = read_number(a, root, dir, "mbm_total_bytes", &d->mbm_total);
    bool local = read_number(a, root, dir, "mbm_local_bytes", &d->mbm_local);

    s->mbm = s->mbm || total || local;
    s->cmt = read_number(a, root, dir, "llc_occupancy", &d->llc_occupancy) || s->cmt;
}

static void read_monitor(struct arena *a, int root, const char *group, struct rdt_stats *s)
{
    char *mon_data = arena_printf(a, "%s/mon_data", str_eq(group, "/") ? "" : group);
    auto_close int dir = cgroup_file_open(root, mon_data, NULL, O_RDONLY | O_DIRECTORY);
    struct dirent **names = NULL;
    int n = dir < 0 ? 0 : scandirat(dir, ".", &names, is_l3_domain, alphasort);

    s->domains = arena_array(a, n > 0 ? (size_t) n : 0, sizeof(*s->domains));
    for (int i = 0; i < n; i++) {
        read_domain(a, root, arena_printf(a, "%s/%s", mon_data, names[i]->d_name), s);
        free(names[i]);
    }
    free(names);
}

int rdt_read_stats(struct op *op, const struct plan *p, struct rdt_stats *ret)
{
    auto_close int root = -1;
    struct rdt_stats s = { 0 };

    if (p->rdt.root) {
        root = open(plan_text(p, p->rdt.root), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0)
            return op_fail(op, errno, "intelRdt: the resctrl file system %s", plan_text(p, p->rdt.root));
        read_info(op->arena, root, &s);
        read_schemata(op->arena, root, plan_text(p, p->rdt.group), &s);
        read_monitor(op->arena, root, plan_text(p, p->rdt.monitor ? p->rdt.monitor : p->rdt.group), &s);
    }
    *ret = s;
    return 0;
}
