#include "criu.h"
#include <string.h>
#include "text.h"

unsigned criu_flags(const struct criu_values *values)
{
    return (values->tcp_established ? PROA_CRIU_TCP_ESTABLISHED : 0) |
           (values->tcp_skip_in_flight ? PROA_CRIU_TCP_SKIP_IN_FLIGHT : 0) |
           (values->link_remap ? PROA_CRIU_LINK_REMAP : 0) |
           (values->ext_unix_sk ? PROA_CRIU_EXT_UNIX_SK : 0) |
           (values->shell_job ? PROA_CRIU_SHELL_JOB : 0) |
           (values->file_locks ? PROA_CRIU_FILE_LOCKS : 0) |
           (values->lazy_pages ? PROA_CRIU_LAZY_PAGES : 0) |
           (values->auto_dedup ? PROA_CRIU_AUTO_DEDUP : 0);
}

int criu_cgroups(const struct criu_values *values, char **ret_fault)
{
    static const char *const modes[] = {
        [PROA_CRIU_CGROUPS_SOFT] = "soft", [PROA_CRIU_CGROUPS_FULL] = "full", [PROA_CRIU_CGROUPS_STRICT] = "strict",
        [PROA_CRIU_CGROUPS_IGNORE] = "ignore",
    };

    if (values->empty_ns && *values->empty_ns && strcmp(values->empty_ns, "network")) {
        *ret_fault = text_format("namespace \"%s\" is not supported", values->empty_ns);
        return -1;
    }
    if (!values->cgroups || !*values->cgroups)
        return PROA_CRIU_CGROUPS_SOFT;
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
        if (!strcmp(values->cgroups, modes[i]))
            return (int) i;
    *ret_fault = text_format("Invalid manage-cgroups-mode value: %s", values->cgroups);
    return -1;
}
