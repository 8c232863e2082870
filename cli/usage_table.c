/* The table for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"
#include "usage.h"

enum { CELL = 24, GAP = 2 };

typedef void cell_fn(const struct usage_row *row, char cell[CELL]);

/* ---- Cells ---------------------------------------------------------------------------------- */

/* Three digits and a unit: "512", "1.50K", "12.3M", "999M", "1.00G". */
static void write_size(uint64_t bytes, char cell[CELL])
{
    static const char units[] = " KMGTPE";
    double value = (double) bytes;
    int unit = 0;

    for (; value >= 999.5; value /= 1024)
        unit++;
    if (unit == 0)
        snprintf(cell, CELL, "%.0f", value);
    else
        snprintf(cell, CELL, "%.*f%c", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
}

static void write_known_size(const struct usage_row *row, unsigned known, uint64_t bytes, char cell[CELL])
{
    if (row->now.known & known)
        write_size(bytes, cell);
}

/* Of the time since the last look; of one processor. */
static void cell_cpu(const struct usage_row *row, char cell[CELL])
{
    uint64_t span = row->now.time - row->before.time;

    if (row->before.time && span && row->now.known & PROA_USAGE_CPU)
        snprintf(cell, CELL, "%.1f", 100.0 * (double) (row->now.cpu - row->before.cpu) / (double) span);
}

static void cell_memory(const struct usage_row *row, char cell[CELL])
{
    write_known_size(row, PROA_USAGE_MEMORY, row->now.memory_working_set, cell);
}

static void cell_limit(const struct usage_row *row, char cell[CELL])
{
    if (row->now.memory_limit != PROA_USAGE_NO_LIMIT)
        write_known_size(row, PROA_USAGE_MEMORY, row->now.memory_limit, cell);
}

static void cell_pids(const struct usage_row *row, char cell[CELL])
{
    if (row->now.known & PROA_USAGE_PIDS)
        snprintf(cell, CELL, "%llu", (unsigned long long) row->now.pids);
}

static void cell_read(const struct usage_row *row, char cell[CELL])
{
    write_known_size(row, PROA_USAGE_IO, row->now.io_read, cell);
}

static void cell_written(const struct usage_row *row, char cell[CELL])
{
    write_known_size(row, PROA_USAGE_IO, row->now.io_written, cell);
}

static void cell_received(const struct usage_row *row, char cell[CELL])
{
    write_known_size(row, PROA_USAGE_NETWORK, row->now.net_received, cell);
}

static void cell_sent(const struct usage_row *row, char cell[CELL])
{
    write_known_size(row, PROA_USAGE_NETWORK, row->now.net_sent, cell);
}

static void write_pressure(const struct usage_row *row, const struct proa_pressure *pressure, char cell[CELL])
{
    if (row->now.known & PROA_USAGE_PRESSURE)
        snprintf(cell, CELL, "%.1f", pressure->some_percent / 100.0);
}

static void cell_cpu_pressure(const struct usage_row *row, char cell[CELL])
{
    write_pressure(row, &row->now.cpu_pressure, cell);
}

static void cell_memory_pressure(const struct usage_row *row, char cell[CELL])
{
    write_pressure(row, &row->now.memory_pressure, cell);
}

static void cell_io_pressure(const struct usage_row *row, char cell[CELL])
{
    write_pressure(row, &row->now.io_pressure, cell);
}

/* The share of periods since the last look in which the quota was used up. */
static void cell_throttled(const struct usage_row *row, char cell[CELL])
{
    uint64_t periods = row->now.periods - row->before.periods;

    if (!row->before.time || !(row->now.known & PROA_USAGE_THROTTLING))
        return;
    snprintf(cell, CELL, "%.0f",
             periods ? 100.0 * (double) (row->now.throttled_periods - row->before.throttled_periods) / (double) periods : 0.0);
}

static void cell_oom(const struct usage_row *row, char cell[CELL])
{
    if (row->now.known & PROA_USAGE_OOM)
        snprintf(cell, CELL, "%llu", (unsigned long long) row->now.oom_kills);
}

/* ---- Layout --------------------------------------------------------------------------------- */

static const struct {
    const char *head;
    cell_fn *cell;
} columns[] = {
    { "CPU%", cell_cpu },      { "MEMORY", cell_memory },       { "LIMIT", cell_limit },
    { "PIDS", cell_pids },     { "READ", cell_read },           { "WRITTEN", cell_written },
    { "RECEIVED", cell_received }, { "SENT", cell_sent },       { "WAIT-CPU%", cell_cpu_pressure },
    { "WAIT-MEM%", cell_memory_pressure }, { "WAIT-IO%", cell_io_pressure }, { "THROTTLED%", cell_throttled },
    { "OOM", cell_oom },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct table {
    char (*cells)[COLUMNS][CELL];
    int id_width, widths[COLUMNS];
};

static void widen(int *width, const char *text)
{
    int length = (int) strlen(text);

    if (*width < length)
        *width = length;
}

/* An unknown cell is a dash. */
static void fill(struct table *table, const struct usage_look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        widen(&table->id_width, look->rows[i].id);
        for (int c = 0; c < COLUMNS; c++) {
            table->cells[i][c][0] = '-';
            columns[c].cell(&look->rows[i], table->cells[i][c]);
            widen(&table->widths[c], table->cells[i][c]);
        }
    }
}

char *usage_table(const struct usage_look *look)
{
    struct table table = { text_checked(calloc(look->count + 1, sizeof(*table.cells))), 2, { 0 } };
    struct text text;

    for (int c = 0; c < COLUMNS; c++)
        widen(&table.widths[c], columns[c].head);
    fill(&table, look);
    text_stream(&text);
    fprintf(text.out, "%-*s", table.id_width, "ID");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(text.out, "%*s", table.widths[c] + GAP, columns[c].head);
    fputc('\n', text.out);
    for (size_t i = 0; i < look->count; i++) {
        fprintf(text.out, "%-*s", table.id_width, look->rows[i].id);
        for (int c = 0; c < COLUMNS; c++)
            fprintf(text.out, "%*s", table.widths[c] + GAP, table.cells[i][c]);
        fputc('\n', text.out);
    }
    free(table.cells);
    return text_take(&text);
}

/* ---- A part of it --------------------------------------------------------------------------- */

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text; lines++)
        text += strcspn(text, "\n"), text += *text == '\n';
    return lines;
}

char *usage_fit(const char *text, size_t lines, size_t width)
{
    size_t all = count_lines(text), shown = all <= lines ? all : lines ? lines - 1 : 0;
    struct text out;

    text_stream(&out);
    for (size_t i = 0; i < shown; i++) {
        size_t length = strcspn(text, "\n");

        fprintf(out.out, "%s%.*s", i ? "\n" : "", (int) (length < width ? length : width), text);
        text += length + (text[length] == '\n');
    }
    if (shown < all && lines)
        fprintf(out.out, "%s... %zu more", shown ? "\n" : "", all - shown);
    return text_take(&out);
}
