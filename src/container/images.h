/* images.h - the directories of a checkpoint, and what both of its directions ask of criu. */
#pragma once
#include "container/container.h"
#include "launch/criu.h"

struct images {
    char *path, *work_path;     /* absolute */
    int dir, work;
    struct criu_log log;
};
#define IMAGES_NONE { .dir = -1, .work = -1 }

/* What checkpoint and restore have in common. NULL: the default place. */
struct images_request { const char *image_path, *work_path; unsigned flags; int cgroups; };

/* OP_UNSUPPORTED for whoever is not the machine's root. */
int images_check_privilege(struct op *op, const char *what);
/* `make`: both are made when they are missing. `log`: the name of criu's log in the work directory. */
int images_open(struct op *op, const struct images_request *request, bool make, const char *log, struct images *ret);
void images_close(struct images *i);

/* For a restore into a user namespace. The first process reads the files before it has an identity there, as the machine's
 * root, and afterwards: they are opened to its group. */
int images_give(struct op *op, const struct images *i, const struct plan *plan);

/* The options that follow from it, and those of all requests. */
int images_add_options(struct op *op, const struct images *i, const struct images_request *request, const struct plan *plan,
                       struct str *options);
/* Of a restore: streams that were pipes are the caller's from now on. */
void images_add_pipes(struct op *op, const struct images *i, struct str *options);
/* descriptors.json: what the standard streams are. */
int images_save_streams(struct op *op, const struct images *i, const struct proa_state *s);
