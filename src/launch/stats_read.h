/* stats_read.h - the files of one cgroup, read and parsed by tables. */
#pragma once
#include "launch/stats_parse.h"

struct stats_reader {
    struct op *op;
    int dir;                    /* the cgroup */
    const char *name;           /* … for errors */
    bool lenient;               /* rootless: what cannot be read counts as not there */
    bool brief;                 /* without STATS_DETAIL */
    char *buffer;
    size_t size;
    struct stats *stats;
};

/* A file, and what it says. */
struct stats_file {
    const char *controller;     /* that it belongs to */
    const char *file;
    stats_parse_fn *parse;
    size_t offset;              /* in struct stats: what `parse` fills */
    unsigned known;             /* STATS_*: what is known with it */
    enum { STATS_BRIEF, STATS_DETAIL } use;     /* who wants it: everybody, or those who want all of the statistics */
};

/* 1; 0: it is not there, and nothing has changed; -errno. */
int stats_read_file(struct stats_reader *r, const char *file, stats_parse_fn *parse, void *ret);
/* The rows, up to the one without a file, of the controllers in the list ("cpu,cpuacct", "cpu io memory"). */
int stats_read_files(struct stats_reader *r, const struct stats_file *rows, const char *controllers);

/* The rest, with files that depend on what there is. */
int stats_read_v1(struct stats_reader *r, const char *controllers);
/* `alone`: there is no v1 hierarchy beside it. Else it has the pressure only. */
int stats_read_v2(struct stats_reader *r, bool alone);
/* hugetlb.SIZE.*, for each size of which there is one with this ending: "current", "usage_in_bytes". `one` reads its files. */
int stats_read_hugetlb(struct stats_reader *r, const char *ending,
                       int (*one)(struct stats_reader *r, const char *prefix, struct stats_hugetlb *ret));
