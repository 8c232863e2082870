#include <inttypes.h>
#include "plan/systemd.h"

/* systemd.resource-control(5), DeviceAllow=. NULL: it has no words for these devices. */
static const char *device_text(struct arena *a, const struct plan_device_rule *r)
{
    const char *type = r->type == 'b' ? "block" : "char";

    if (r->major == DEVICE_ANY)
        return r->minor == DEVICE_ANY ? arena_printf(a, "%s-*", type) : NULL;
    if (r->minor == DEVICE_ANY)
        return arena_printf(a, "%s-%" PRId64, type, r->major);
    return arena_printf(a, "/dev/%s/%" PRId64 ":%" PRId64, type, r->major, r->minor);
}

static const char *access_text(struct arena *a, uint32_t access)
{
    return arena_printf(a, "%s%s%s", access & PLAN_DEVICE_READ ? "r" : "", access & PLAN_DEVICE_WRITE ? "w" : "",
                        access & PLAN_DEVICE_MKNOD ? "m" : "");
}

/* It knows lists of what is allowed only. */
static bool has_words(struct arena *a, const struct device_rules *rules)
{
    for (size_t i = 0; i < rules->n; i++)
        if (rules->exceptions[i].access && !device_text(a, &rules->exceptions[i]))
            return false;
    return !rules->allow;
}

void systemd_add_devices(struct unit *u, const struct device_rules *rules)
{
    struct arena *a = u->op->arena;
    bool strict = has_words(a, rules);
    struct rows words;
    uint64_t n = 0;

    for (size_t i = 0; i < rules->n && strict; i++)
        n += rules->exceptions[i].access != 0;
    rows_init(&words, a, sizeof(uint64_t));
    unit_word(&words, n);
    for (size_t i = 0; i < rules->n && strict; i++) {
        if (!rules->exceptions[i].access)
            continue;
        unit_word(&words, block_text(u->block, device_text(a, &rules->exceptions[i])));
        unit_word(&words, block_text(u->block, access_text(a, rules->exceptions[i].access)));
    }
    unit_add_text(u, "DevicePolicy", strict ? "strict" : "auto");
    unit_add(u, "DeviceAllow", "a(ss)", &words);
}
