/* The features document (runtime-spec features.md, features-linux.md): only what this build really does. */
#include <stdio.h>
#include "base/str.h"
#include "container/container.h"
#include "container/version.h"
#include "host/host.h"
#include "launch/systemd.h"
#include "plan/mount_options.h"
#include "plan/syscalls.h"
#include "spec/words.h"

static void add_text(struct str *s, const char *text)
{
    char last = s->text[s->len - 1];

    str_add(s, last == '[' || last == '{' ? "" : ",");
    str_add_json(s, text);
}

static void open_member(struct str *s, const char *name, const char *bracket)
{
    add_text(s, name);
    str_add(s, ":");
    str_add(s, bracket);
}

static void add_words(struct str *s, const char *name, const struct words *words)
{
    open_member(s, name, "[");
    for (const struct word *w = words->list; w->name; w++)
        add_text(s, w->name);
    str_add(s, "]");
}

static void add_flag(struct str *s, const char *name, bool value)
{
    open_member(s, name, value ? "true" : "false");
}

/* {"name":{"enabled":false}} */
static void add_enabled(struct str *s, const char *name, bool enabled)
{
    open_member(s, name, "{");
    add_flag(s, "enabled", enabled);
    str_add(s, "}");
}

static void add_hooks(struct str *s)
{
    open_member(s, "hooks", "[");
    for (size_t i = 0; i < PLAN_HOOK_KINDS; i++)
        add_text(s, plan_hook_names[i]);
    str_add(s, "]");
}

static void add_mount_options(struct str *s)
{
    const char *name;

    open_member(s, "mountOptions", "[");
    for (size_t i = 0; (name = mount_option_name(i)); i++)
        add_text(s, name);
    str_add(s, "]");
}

/* `supported`: what the kernel answers for, not what is known. */
static void add_seccomp_flags(struct str *s, const char *name, uint32_t supported)
{
    open_member(s, name, "[");
    for (const struct word *w = words_seccomp_flag.list; w->name; w++)
        if (supported & (uint32_t) w->value)
            add_text(s, w->name);
    str_add(s, "]");
}

static void add_seccomp(struct str *s)
{
    struct host host = { 0 };

    host_read_seccomp(&host);
    open_member(s, "seccomp", "{");
    add_flag(s, "enabled", true);
    add_words(s, "actions", &words_seccomp_action);
    add_words(s, "operators", &words_seccomp_operator);
    add_words(s, "archs", &words_seccomp_arch);
    add_seccomp_flags(s, "knownFlags", UINT32_MAX);
    add_seccomp_flags(s, "supportedFlags", host.seccomp_flags);
    str_add(s, "}");
}

static void add_linux(struct str *s)
{
    open_member(s, "linux", "{");
    add_words(s, "namespaces", &words_namespace);
    add_words(s, "capabilities", &words_capability);
    open_member(s, "cgroup", "{");
    add_flag(s, "v1", true);
    add_flag(s, "v2", true);
    add_flag(s, "systemd", systemd_is_built_in());
    add_flag(s, "systemdUser", systemd_is_built_in());
    add_flag(s, "rdma", true);
    str_add(s, "}");
    add_seccomp(s);
    add_enabled(s, "apparmor", true);
    add_enabled(s, "selinux", true);
    open_member(s, "intelRdt", "{");
    add_flag(s, "enabled", true);
    add_flag(s, "schemata", true);
    add_flag(s, "monitoring", true);
    str_add(s, "}");
    open_member(s, "memoryPolicy", "{");
    add_words(s, "modes", &words_memory_policy);
    add_words(s, "flags", &words_memory_policy_flag);
    str_add(s, "}");
    open_member(s, "mountExtensions", "{");
    add_enabled(s, "idmap", true);
    str_add(s, "}");
    add_enabled(s, "netDevices", true);
    str_add(s, "}");
}

/* Names under which clients know these facts of runc. */
static void add_annotations(struct str *s)
{
    open_member(s, "annotations", "{");
    str_add_member(s, "io.github.seccomp.libseccomp.version", syscall_source);
    str_add_member(s, "org.opencontainers.runc.checkpoint.enabled", "true");
    str_add_member(s, "org.opencontainers.runc.commit", PROA_COMMIT);
    str_add_member(s, "org.opencontainers.runc.version", PROA_VERSION);
    str_add(s, "}");
}

int features_json(struct op *op, char **ret)
{
    struct str s, pretty;

    str_init(&s, op->arena);
    str_add(&s, "{");
    str_add_member(&s, "ociVersionMin", "1.0.0");
    str_add_member(&s, "ociVersionMax", PROA_SPEC_VERSION);
    add_hooks(&s);
    add_mount_options(&s);
    add_linux(&s);
    add_annotations(&s);
    open_member(&s, "potentiallyUnsafeConfigAnnotations", "[");
    add_text(&s, "bundle");
    add_text(&s, "org.criu.config");
    if (systemd_is_built_in())
        add_text(&s, "org.systemd.property.");
    add_text(&s, "run.oci.keep_original_groups");
    str_add(&s, "]}");
    str_init(&pretty, op->arena);
    str_add_indented(&pretty, s.text, "    ");
    str_add(&pretty, "\n");
    *ret = pretty.text;
    return 0;
}
