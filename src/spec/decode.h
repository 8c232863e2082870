/* decode.h - from JSON to the structs of spec.h by the field tables, and the rules between fields. */
#pragma once
#include <stdbool.h>
#include "base/json.h"
#include "base/op.h"
#include "base/str.h"
#include "spec/spec.h"

/* What decoding leaves for the rules and the warnings. */
struct findings {
    struct str faulty;          /* the JSON pointers at which there was a fault, each in a line of its own */
    const char *ignored;        /* the unknown capabilities, "CAP_A CAP_B", or NULL */
};

/* Decodes `j`, reporting every fault with op_fault. What was faulty stays absent in *spec. */
void spec_decode(struct op *op, const struct json *j, struct spec *spec, struct findings *ret_found);
/* The same of a process object that stands alone; pointers are those that it would have in config.json. */
void spec_decode_process(struct op *op, const struct json *j, struct spec_process *process, struct findings *ret_found);
/* … of a resources object. */
void spec_decode_resources(struct op *op, const struct json *j, struct spec_resources *resources, struct findings *ret_found);

/* True when nothing at, below or around the pointer was faulty: an absent value is really absent. */
bool spec_is_sound(const struct findings *found, const char *pointer);

/* The JSON pointer to the member `name` of what `map` points to. */
const char *spec_pointer(struct op *op, const char *map, const char *name);

/* The rules of one document that no field table can tell: what is missing, what contradicts what. */
void spec_check(struct op *op, const struct spec *spec, const struct findings *found);
/* Those of them about the process. */
void spec_check_process(struct op *op, const struct spec_process *process, const struct findings *found);
/* Those about namespaces, ID mappings and time offsets. */
void spec_check_namespaces(struct op *op, const struct spec *spec, const struct findings *found);
/* Those about its scheduling and its CPUs. */
void spec_check_scheduling(struct op *op, const struct spec_process *p);
void spec_check_memory_policy(struct op *op, const struct spec_memory_policy *p);
/* Those about linux.resources. */
void spec_check_resources(struct op *op, const struct spec_resources *r, const struct findings *found);
/* Those about sysctls. `own`: the namespaces that are not the host's, as CLONE_NEW* bits. */
void spec_check_sysctls(struct op *op, const struct spec_linux *linux_, int64_t own);
