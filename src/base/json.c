#include "base/json.h"
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include "base/json_text.h"

/* `struct json` is json-c's json_object under a name of our own. */
enum { MAX_DEPTH = 64 };

static json_object *object_of(const struct json *j)
{
    return (json_object *) j;
}

static const struct json *json_of(const json_object *o)
{
    return (const struct json *) o;
}

static const char *error_words(enum json_tokener_error e)
{
    switch (e) {
    case json_tokener_continue:
        return "the text ends too early";
    case json_tokener_error_depth:
        return "nested deeper than 64 levels";
    case json_tokener_error_parse_array:
        return "\",\" or \"]\" expected";
    case json_tokener_error_parse_object_key_name:
        return "a member name in quotes expected";
    case json_tokener_error_parse_object_key_sep:
        return "\":\" expected";
    case json_tokener_error_parse_object_value_sep:
        return "\",\" or \"}\" expected";
    default:
        return "unexpected character";
    }
}

/* json-c's verdict on the structure. A number alone is only complete when a NUL follows. */
static enum json_tokener_error parse(json_tokener *t, const char *text, size_t len, json_object **ret, size_t *ret_at)
{
    enum json_tokener_error e;

    json_tokener_set_flags(t, JSON_TOKENER_STRICT);
    *ret = json_tokener_parse_ex(t, text, (int) len);
    *ret_at = json_tokener_get_parse_end(t);
    e = json_tokener_get_error(t);
    if (e != json_tokener_continue)
        return e;
    *ret = json_tokener_parse_ex(t, "", 1);
    return json_tokener_get_error(t) == json_tokener_success ? json_tokener_success : json_tokener_continue;
}

int json_parse(const char *text, size_t len, struct json **ret, struct json_place *ret_place, const char **ret_why)
{
    json_tokener *t;
    json_object *o = NULL;
    enum json_tokener_error e = json_tokener_success;
    const char *fault = NULL;
    size_t at, fault_at = len;

    if (len > INT_MAX) {
        *ret_place = (struct json_place) { 1, 1 };
        *ret_why = "too large";
        return -EINVAL;
    }
    /* json-c is lax about characters, so they are checked first; only what is before a fault is parsed. */
    fault = json_text_fault(text, len, &fault_at);
    t = json_tokener_new_ex(MAX_DEPTH);
    if (t == NULL)
        return -ENOMEM;
    e = parse(t, text, fault_at, &o, &at);
    json_tokener_free(t);
    if (e == json_tokener_success && fault == NULL) {
        *ret = (struct json *) o;
        return 0;
    }
    json_object_put(o);
    if (fault && (e == json_tokener_success || e == json_tokener_continue || at >= fault_at))
        at = fault_at;
    else
        fault = error_words(e);
    *ret_place = json_place_of(text, at);
    *ret_why = fault;
    return -EINVAL;
}

void json_free(struct json *j)
{
    json_object_put(object_of(j));
}

enum json_kind json_kind(const struct json *j)
{
    switch (json_object_get_type(object_of(j))) {
    case json_type_null:
        return JSON_NULL;
    case json_type_boolean:
        return JSON_BOOL;
    case json_type_int:
        return JSON_INT;
    case json_type_double:
        return JSON_DOUBLE;
    case json_type_string:
        return JSON_STRING;
    case json_type_array:
        return JSON_ARRAY;
    case json_type_object:
        return JSON_OBJECT;
    }
    return JSON_NULL;
}

const char *json_kind_name(enum json_kind k)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",
        [JSON_BOOL] = "a boolean",
        [JSON_INT] = "an integer",
        [JSON_DOUBLE] = "a number with a fraction or exponent",
        [JSON_STRING] = "a string",
        [JSON_ARRAY] = "an array",
        [JSON_OBJECT] = "an object",
    };

    return names[k];
}

const struct json *json_get(const struct json *object, const char *name)
{
    json_object *o = NULL;

    json_object_object_get_ex(object_of(object), name, &o);
    return json_of(o);
}

size_t json_count(const struct json *j)
{
    if (json_kind(j) == JSON_ARRAY)
        return json_object_array_length(object_of(j));
    return json_kind(j) == JSON_OBJECT ? (size_t) json_object_object_length(object_of(j)) : 0;
}

const struct json *json_item(const struct json *array, size_t i)
{
    return json_of(json_object_array_get_idx(object_of(array), i));
}

struct json_members json_members(const struct json *object)
{
    bool any = json_kind(object) == JSON_OBJECT;

    return (struct json_members) { .rest = any ? lh_table_head(json_object_get_object(object_of(object))) : NULL };
}

bool json_next(struct json_members *m)
{
    const struct lh_entry *e = m->rest;

    if (e == NULL)
        return false;
    m->name = lh_entry_k(e);
    m->value = lh_entry_v(e);
    m->rest = lh_entry_next(e);
    return true;
}

bool json_is_true(const struct json *j)
{
    return json_object_get_boolean(object_of(j));
}

const char *json_string(const struct json *j)
{
    return json_kind(j) == JSON_STRING ? json_object_get_string(object_of(j)) : NULL;
}

int json_int64(const struct json *j, int64_t *ret)
{
    uint64_t magnitude;

    if (json_kind(j) != JSON_INT)
        return -EINVAL;
    magnitude = json_object_get_uint64(object_of(j));       /* 0 for a negative one */
    if (magnitude > INT64_MAX)
        return -ERANGE;
    *ret = json_object_get_int64(object_of(j));
    return 0;
}

int json_uint64(const struct json *j, uint64_t *ret)
{
    if (json_kind(j) != JSON_INT)
        return -EINVAL;
    if (json_object_get_int64(object_of(j)) < 0)
        return -ERANGE;
    *ret = json_object_get_uint64(object_of(j));
    return 0;
}
