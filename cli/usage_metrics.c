/* One look as OpenMetrics text 1.0: families in the order of the table, in each the containers in theirs. */
#include <stdio.h>
#include "text.h"
#include "usage.h"
#include "usage_fields.h"

/* A label's value, with its quotes. */
static void write_label(FILE *out, const char *value)
{
    fputc('"', out);
    for (; *value; value++) {
        if (*value == '\n')
            fputs("\\n", out);
        else if (*value == '"' || *value == '\\')
            fprintf(out, "\\%c", *value);
        else
            fputc(*value, out);
    }
    fputc('"', out);
}

static void write_head(FILE *out, const struct usage_field *field)
{
    const char *unit = usage_unit(field);

    fprintf(out, "# TYPE proa_%s_%s %s\n", field->group, field->name, field->kind == USAGE_COUNTER ? "counter" : "gauge");
    if (unit)
        fprintf(out, "# UNIT proa_%s_%s %s\n", field->group, field->name, unit);
    fprintf(out, "# HELP proa_%s_%s %s.\n", field->group, field->name, field->help);
}

static void write_family(FILE *out, const struct usage_field *field, const struct usage_look *look)
{
    uint64_t value;

    write_head(out, field);
    for (size_t i = 0; i < look->count; i++) {
        if (!usage_value(field, &look->rows[i].now, &value) || value == PROA_USAGE_NO_LIMIT)
            continue;
        fprintf(out, "proa_%s_%s%s{id=", field->group, field->name, field->kind == USAGE_COUNTER ? "_total" : "");
        write_label(out, look->rows[i].id);
        fputs("} ", out);
        usage_write_value(out, field, value);
        fputc('\n', out);
    }
}

char *usage_metrics(const struct usage_look *look)
{
    struct text text;

    text_stream(&text);
    for (const struct usage_field *field = usage_fields; field->group; field++)
        write_family(text.out, field, look);
    fputs("# EOF\n", text.out);
    return text_take(&text);
}
