/* store.h - the state directory: one directory per container under the root. */
#pragma once
#include <sys/types.h>
#include "base/op.h"

/* Letters, digits and _+.- ; not "." or ".."; at most 255 bytes, since it names a directory. */
int store_check_id(struct op *op, const char *id);

/* Opens the root. `make`: if need be it is made with this mode, and its parents; 0: it must be there. */
int store_open_root(struct op *op, const char *root, mode_t make, int *ret_root);

/* Makes ROOT/ID and locks it as its creator. OP_EXISTS when there is one. */
int store_reserve(struct op *op, int root, const char *id, int *ret_dir);
/* The error for a container that there is not, in the words that engines look for: OP_NOT_FOUND. */
int store_not_found(struct op *op, const char *id);
/* OP_NOT_FOUND when there is none. */
int store_open(struct op *op, const char *root, const char *id, int *ret_dir);
/* Waits until no creator and no other delete holds the directory. -ESTALE, without an error set: one has removed it. */
int store_lock(struct op *op, int dir);
/* Unlocks by name: closing would not do while a child of another thread, just before its execve, has a copy. */
void store_unlock(int dir);

/* Removes ROOT/ID, which `dir` is, with the files in it; never descends into a directory that a mount covers. */
int store_remove(struct op *op, int root, int dir, const char *id);

/* The IDs in ROOT in order; *ret_ids ends with NULL. */
int store_ids(struct op *op, int root, char ***ret_ids);
