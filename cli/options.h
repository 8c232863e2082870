/* options.h - the grammar of the command line, and nothing of what the options mean.
 *
 *   --flag value  --flag=value  -flag value  -f value     one dash or two, long or short, is the same
 *   --flag  --flag=true|false|t|f|1|0                     a bool takes a value only after `=`
 *   --                                                    everything after it is positional
 *   -                                                     is positional and the last word that is looked at
 *   -9                                                    not a letter after the dash: from here all is positional
 *
 * Options and positionals may be mixed. Short options do not cluster. The last of a repeated option
 * counts, but for a list, which collects them all and does not split at commas. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_BOOL,     /* bool */
    OPTION_CHOICE,   /* int; spelt as a bool: 1 true, -1 false, 0 not given */
    OPTION_STRING,   /* const char *, a part of argv */
    OPTION_UNSIGNED, /* unsigned; decimal, 0x or 0 octal */
    OPTION_DURATION, /* struct option_duration; "1m30s" */
    OPTION_LIST,     /* struct option_list */
};

struct option_list {
    size_t count;
    const char **items; /* NULL after the last; NULL itself when there is none */
};

struct option_duration {
    bool given;
    int64_t nanoseconds;
};

/* One option: a row of data. A row without a name ends the table. */
struct option {
    const char *name;
    char letter;              /* its short form, or 0 */
    enum option_type type;
    const char *value;        /* names what it takes, for the help and for shells: FILE, SOCKET, FIFO and DIR are paths that
                                 can be completed, "one|other" are all that there is */
    size_t offset;            /* of its field in the struct of values */
    const char *help;
    const char *default_text; /* what the help shows, or NULL */
    bool hidden;              /* not in the help */
};

/* Rows and the values they fill. A table without rows ends an array of tables. */
struct option_table {
    const struct option *rows;
    void *values;
};

enum word_kind {
    WORD_POSITIONAL,
    WORD_OPTION,
    WORD_DASH, /* "-" */
    WORD_END,  /* "--" */
    WORD_REST, /* a dash and no letter, as in "-9" */
};

enum word_kind options_word(const char *word);
/* The row that a word such as "--bundle=x" names, or NULL. *ret_values: of its table. */
const struct option *options_find(const struct option_table *tables, const char *word, void **ret_values);
/* Whether the value is a word of its own when there is no `=`. */
bool option_takes_word(const struct option *option);

/* Reads the words of `argv`, which NULL ends. The first table that knows an option's name gets it.
 * The positionals are moved to the front of `argv`, NULL after them; returns how many there are.
 * With `stop_at_positional` the first positional and all after it are taken as they are.
 * On failure returns -1 and *ret_error is one line, the caller's to free. */
int options_parse(const struct option_table *tables, bool stop_at_positional, char **argv, char **ret_error);

/* true/false in the spellings that a bool option takes; false when it is none of them. */
bool option_parse_bool(const char *text, bool *ret);
