/* One look as JSON: {"time":…,"containers":[{"id":"…","cpu":{…},…},…]} */
#include <stdio.h>
#include <string.h>
#include "text.h"
#include "usage.h"
#include "usage_fields.h"

static void write_row(FILE *out, const struct usage_row *row)
{
    const char *group = NULL;
    uint64_t value;

    fputs("{\"id\":", out);
    text_quote_json(out, row->id);
    for (const struct usage_field *field = usage_fields; field->group; field++) {
        if (!usage_value(field, &row->now, &value))
            continue;
        if (!group || strcmp(group, field->group)) {
            fprintf(out, "%s,\"%s\":{", group ? "}" : "", field->group);
            group = field->group;
        } else {
            fputc(',', out);
        }
        fprintf(out, "\"%s\":", field->name);
        if (value == PROA_USAGE_NO_LIMIT)
            fputs("null", out);
        else
            usage_write_value(out, field, value);
    }
    fputs(group ? "}}" : "}", out);
}

char *usage_json(const struct usage_look *look)
{
    struct text text;

    text_stream(&text);
    fputs("{\"time\":", text.out);
    usage_write_seconds(text.out, (uint64_t) look->time);
    fputs(",\"containers\":[", text.out);
    for (size_t i = 0; i < look->count; i++) {
        if (i)
            fputc(',', text.out);
        write_row(text.out, &look->rows[i]);
    }
    fputs("]}\n", text.out);
    return text_take(&text);
}
