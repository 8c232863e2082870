#include "options.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "duration.h"
#include "text.h"

enum word_kind options_word(const char *word)
{
    char after = (char) (word[1] | 0x20);

    if (word[0] != '-')
        return WORD_POSITIONAL;
    if (!word[1])
        return WORD_DASH;
    if (word[1] == '-')
        return word[2] ? WORD_OPTION : WORD_END;
    return after >= 'a' && after <= 'z' ? WORD_OPTION : WORD_REST;
}

bool option_parse_bool(const char *text, bool *ret)
{
    static const char *const words[2][6] = {
        { "0", "f", "F", "false", "FALSE", "False" },
        { "1", "t", "T", "true", "TRUE", "True" },
    };

    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 6; i++) {
            if (!strcmp(text, words[value][i])) {
                *ret = value;
                return true;
            }
        }
    }
    return false;
}

static bool parse_unsigned(const char *text, unsigned *ret)
{
    unsigned long value;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtoul(text, &end, 0);
    if (errno || *end || value > UINT_MAX)
        return false;
    *ret = (unsigned) value;
    return true;
}

static bool list_append(struct option_list *list, const char *item)
{
    list->items = text_checked(reallocarray(list->items, list->count + 2, sizeof(*list->items)));
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
    return true;
}

static bool store_choice(int *field, const char *text)
{
    bool value;

    if (!option_parse_bool(text, &value))
        return false;
    *field = value ? 1 : -1;
    return true;
}

static bool store_duration(struct option_duration *field, const char *text)
{
    field->given = true;
    return duration_parse(text, &field->nanoseconds);
}

static bool option_store(const struct option *option, void *values, const char *text)
{
    void *field = (char *) values + option->offset;

    switch (option->type) {
    case OPTION_BOOL:
        return option_parse_bool(text, field);
    case OPTION_CHOICE:
        return store_choice(field, text);
    case OPTION_STRING:
        *(const char **) field = text;
        return true;
    case OPTION_UNSIGNED:
        return parse_unsigned(text, field);
    case OPTION_DURATION:
        return store_duration(field, text);
    case OPTION_LIST:
        return list_append(field, text);
    }
    return false;
}

static bool option_is(const struct option *option, const char *name, size_t length)
{
    if (length == 1 && option->letter == name[0])
        return true;
    return !strncmp(option->name, name, length) && !option->name[length];
}

/* The name in "--name", "-name=value" and so on. */
static const char *option_name(const char *word, size_t *ret_length)
{
    const char *name = word + (word[1] == '-' ? 2 : 1);

    *ret_length = strcspn(name, "=");
    return name;
}

const struct option *options_find(const struct option_table *table, const char *word, void **ret_values)
{
    size_t length;
    const char *name = option_name(word, &length);

    for (; table->rows; table++) {
        for (const struct option *option = table->rows; option->name; option++) {
            if (option_is(option, name, length)) {
                *ret_values = table->values;
                return option;
            }
        }
    }
    return NULL;
}

bool option_takes_word(const struct option *option)
{
    return option->type != OPTION_BOOL && option->type != OPTION_CHOICE;
}

/* Takes one option, and its value when that is a word of its own. Returns the first word not taken, or NULL. */
static char **take_option(const struct option_table *tables, char **words, char **ret_error)
{
    size_t length;
    const char *name = option_name(words[0], &length);
    const char *value = name[length] ? name + length + 1 : NULL;
    void *values;
    const struct option *option = options_find(tables, words[0], &values);

    if (!option) {
        *ret_error = text_format("flag provided but not defined: -%.*s", (int) length, name);
        return NULL;
    }
    if (!option_takes_word(option) && (!value || !*value))
        value = "true";
    if (!value && !(value = *++words)) {
        *ret_error = text_format("flag needs an argument: %s", words[-1]);
        return NULL;
    }
    if (!option_store(option, values, value)) {
        *ret_error = text_format("invalid value \"%s\" for flag -%.*s: parse error%s", value, (int) length, name,
                                 option->type == OPTION_DURATION ? " (a number and its unit, such as 5s)" : "");
        return NULL;
    }
    return words + 1;
}

int options_parse(const struct option_table *tables, bool stop_at_positional, char **argv, char **ret_error)
{
    char **words = argv;
    bool parsing = true;
    int count = 0;

    while (*words) {
        enum word_kind kind = parsing ? options_word(*words) : WORD_POSITIONAL;

        if (kind == WORD_OPTION) {
            words = take_option(tables, words, ret_error);
            if (!words)
                return -1;
            continue;
        }
        if (kind != WORD_END)
            argv[count++] = *words;
        if (kind == WORD_DASH)
            break;
        if (kind != WORD_POSITIONAL || stop_at_positional)
            parsing = false;
        words++;
    }
    argv[count] = NULL;
    return count;
}
