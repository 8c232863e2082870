#include <linux/mount.h>
#include "plan/make.h"

/* Private mounts below a root that is only moved, not pivoted to, would leave the host's tree reachable. */
static void check_propagation(struct make *m, uint64_t propagation)
{
    if (m->request->no_pivot && (propagation & MS_PRIVATE))
        op_fault(m->op, "/linux/rootfsPropagation", "[r]private is not safe without pivot_root (--no-pivot)");
}

/* What a container without a mount namespace asks for would happen to the host's own mounts. */
static void check_shared_mounts(struct make *m)
{
    static const char why[] = "needs a mount namespace: without one it would change the host's mounts";
    const struct { bool asked; const char *pointer; } items[] = {
        { m->spec->mounts.n > 0, "/mounts" },
        { m->linux_->devices.n > 0, "/linux/devices" },
        { m->spec->root->readonly.v, "/root/readonly" },
        { m->linux_->rootfs_propagation.set, "/linux/rootfsPropagation" },
    };

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        if (items[i].asked)
            op_fault_code(m->op, OP_UNSUPPORTED, items[i].pointer, "%s", why);
}

void make_rootfs(struct make *m)
{
    const opt_word *asked = &m->linux_->rootfs_propagation;
    uint64_t propagation = asked->set ? (uint64_t) asked->v : MS_SLAVE | MS_REC;

    m->plan.rootfs = block_text(&m->block, path_join(m->op->arena, m->request->bundle, m->spec->root->path));
    if (!(m->plan.flags & PLAN_PRIVATE_MOUNTS)) {
        check_shared_mounts(m);
        return;
    }
    check_propagation(m, propagation);
    if (m->linux_->mount_label && !m->host->selinux)
        op_fault(m->op, "/linux/mountLabel", "selinux label is specified in config, but selinux is disabled or not supported");
    m->plan.propagation = (uint32_t) propagation;
    /* What is unbindable cannot be copied to become the container's root: private until that is done. */
    if (propagation & MS_UNBINDABLE)
        m->plan.propagation ^= MS_UNBINDABLE | MS_PRIVATE;
    if (propagation & (MS_SHARED | MS_UNBINDABLE))
        m->plan.root_propagation = (uint32_t) propagation;
    if (m->spec->root->readonly.v)
        m->plan.flags |= PLAN_ROOT_READONLY;
}
