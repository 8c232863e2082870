#include "table.h"
#include "text.h"

#define MIN_WIDTH 12
#define PADDING 3

static size_t cell_width(const char *cell)
{
    size_t width = 0;

    for (; *cell; width++) {
        size_t length = text_utf8(cell);

        cell += length ? length : 1;
    }
    return width;
}

static size_t column_width(const char *const *cells, size_t rows, size_t columns, size_t column)
{
    size_t width = MIN_WIDTH;

    for (size_t row = 0; row < rows; row++) {
        size_t cell = cell_width(cells[row * columns + column]) + PADDING;

        if (cell > width)
            width = cell;
    }
    return width;
}

static void write_row(FILE *out, const char *const *cells, const size_t *widths, size_t columns)
{
    for (size_t column = 0; column < columns - 1; column++)
        fprintf(out, "%s%*s", cells[column], (int) (widths[column] - cell_width(cells[column])), "");
    fprintf(out, "%s\n", cells[columns - 1]);
}

void table_write(FILE *out, const char *const *cells, size_t rows, size_t columns)
{
    size_t widths[columns];

    for (size_t column = 0; column < columns; column++)
        widths[column] = column_width(cells, rows, columns, column);
    for (size_t row = 0; row < rows; row++)
        write_row(out, cells + row * columns, widths, columns);
}
