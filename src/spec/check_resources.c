#include <string.h>
#include "spec/decode.h"

static const char *item(struct op *op, const char *list, size_t i, const char *member)
{
    return arena_printf(op->arena, "/linux/resources/%s/%zu%s", list, i, member);
}

static void check_device_rules(struct op *op, const struct spec_resources *r)
{
    for (size_t i = 0; i < r->devices.n; i++) {
        const struct spec_device_rule *d = &r->devices.v[i];

        if (d->type.set && d->type.v == 'p')
            op_fault(op, item(op, "devices", i, "/type"), "must be a, b, c or u");
        if (d->access == NULL)
            op_fault(op, item(op, "devices", i, "/access"), "must not be empty");
        else if (d->access[strspn(d->access, "rwm")] != '\0')
            op_fault(op, item(op, "devices", i, "/access"), "must be made of r, w and m (found \"%.200s\")", d->access);
    }
}

/* ---- Block devices -------------------------------------------------------------------------- */

static void check_weight(struct op *op, const char *pointer, opt_uint weight)
{
    if (weight.v > 0 && weight.v < 10)
        op_fault(op, pointer, "must be 10 to 1000, or 0 for none (found %d)", (int) weight.v);
}

static void check_block_io(struct op *op, const struct spec_block_io *b)
{
    check_weight(op, "/linux/resources/blockIO/weight", b->weight);
    check_weight(op, "/linux/resources/blockIO/leafWeight", b->leaf_weight);
    for (size_t i = 0; i < b->weight_device.n; i++) {
        check_weight(op, item(op, "blockIO/weightDevice", i, "/weight"), b->weight_device.v[i].weight);
        check_weight(op, item(op, "blockIO/weightDevice", i, "/leafWeight"), b->weight_device.v[i].leaf_weight);
    }
}

/* ---- What becomes the name of a file or a word in one ----------------------------------------- */

/* "2MB", as the kernel writes it in the names of its files (hugetlb_format_size in mm/hugetlb_cgroup.c). */
static bool is_page_size(const char *size)
{
    size_t digits = strspn(size, "0123456789");

    return size[0] != '0' && digits > 0 && size[digits] && strchr("KMG", size[digits]) && str_eq(size + digits + 1, "B");
}

static void check_hugepages(struct op *op, const struct spec_resources *r)
{
    for (size_t i = 0; i < r->hugepages.n; i++) {
        const char *size = r->hugepages.v[i].page_size;

        if (size && !is_page_size(size))
            op_fault(op, item(op, "hugepageLimits", i, "/pageSize"),
                     "unsupported huge page size: must be a number and KB, MB or GB, such as 2MB (found \"%.200s\")", size);
    }
}

static void check_network(struct op *op, const struct spec_network *n)
{
    for (size_t i = 0; i < n->priorities.n; i++) {
        const char *name = n->priorities.v[i].name;

        if (name && name[strcspn(name, "/ \t\n")])
            op_fault(op, item(op, "network/priorities", i, "/name"), "not the name of a network interface: \"%.200s\"", name);
    }
}

static void check_rdma(struct op *op, const struct spec_resources *r)
{
    for (size_t i = 0; i < r->rdma.n; i++) {
        const char *key = r->rdma.v[i].key;

        if (!*key || key[strcspn(key, "/ \t\n")])
            op_fault(op, spec_pointer(op, "/linux/resources/rdma", key), "not the name of an RDMA device: \"%.200s\"", key);
    }
}

/* ---- The files of cgroup v2 by name ----------------------------------------------------------- */

/* These are no settings: they move, stop or kill processes, which is the runtime's own business. */
static bool acts_on_processes(const char *key)
{
    static const char *const files[] = { "cgroup.procs", "cgroup.threads", "cgroup.freeze", "cgroup.kill" };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (str_eq(key, files[i]))
            return true;
    return false;
}

static bool is_file_name(const char *key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    return *key && key[strspn(key, letters)] == '\0';
}

static void check_unified(struct op *op, const struct spec_pairs *unified)
{
    for (size_t i = 0; i < unified->n; i++) {
        const char *key = unified->v[i].key, *pointer = spec_pointer(op, "/linux/resources/unified", key);
        const char *dot = strchr(key, '.');

        if (strchr(key, '/'))
            op_fault(op, pointer, "unified resource \"%.200s\" must be a file name (no slashes)", key);
        else if (!is_file_name(key) || dot == NULL || dot == key || dot[1] == '\0' || dot[1] == '.')
            op_fault(op, pointer, "unified resource \"%.200s\" must be in the form CONTROLLER.PARAMETER", key);
        else if (acts_on_processes(key))
            op_fault(op, pointer, "unified resource \"%s\" is not a setting", key);
    }
}

void spec_check_resources(struct op *op, const struct spec_resources *r, const struct findings *found)
{
    if (spec_is_sound(found, "/linux/resources/devices"))
        check_device_rules(op, r);
    if (r->block_io)
        check_block_io(op, r->block_io);
    check_hugepages(op, r);
    if (r->network)
        check_network(op, r->network);
    check_rdma(op, r);
    check_unified(op, &r->unified);
}
