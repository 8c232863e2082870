/* lookup.c - finds the program before the container counts as created, as its user and inside of it. */
#include "init/init.h"

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* 0 or -errno; *ret_exists when only its kind or its mode is wrong. */
static int check(const char *path, bool *ret_exists)
{
    struct statx st;
    int r = sys_statx(AT_FDCWD, path, 0, STATX_TYPE, &st);

    *ret_exists = r >= 0;
    if (r < 0)
        return r;
    if ((st.stx_mode & S_IFMT) == S_IFDIR)
        return -EISDIR;
    return sys_faccessat2(AT_FDCWD, path, SYS_X_OK, AT_EACCESS);
}

/* Writes directory/name. An empty directory is the working directory. */
static bool join(char path[PATH_MAX], const char *directory, size_t n, const char *name)
{
    if (n + 2 > PATH_MAX)
        return false;
    memcpy(path, directory, n);
    path[n] = '\0';
    return text_append(path, PATH_MAX, n ? "/" : "./") && text_append(path, PATH_MAX, name);
}

static int search(struct init *in, const char *name)
{
    const char *at = in->plan->path ? plan_text(in->plan, in->plan->path) : default_path;
    bool exists;

    while (*at) {
        size_t n = 0;

        while (at[n] && at[n] != ':')
            n++;
        if (join(in->path, at, n, name) && check(in->path, &exists) == 0) {
            in->program = in->path;
            return 0;
        }
        at += n + (at[n] == ':');
    }
    return init_fail(in, CALL_lookup, -ENOENT);
}

static bool has_slash(const char *s)
{
    while (*s && *s != '/')
        s++;
    return *s == '/';
}

int step_lookup(struct init *in)
{
    const uint64_t *argv = plan_at(in->plan, in->plan->argv.at);
    const char *name = plan_at(in->plan, (plan_ref) argv[0]);
    bool exists;
    int r;

    if (!*name || !has_slash(name))
        return search(in, name);
    in->program = name;
    r = check(name, &exists);
    return r < 0 ? init_fail(in, exists ? CALL_lookup : CALL_stat, r) : 0;
}
