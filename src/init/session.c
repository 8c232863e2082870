/* session.c - the session of this process, and its keyring (session-keyring(7)). */
#include "init/init.h"
#include "init/label.h"

enum {
    /* What a new session keyring has: all for its possessor; view, read, link for its user. KEY_*_… are not in the
     * kernel's public headers. */
    KEYRING_PERMISSIONS = 0x3f000000 | 0x010000 | 0x020000 | 0x100000,
    KEY_USR_SEARCH = 0x080000, KEY_OTH_SEARCH = 0x08,
};

/* And search, so that a process that joins the keyring by its name finds what is in it. In a user namespace the key's
 * user may be somebody else than who joins. A process that exec adds leaves the keyring as it is. */
static long set_key_permissions(struct init *in, long ring)
{
    long search = has_user_namespace(in->plan) ? KEY_OTH_SEARCH : KEY_USR_SEARCH;

    return flagged(in, PLAN_EXEC) ? 0 : sys_keyctl(KEYCTL_SETPERM, ring, KEYRING_PERMISSIONS | search);
}

/* A kernel without keyrings has none to share. */
static int join_keyring(struct init *in)
{
    long ring = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, SYS_P(plan_text(in->plan, in->plan->keyring)), 0);

    if (ring == -ENOSYS)
        return 0;
    if (ring < 0)
        return init_fail_text(in, CALL_keyctl, (int) ring, "unable to join session keyring");
    ring = set_key_permissions(in, ring);
    return ring < 0 ? init_fail_text(in, CALL_keyctl, (int) ring, "unable to mod keyring permissions") : 0;
}

/* With an SELinux label the keyring has it, too. */
static int join_labelled_keyring(struct init *in)
{
    const char *label = plan_text(in->plan, in->plan->selinux);

    if (!label)
        return join_keyring(in);
    return label_set_keys(in, label) || join_keyring(in) || label_set_keys(in, NULL) ? -1 : 0;
}

int step_session(struct init *in)
{
    int r = sys_setsid();

    if (r < 0)
        return init_fail(in, CALL_setsid, r);
    return in->plan->keyring ? join_labelled_keyring(in) : 0;
}
