/* mount_new.c - a new file system: fsopen, its options, fsmount. */
#include "init/mounts.h"

enum { VALUE_MAX = 255 };       /* of a string given to fsconfig(2) */

/* The kernel leaves a message in the file system's descriptor: "e tmpfs: Bad value for 'size'". */
static int fs_fail(struct init *in, int fs, enum init_call call, int err)
{
    char text[sizeof in->fault.text];
    long n = sys_read(fs, text, sizeof text - 1);

    if (n > 2) {
        text[n] = '\0';
        init_say(in, text + 2);
    }
    return init_fail(in, call, err);
}

static int fs_set(struct init *in, int fs, const char *key, const char *value)
{
    int r = sys_fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value);

    if (r >= 0)
        return 0;
    fs_fail(in, fs, CALL_fsconfig, r);
    if (!in->fault.text[0]) {
        init_say(in, "option ");
        init_say(in, key);
        init_say(in, value && text_length(value) > VALUE_MAX ? ": the kernel takes no value of more than 255 bytes" : "");
    }
    return -1;
}

/* tmpfs: the new root looks like the directory that it covers. Ids that are not mapped here cannot be given. */
static int inherit_mode(struct init *in, int fs, const struct statx *covered)
{
    char number[24];

    if (fs_set(in, fs, "mode", text_number(number, covered->stx_mode & 07777, 8)))
        return -1;
    if (covered->stx_uid && sys_fsconfig(fs, FSCONFIG_SET_STRING, "uid", text_number(number, covered->stx_uid, 10)) < 0)
        return 0;
    if (covered->stx_gid)
        sys_fsconfig(fs, FSCONFIG_SET_STRING, "gid", text_number(number, covered->stx_gid, 10));
    return 0;
}

static int fs_set_all(struct init *in, int fs, const struct plan_mount *m)
{
    const struct plan_pair *options = plan_at(in->plan, m->data.at);

    for (uint32_t i = 0; i < m->data.n; i++)
        if (fs_set(in, fs, plan_text(in->plan, options[i].key), plan_text(in->plan, options[i].value)))
            return -1;
    return 0;
}

static int fs_configure(struct init *in, int fs, const struct plan_mount *m, const struct statx *covered)
{
    int r;

    if (m->source && fs_set(in, fs, "source", plan_text(in->plan, m->source)))
        return -1;
    if (fs_set_all(in, fs, m))
        return -1;
    if ((m->flags & PLAN_MOUNT_INHERIT_MODE) && inherit_mode(in, fs, covered))
        return -1;
    r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
    return r < 0 ? fs_fail(in, fs, CALL_fsconfig, r) : 0;
}

static int fs_make(struct init *in, const struct plan_mount *m, const struct statx *covered)
{
    const char *fstype = plan_text(in->plan, m->fstype);
    auto_close int fs = sys_fsopen(fstype);
    int tree;

    if (fs == -ENODEV) {
        init_say(in, "this kernel has no file system of type ");
        init_say(in, fstype);
    }
    if (fs < 0)
        return init_fail(in, CALL_fsopen, fs);
    if (fs_configure(in, fs, m, covered))
        return -1;
    tree = sys_fsmount(fs, mount_attributes(m));
    return tree < 0 ? fs_fail(in, fs, CALL_fsmount, tree) : tree;
}

/* A sysfs shows the devices of a network namespace, and is given only to the root of the user namespace that owns it. */
static void explain_sysfs(struct init *in, const struct plan_mount *m)
{
    if (in->fault.err == EPERM && text_equal(plan_text(in->plan, m->fstype), "sysfs") && has_user_namespace(in->plan))
        init_say(in, "with a user namespace sysfs needs a network namespace of the container's own; without one bind /sys "
                     "(options rbind, ro) instead");
}

/* A runtime without privilege may show its own cgroup; where there is none nothing is to be seen (CVE-2023-25809). */
static int mount_fallback(struct init *in, const struct plan_mount *m)
{
    int tree;

    in->fault.text[0] = '\0';
    tree = mount_bind(in, m, plan_text(in->plan, m->fallback));
    if (tree >= 0 || in->fault.err != ENOENT || !flagged(in, PLAN_ROOTLESS))
        return tree;
    in->fault.text[0] = '\0';
    return mount_empty(in);
}

int mount_new(struct init *in, const struct plan_mount *m, const struct statx *covered)
{
    int tree = fs_make(in, m, covered);

    if (tree >= 0)
        return tree;
    if (m->fallback && (in->fault.err == EPERM || in->fault.err == EBUSY))
        return mount_fallback(in, m);
    explain_sysfs(in, m);
    return -1;
}

int mount_reconfigure(struct init *in, const struct plan_mount *m, int mount)
{
    auto_close int fs = sys_fspick(mount);
    int r;

    if (fs < 0)
        return init_fail_text(in, CALL_fsopen, fs, "remount");
    if (fs_set_all(in, fs, m))
        return -1;
    r = sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL);
    return r < 0 ? fs_fail(in, fs, CALL_fsconfig, r) : 0;
}

/* For file systems that take no context= option. */
int mount_label(struct init *in, const char *label, int tree)
{
    auto_close int root = sys_openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = root < 0 ? root : sys_fsetxattr(root, "security.selinux", label, text_length(label));

    return r < 0 ? init_fail_text(in, CALL_none, r, "linux.mountLabel") : 0;
}
