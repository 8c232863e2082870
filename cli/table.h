/* table.h - columns of text. */
#pragma once
#include <stddef.h>
#include <stdio.h>

/* Writes `rows` times `columns` cells. A column is as wide as its widest cell and three spaces, and at least
 * twelve; the last one is not padded. Width is counted in code points. Scripts cut the output of
 * `list` at these columns, which are those of Go's text/tabwriter. */
void table_write(FILE *out, const char *const *cells, size_t rows, size_t columns);
