#include "launch/stats_text.h"
#include <string.h>
#include "base/str.h"

char *text_next_line(char **rest)
{
    char *line = *rest;

    if (!*line)
        return NULL;
    *rest += strcspn(line, "\n");
    if (**rest)
        *(*rest)++ = '\0';
    return line;
}

char *text_next_word(char **rest, const char *separators)
{
    char *word = *rest + strspn(*rest, separators);

    if (!*word)
        return NULL;
    *rest = word + strcspn(word, separators);
    if (**rest)
        *(*rest)++ = '\0';
    return word;
}

size_t text_count(const char *text, const char *separators)
{
    size_t n = 1;

    while (*(text += strcspn(text, separators)))
        text++, n++;
    return n;
}

bool text_device(char *word, uint64_t *ret_major, uint64_t *ret_minor)
{
    char *colon = strchr(word, ':');

    if (!colon)
        return false;
    *colon = '\0';
    return str_number(word, ret_major) == 0 && str_number(colon + 1, ret_minor) == 0;
}
