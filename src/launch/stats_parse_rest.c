/* Pressure, block devices, RDMA devices and network interfaces. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/str.h"
#include "launch/stats_parse.h"
#include "launch/stats_text.h"

/* ---- Pressure ------------------------------------------------------------------------------- */

/* The value of "key=value" when that is the word's key, or NULL. */
static const char *value_of(const char *word, const char *key)
{
    size_t len = strlen(key);

    return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

/* "12.34" in hundredths. The C library would ask the locale for the point. */
static int parse_percent(const char *value, unsigned *ret)
{
    char digits[16];
    const char *point = strchr(value, '.');
    uint64_t number;
    int r;

    if (!point || strlen(point + 1) != 2 || strlen(value) >= sizeof(digits))
        return -EBADMSG;
    snprintf(digits, sizeof(digits), "%.*s%s", (int) (point - value), value, point + 1);
    if ((r = str_number(digits, &number)) < 0)
        return r;
    if (number > 100 * 100)
        return -ERANGE;
    *ret = (unsigned) number;
    return 0;
}

static int parse_share(char *line, struct stats_share *ret)
{
    static const struct { const char *key; size_t offset; } averages[] = {
        { "avg10", offsetof(struct stats_share, avg10) }, { "avg60", offsetof(struct stats_share, avg60) },
        { "avg300", offsetof(struct stats_share, avg300) },
    };
    const char *value;
    char *word;
    int r = 0;

    while (r == 0 && (word = text_next_word(&line, " "))) {
        for (size_t i = 0; r == 0 && i < sizeof(averages) / sizeof(*averages); i++)
            if ((value = value_of(word, averages[i].key)))
                r = parse_percent(value, (unsigned *) ((char *) ret + averages[i].offset));
        if (r == 0 && (value = value_of(word, "total")))
            r = str_number(value, &ret->total);
    }
    return r;
}

int stats_parse_psi(struct arena *a, char *text, void *ret)
{
    struct stats_psi psi = { .known = true };
    char *line, *kind;
    int r = 0;

    while (r == 0 && (line = text_next_line(&text))) {
        kind = text_next_word(&line, " ");
        if (str_eq(kind, "some"))
            r = parse_share(line, &psi.some);
        else if (str_eq(kind, "full"))
            r = parse_share(line, &psi.full);
    }
    if (r == 0)
        *(struct stats_psi *) ret = psi;
    return r;
}

/* ---- Block devices -------------------------------------------------------------------------- */

/* "8:0 Read 17", or "8:0 17" where there are no operations. A last line has the sum of all. */
int stats_parse_io_v1(struct arena *a, char *text, void *ret)
{
    struct stats_ios list = { arena_array(a, text_count(text, "\n"), sizeof(*list.v)), 0 };
    char *line, *device, *op, *value;
    int r;

    while ((line = text_next_line(&text))) {
        struct stats_io *io = &list.v[list.n];

        device = text_next_word(&line, " ");
        op = text_next_word(&line, " ");
        value = text_next_word(&line, " ");
        if (!device || str_eq(device, "Total"))
            continue;
        if (!text_device(device, &io->major, &io->minor))
            return -EBADMSG;
        if ((r = str_number(value ? value : op, &io->value)) < 0)
            return r;
        io->op = value ? arena_strdup(a, op) : "";
        list.n++;
    }
    *(struct stats_ios *) ret = list;
    return 0;
}

static int add_io(struct stats_ios *list, const struct stats_io *device, const char *op, const char *value)
{
    struct stats_io *io = &list->v[list->n];
    int r;

    *io = *device;
    io->op = op;
    if ((r = str_number(value, &io->value)) < 0)
        return r;
    list->n++;
    return 0;
}

static int parse_io_line(char *line, const struct stats_io *device, struct stats_ios *bytes, struct stats_ios *serviced)
{
    const struct { const char *key; struct stats_ios *list; const char *op; } keys[] = {
        { "rbytes", bytes, "Read" }, { "wbytes", bytes, "Write" }, { "rios", serviced, "Read" }, { "wios", serviced, "Write" },
    };
    const char *value;
    char *word;
    int r = 0;

    while (r == 0 && (word = text_next_word(&line, " ")))
        for (size_t i = 0; r == 0 && i < sizeof(keys) / sizeof(*keys); i++)
            if ((value = value_of(word, keys[i].key)))
                r = add_io(keys[i].list, device, keys[i].op, value);
    return r;
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6" */
int stats_parse_io_v2(struct arena *a, char *text, void *ret)
{
    size_t room = text_count(text, " \n");
    struct stats_ios bytes = { arena_array(a, room, sizeof(*bytes.v)), 0 };
    struct stats_ios serviced = { arena_array(a, room, sizeof(*serviced.v)), 0 };
    struct stats_blkio *blkio = ret;
    struct stats_io device = { 0 };
    char *line, *word;
    int r = 0;

    while (r == 0 && (line = text_next_line(&text))) {
        if (!(word = text_next_word(&line, " ")))
            continue;
        r = text_device(word, &device.major, &device.minor) ? parse_io_line(line, &device, &bytes, &serviced) : -EBADMSG;
    }
    if (r < 0)
        return r;
    blkio->bytes = bytes;
    blkio->serviced = serviced;
    return 0;
}

/* ---- RDMA ----------------------------------------------------------------------------------- */

/* The number after the key; "max" is the largest of 32 bits, as runc has it. */
static int parse_rdma_value(const char *value, uint64_t *ret)
{
    if (!str_eq(value, "max"))
        return str_number(value, ret);
    *ret = UINT32_MAX;
    return 0;
}

/* "mlx4_0 hca_handle=2 hca_object=max" */
int stats_parse_rdma(struct arena *a, char *text, void *ret)
{
    struct stats_rdmas list = { arena_array(a, text_count(text, "\n"), sizeof(*list.v)), 0 };
    char *line, *word;
    const char *value;
    int r = 0;

    while (r == 0 && (line = text_next_line(&text))) {
        struct stats_rdma *rdma = &list.v[list.n];

        if (!(word = text_next_word(&line, " ")))
            continue;
        rdma->device = arena_strdup(a, word);
        list.n++;
        while (r == 0 && (word = text_next_word(&line, " ")))
            if ((value = value_of(word, "hca_handle")))
                r = parse_rdma_value(value, &rdma->handles);
            else if ((value = value_of(word, "hca_object")))
                r = parse_rdma_value(value, &rdma->objects);
    }
    if (r == 0)
        *(struct stats_rdmas *) ret = list;
    return r;
}

/* ---- Network -------------------------------------------------------------------------------- */

/* Bytes, packets, errors and drops, and four more that are of no interest here. */
static int parse_traffic(char **line, struct stats_traffic *ret)
{
    uint64_t *const numbers[] = { &ret->bytes, &ret->packets, &ret->errors, &ret->dropped };
    int r = 0;

    for (size_t i = 0; r == 0 && i < 4; i++)
        r = str_number(text_next_word(line, " "), numbers[i]);
    for (size_t i = 0; r == 0 && i < 4; i++)
        r = text_next_word(line, " ") ? 0 : -EBADMSG;
    return r;
}

/* Two lines of names, then "  NAME: " and sixteen numbers of each. A name holds no colon and no blank. */
int stats_parse_interfaces(struct arena *a, char *text, void *ret)
{
    struct stats_interfaces list = { arena_array(a, text_count(text, "\n"), sizeof(*list.v)), 0 };
    char *line, *name;
    int r = 0;

    for (size_t i = 0; r == 0 && (line = text_next_line(&text)); i++) {
        struct stats_interface *one = &list.v[list.n];

        if (i < 2)
            continue;
        if (!strchr(line, ':'))
            return -EBADMSG;
        name = text_next_word(&line, " :");
        if (!name || str_eq(name, "lo"))
            continue;
        if ((r = parse_traffic(&line, &one->received)) == 0)
            r = parse_traffic(&line, &one->sent);
        one->name = arena_strdup(a, name);
        list.n++;
    }
    if (r == 0)
        *(struct stats_interfaces *) ret = list;
    return r;
}
