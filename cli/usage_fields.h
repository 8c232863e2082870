/* usage_fields.h - the numbers of a container, as machines are told them: a row of data each. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <proa/proa.h>

enum usage_kind { USAGE_COUNTER, USAGE_GAUGE };

/* In JSON "GROUP":{"NAME":…}, as a metric proa_GROUP_NAME. The unit is the name's last word: "seconds" (nanoseconds inside) or "bytes";
 * other names count things. */
struct usage_field {
    const char *group, *name, *help;
    enum usage_kind kind;
    unsigned known; /* PROA_USAGE_* */
    size_t offset;  /* in struct proa_usage */
};

/* One without a group ends it. Those of a group stand together. */
extern const struct usage_field usage_fields[];

/* False when it is not known. A limit that there is not is PROA_USAGE_NO_LIMIT. */
bool usage_value(const struct usage_field *field, const struct proa_usage *usage, uint64_t *ret);
/* "seconds", "bytes" or NULL. */
const char *usage_unit(const struct usage_field *field);
void usage_write_value(FILE *out, const struct usage_field *field, uint64_t value);
/* Nanoseconds as seconds, without zeros at the end: "1.5". */
void usage_write_seconds(FILE *out, uint64_t nanoseconds);
