/* Mount options: the vocabulary, and what each kind of word does to one mount. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>
#include "plan/mount_options.h"

/* The words that the specification and its users know, apart from those that are refused. */
static const char *const vocabulary[] = {
    "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "iversion", "lazytime", "loud", "mand",
    "noatime", "nodev", "nodiratime", "noexec", "noiversion", "nolazytime", "nomand", "norelatime", "nostrictatime",
    "nosuid", "nosymfollow", "private", "ratime", "rbind", "rdev", "rdiratime", "relatime", "remount", "rexec", "rnoatime", "rnodev",
    "rnodiratime", "rnoexec", "rnorelatime", "rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rprivate", "rrelatime",
    "rro", "rrw", "rshared", "rslave", "rstrictatime", "rsuid", "rsymfollow", "runbindable", "rw", "shared", "silent",
    "slave", "strictatime", "suid", "symfollow", "sync", "tmpcopyup", "unbindable",
};
enum { N_WORDS = sizeof(vocabulary) / sizeof(vocabulary[0]) };

static void test_vocabulary(void **state)
{
    (void) state;
    for (size_t i = 0; i < N_WORDS; i++)
        assert_string_equal(mount_option_name(i), vocabulary[i]);
    assert_null(mount_option_name(N_WORDS));
    for (size_t i = 1; i < N_WORDS; i++)
        assert_true(strcmp(mount_option_name(i - 1), mount_option_name(i)) < 0);
}

static struct plan *plan_mount(struct arena *a, struct op *op, const char *type, const char *options)
{
    const char *words[8];
    struct spec_mount mount = { .destination = "/t", .source = "/s", .type = type, .options = { true, words, 0 } };
    struct spec_namespace ns = { .type = { true, CLONE_NEWNS } };
    struct spec_linux linux_ = { .namespaces = { &ns, 1 } };
    struct spec_process process = { .cwd = "/", .args = { true, (const char *[]) { "x" }, 1 } };
    struct spec_root root = { .path = "rootfs" };
    struct spec spec = { .root = &root, .process = &process, .linux_ = &linux_, .mounts = { &mount, 1 } };
    struct host host = { .last_cap = 40 };
    struct plan_request request = { .id = "ID", .bundle = "/b", .rootless = -1 };
    struct plan *plan = NULL;
    char *rest = arena_strdup(a, options);

    for (char *word; (word = strsep(&rest, " ")) && *word;)
        words[mount.options.n++] = word;
    op_init(op, a);
    plan_make(op, &spec, &host, &request, &plan);
    return plan;
}

enum { SUID = MOUNT_ATTR_NOSUID, DEV = MOUNT_ATTR_NODEV, EXEC = MOUNT_ATTR_NOEXEC, RO = MOUNT_ATTR_RDONLY };
enum { DIRA = MOUNT_ATTR_NODIRATIME, SYM = MOUNT_ATTR_NOSYMFOLLOW, NOA = MOUNT_ATTR_NOATIME, STRICT = MOUNT_ATTR_STRICTATIME };
enum { TIME = MOUNT_ATTR__ATIME, ALL = RO | SUID | DEV | EXEC | SYM };

static const struct { const char *options; uint64_t set, clr, must, rec_set, rec_clr; } binds[] = {
    { "bind", 0, 0, 0, 0, 0 },
    { "bind defaults", 0, 0, 0, 0, 0 },
    { "bind rw", 0, ALL, RO, 0, 0 },
    { "bind ro", RO, ALL & ~RO, 0, 0, 0 },
    { "bind ro rw", 0, ALL, RO, 0, 0 },
    { "bind rw ro", RO, ALL & ~RO, 0, 0, 0 },
    { "bind nosuid nodev noexec", SUID | DEV | EXEC, RO | SYM, 0, 0, 0 },
    { "bind suid dev exec symfollow", 0, ALL, SUID | DEV | EXEC | SYM, 0, 0 },
    { "bind nosymfollow", SYM, ALL & ~SYM, 0, 0, 0 },
    { "bind noatime", NOA, ALL | TIME | DIRA, 0, 0, 0 },
    { "bind noatime atime", 0, ALL, 0, 0, 0 },
    { "bind strictatime noatime", STRICT, ALL | TIME | DIRA, 0, 0, 0 },
    { "bind relatime", 0, ALL | TIME | DIRA, 0, 0, 0 },
    { "bind nodiratime", DIRA, ALL | TIME, 0, 0, 0 },
    { "bind diratime", 0, ALL | DIRA, DIRA, 0, 0 },
    { "bind sync", 0, ALL, 0, 0, 0 },
    { "bind async", 0, ALL, 0, 0, 0 },
    { "bind silent", 0, ALL, 0, 0, 0 },
    { "bind rro", 0, 0, 0, RO, 0 },
    { "bind rrw", 0, 0, 0, 0, RO },
    { "bind rro rrw", 0, 0, 0, 0, RO },
    { "bind rrw rro", 0, 0, 0, RO, 0 },
    { "bind rnosuid rnodev rnoexec", 0, 0, 0, SUID | DEV | EXEC, 0 },
    { "bind rnoatime", 0, 0, 0, NOA, TIME },
    { "bind rnoatime rro", 0, 0, 0, NOA | RO, TIME },
    { "bind rnoatime rstrictatime", 0, 0, 0, STRICT, TIME },
    { "bind rstrictatime rrelatime", 0, 0, 0, 0, TIME },
    { "bind ratime", 0, 0, 0, 0, TIME },
    { "bind ratime rnoatime", 0, 0, 0, NOA, TIME },
    { "bind rnoatime ratime", 0, 0, 0, 0, TIME },
    { "bind rnorelatime", 0, 0, 0, 0, 0 },
    { "bind rnodiratime rdiratime", 0, 0, 0, 0, DIRA },
    { "bind ro rrw", RO, ALL & ~RO, 0, 0, RO },
};

static void test_binds(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
        struct arena *a = arena_new();
        struct op op;
        struct plan *p = plan_mount(a, &op, "none", binds[i].options);
        const struct plan_mount *m;

        assert_non_null(p);
        m = PLAN_ITEMS(p, mounts, struct plan_mount);
        if (m->attr_set != binds[i].set || m->attr_clr != binds[i].clr || m->must_clr != binds[i].must)
            fail_msg("%s: set %llx clr %llx must %llx", binds[i].options, m->attr_set, m->attr_clr, m->must_clr);
        if (m->rec_set != binds[i].rec_set || m->rec_clr != binds[i].rec_clr)
            fail_msg("%s: tree: set %llx clr %llx", binds[i].options, m->rec_set, m->rec_clr);
        assert_int_equal(!!(m->flags & PLAN_MOUNT_EXACT), m->attr_clr != 0);
        arena_free(a);
    }
}

/* New file systems on a source with a "/" in front: a device, so that "ro" is also told to the file system. */
static const struct { const char *type, *options, *data; uint64_t set; uint32_t flags; } news[] = {
    { "tmpfs", "", "", 0, PLAN_MOUNT_INHERIT_MODE },
    { "tmpfs", "mode=755", "mode=755", 0, 0 },
    { "tmpfs", "size=1m,mode=755,,nr_inodes=5", "size=1m mode=755 nr_inodes=5", 0, 0 },
    { "tmpfs", "ro mode=1", "mode=1 ro", 0, PLAN_MOUNT_RO_LATE },
    { "tmpfs", "tmpcopyup mode=1", "mode=1", 0, PLAN_MOUNT_COPY_UP },
    { "xfs", "tmpcopyup", "", 0, 0 },
    { "xfs", "ro", "ro", RO, 0 },
    { "xfs", "ro sync dirsync lazytime mand silent iversion", "ro sync dirsync lazytime mand", RO, 0 },
    { "xfs", "sync async lazytime nolazytime", "", 0, 0 },
    { "xfs", "acl user_xattr data=x", "acl user_xattr data=x", 0, 0 },
    { "xfs", "context=\"a:b,c\",x=\"\"", "context=a:b,c x=", 0, 0 },
    { "xfs", "x=\" y=\"z", "x=\" y=\"z", 0, 0 },
    { "overlay", "lowerdir=/a\\,b,upperdir=/c", "lowerdir=/a\\,b upperdir=/c", 0, 0 },
    { "overlay", "x\\", "x\\", 0, 0 },
    { "proc", "hidepid=2 noatime nodiratime", "hidepid=2", NOA | DIRA, PLAN_MOUNT_PLAIN_DIR | PLAN_MOUNT_IS_PROC },
    { "sysfs", "strictatime nosuid", "", STRICT | SUID, PLAN_MOUNT_PLAIN_DIR },
    { "mqueue", "noexec nodev nosymfollow", "", EXEC | DEV | SYM, 0 },
};

static const char *data_text(struct arena *a, const struct plan *p, const struct plan_mount *m)
{
    const struct plan_pair *pair = plan_at(p, m->data.at);
    struct str s;

    str_init(&s, a);
    for (uint32_t i = 0; i < m->data.n; i++) {
        const char *value = plan_text(p, pair[i].value);

        str_addf(&s, "%s%s%s%s", s.len ? " " : "", plan_text(p, pair[i].key), value ? "=" : "", value ? value : "");
    }
    return s.text;
}

static void test_news(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(news) / sizeof(news[0]); i++) {
        struct arena *a = arena_new();
        struct op op;
        struct plan *p = plan_mount(a, &op, news[i].type, news[i].options);
        const struct plan_mount *m;

        assert_non_null(p);
        m = PLAN_ITEMS(p, mounts, struct plan_mount);
        assert_string_equal(data_text(a, p, m), news[i].data);
        assert_int_equal(m->attr_set, news[i].set);
        assert_int_equal(m->flags, news[i].flags);
        assert_int_equal(m->attr_clr, 0);
        arena_free(a);
    }
}

static const struct { const char *type, *options, *message; } refused[] = {
    { "bind", "bind idmap", "/mounts/0: id-mapped mounts must have both uid and gid mappings specified" },
    { "bind", "rbind ro ridmap", "/mounts/0: id-mapped mounts must have both uid and gid mappings specified" },
    { "tmpfs", "idmap", "/mounts/0: id-mapped mounts are only supported for bind-mounts" },
    { "bind", "bind remount size=1", "/mounts/0: bind mounts cannot have any filesystem-specific options applied (found \"size\")" },
    { "bind", "bind size=1", "/mounts/0: bind mounts cannot have any filesystem-specific options applied (found \"size\")" },
    { "none", "rbind acl", "/mounts/0: bind mounts cannot have any filesystem-specific options applied (found \"acl\")" },
    { NULL, "ro", "/mounts/0: type is required unless it is a bind mount" },
};

static void test_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct arena *a = arena_new();
        struct op op;

        assert_null(plan_mount(a, &op, refused[i].type, refused[i].options));
        assert_string_equal(op.message, refused[i].message);
        assert_int_equal(op.code, OP_CONFIG);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vocabulary), cmocka_unit_test(test_binds), cmocka_unit_test(test_news),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
