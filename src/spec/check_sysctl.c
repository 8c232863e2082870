#include <sched.h>
#include <string.h>
#include "spec/decode.h"

#define IPC_REFUSAL "sysctl \"", "\" is not allowed in the hosts ipc namespace"

/* Only what belongs to a namespace of the container can be set without changing the host. The first
 * row that fits decides; a name that ends with a dot stands for all that begin with it. */
static const struct sysctl_rule {
    const char *name;
    int64_t needs;              /* CLONE_NEW*; 0: never allowed */
    const char *before, *after; /* the refusal around the sysctl's name */
} rules[] = {
    { "kernel.msgmax", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.msgmnb", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.msgmni", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.sem", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.shmall", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.shmmax", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.shmmni", CLONE_NEWIPC, IPC_REFUSAL },
    { "kernel.shm_rmid_forced", CLONE_NEWIPC, IPC_REFUSAL },
    { "fs.mqueue.", CLONE_NEWIPC, IPC_REFUSAL },
    { "net.", CLONE_NEWNET, "sysctl \"", "\" not allowed in host network namespace" },
    { "user.", CLONE_NEWUSER, "setting ucounts without a user namespace not allowed: ", "" },
    { "kernel.hostname", 0, "sysctl \"", "\" is not allowed as it conflicts with the OCI \"hostname\" field" },
    { "kernel.domainname", CLONE_NEWUTS, "sysctl \"", "\" is not in a separate kernel namespace" },
    { "", 0, "sysctl \"", "\" is not in a separate kernel namespace" },
};

char *spec_sysctl_name(struct arena *a, const char *name, char separator)
{
    char *spelt = arena_strdup(a, name), first = spelt[strcspn(spelt, "./")];

    if (first && first != separator)
        for (char *c = spelt; *c; c++)
            *c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
    return spelt;
}

/* A path of names below /proc/sys: none is empty, "." or "..", whose dots are slashes in this form. */
static bool is_name(const char *dotted)
{
    size_t n;

    for (const char *p = dotted; ; p += n + 1) {
        n = strcspn(p, ".");
        if (n == 0 || strspn(p, "/") == n)
            return false;
        if (p[n] == '\0')
            return true;
    }
}

static bool rule_fits(const struct sysctl_rule *r, const char *dotted)
{
    size_t n = strlen(r->name);

    return n == 0 || r->name[n - 1] == '.' ? str_starts(dotted, r->name) : str_eq(dotted, r->name);
}

void spec_check_sysctls(struct op *op, const struct spec_linux *linux_, int64_t own)
{
    for (size_t i = 0; i < linux_->sysctl.n; i++) {
        const char *name = linux_->sysctl.v[i].key, *dotted = spec_sysctl_name(op->arena, name, '.');
        const struct sysctl_rule *r = rules;

        while (!rule_fits(r, dotted))
            r++;
        if (!is_name(dotted))
            op_fault(op, spec_pointer(op, "/linux/sysctl", name), "not the name of a sysctl: \"%.200s\"", name);
        else if (!(own & r->needs))
            op_fault(op, spec_pointer(op, "/linux/sysctl", name), "%s%.200s%s", r->before, name, r->after);
    }
}
