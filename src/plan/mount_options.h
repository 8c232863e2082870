/* mount_options.h - the vocabulary of mount options, once: planning and `features` read it. */
#pragma once
#include "plan/make.h"

/* The i-th of the options that mean something to the runtime, in the order of strcmp; NULL behind the last. */
const char *mount_option_name(size_t i);

/* The options of one mount, as far as they can be told without knowing what is mounted. */
struct mount_options {
    uint64_t set, cleared;              /* MS_*: asked for by name, and asked away by name; the last word counts */
    uint64_t rec_set, rec_clr;          /* MOUNT_ATTR_* */
    uint32_t flags;                     /* PLAN_MOUNT_* */
    struct rows propagation;            /* uint32_t MS_* */
    struct rows data;                   /* plan_pair: what is left for the file system */
};

/* `index` of the mount is for messages. */
void mount_options_parse(struct make *m, size_t index, struct mount_options *ret);

/* MS_* to MOUNT_ATTR_*, the access time mode aside; and that mode, if one was set by name. */
uint64_t mount_options_attr(uint64_t flags);
uint64_t mount_options_atime(uint64_t flags);
/* Appends an option for the file system; NULL: without a value. */
void mount_options_add(struct make *m, struct mount_options *o, const char *key, const char *value);
/* Appends those flags that belong to the file system instead of the mount to the data. One on a device
 * gets "ro" too: the device may be read-only itself. One that is remounted is told which it is to be. */
void mount_options_add_super(struct make *m, struct mount_options *o, bool on_device);
/* Of an overlay: a lowerdir that is longer than fsconfig(2) takes becomes one option for each layer (Linux 6.5). */
void mount_options_split_layers(struct make *m, struct mount_options *o, const char *type);
/* The value of a data option, or NULL; "" for one without a value. */
const char *mount_options_data(const struct make *m, const struct mount_options *o, const char *key);
