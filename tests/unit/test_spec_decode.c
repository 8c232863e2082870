/* What a document becomes in C, and the default document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include "base/json.h"
#include "base/op.h"
#include "spec/spec.h"

#define JSON(...) #__VA_ARGS__

static struct op op;

static int setup(void **state)
{
    (void) state;
    op_init(&op, arena_new());
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    arena_free(op.arena);
    return 0;
}

static const struct spec *parsed(const char *text)
{
    struct spec *spec = NULL;

    if (spec_parse(&op, "config.json", text, strlen(text), &spec) < 0)
        fail_msg("%s", op.message);
    return spec;
}

static void test_process(void **state)
{
    const struct spec_process *p = parsed(JSON({
        "root": { "path": "r" },
        "process": {
            "terminal": true, "consoleSize": { "height": 65535, "width": 80 },
            "user": { "uid": 1, "gid": 4294967294, "umask": 63, "additionalGids": [ 5, 6 ] },
            "args": [ "a", "" ], "env": [ "A=", "B=\u00e9" ], "cwd": "/w",
            "noNewPrivileges": false, "oomScoreAdj": -1000,
            "capabilities": { "bounding": [ "CAP_CHOWN", "CAP_CHECKPOINT_RESTORE", "CAP_CHOWN" ], "ambient": [] },
            "rlimits": [ { "type": "RLIMIT_NOFILE", "soft": 1, "hard": 18446744073709551615 } ]
        }
    }))->process;

    (void) state;
    assert_true(p->terminal.set && p->terminal.v);
    assert_true(p->no_new_privileges.set && !p->no_new_privileges.v);
    assert_true(p->console_size->height.v == 65535 && p->console_size->width.v == 80);
    assert_true(p->user->uid.v == 1 && p->user->gid.v == 4294967294 && p->user->umask.set && p->user->umask.v == 077);
    assert_true(p->user->additional_gids.n == 2 && p->user->additional_gids.v[1].v == 6);
    assert_true(p->args.set && p->args.n == 2);
    assert_string_equal(p->args.v[1], "");
    assert_null(p->args.v[2]);                  /* argv as execve(2) wants it */
    assert_string_equal(p->env.v[1], "B=\xc3\xa9");
    assert_string_equal(p->cwd, "/w");
    assert_true(p->oom_score_adj.set && p->oom_score_adj.v == -1000);
    assert_true(p->caps->bounding.set && p->caps->bounding.v == ((uint64_t) 1 << 40 | 1));
    assert_true(p->caps->ambient.set && p->caps->ambient.v == 0);
    assert_false(p->caps->effective.set);
    assert_true(p->rlimits.n == 1 && p->rlimits.v[0].type.v == RLIMIT_NOFILE && p->rlimits.v[0].hard.v == UINT64_MAX);
    assert_null(p->scheduler);
    assert_null(p->apparmor_profile);
}

static void test_linux(void **state)
{
    const struct spec *spec = parsed(JSON({
        "ociVersion": "1.3.0", "root": { "path": "r", "readonly": true }, "process": { "args": [ "x" ], "cwd": "/" },
        "hostname": "h", "annotations": { "k": "", "a/b": "v" },
        "mounts": [ { "destination": "/a", "options": [] }, { "destination": "/b", "type": "bind", "source": "s" } ],
        "linux": {
            "namespaces": [ { "type": "uts" }, { "type": "time" }, { "type": "user" },
                            { "type": "pid", "path": "/p" } ],
            "uidMappings": [ { "containerID": 0, "hostID": 1000, "size": 4294966295 } ],
            "gidMappings": [ { "containerID": 0, "hostID": 5, "size": 1 } ],
            "timeOffsets": { "monotonic": { "secs": -3 }, "boottime": { "nanosecs": 7 } },
            "devices": [ { "path": "/dev/u", "type": "u", "major": 4095, "minor": 1048575 } ],
            "rootfsPropagation": "rslave", "cgroupsPath": "/c", "maskedPaths": null,
            "resources": {
                "devices": [ { "allow": true, "access": "rw", "minor": -1 } ],
                "memory": { "limit": -1, "swappiness": 60, "disableOOMKiller": true },
                "cpu": { "shares": 2, "quota": -1, "cpus": "0-1", "idle": 1 },
                "pids": { "limit": 0 }
            }
        }
    }));
    const struct spec_linux *l = spec->linux_;

    (void) state;
    assert_string_equal(spec->oci_version, "1.3.0");
    assert_true(spec->root->readonly.v);
    assert_true(spec->annotations.n == 2);
    assert_string_equal(spec->annotations.v[0].value, "");
    assert_string_equal(spec->annotations.v[1].key, "a/b");
    assert_true(spec->mounts.v[0].options.set && spec->mounts.v[0].options.n == 0);
    assert_false(spec->mounts.v[1].options.set);
    assert_null(spec->mounts.v[0].type);
    assert_string_equal(spec->mounts.v[1].source, "s");
    assert_true(l->namespaces.n == 4 && l->namespaces.v[1].type.v == 0x80 && l->namespaces.v[3].type.v == CLONE_NEWPID);
    assert_null(l->namespaces.v[0].path);
    assert_true(l->uid_maps.v[0].host_id.v == 1000 && l->uid_maps.v[0].size.v == 4294966295);
    assert_string_equal(l->time_offsets.v[1].key, "boottime");
    assert_true(l->time_offsets.v[0].secs.v == -3 && l->time_offsets.v[1].nanosecs.v == 7);
    assert_false(l->time_offsets.v[1].secs.set);
    assert_true(l->devices.v[0].type.v == 'c' && l->devices.v[0].minor.v == 1048575 && !l->devices.v[0].mode.set);
    assert_true(l->rootfs_propagation.v == (MS_SLAVE | MS_REC));
    assert_string_equal(l->cgroups_path, "/c");
    assert_false(l->masked_paths.set);
    assert_true(l->resources->devices.v[0].allow.v && l->resources->devices.v[0].minor.v == -1);
    assert_false(l->resources->devices.v[0].major.set || l->resources->devices.v[0].type.set);
    assert_true(l->resources->memory->limit.v == -1 && l->resources->memory->disable_oom_killer.v);
    assert_true(l->resources->cpu->shares.v == 2 && l->resources->cpu->quota.v == -1 && l->resources->cpu->idle.v == 1);
    assert_string_equal(l->resources->cpu->cpus, "0-1");
    assert_true(l->resources->pids->limit.set && l->resources->pids->limit.v == 0);
    assert_null(l->resources->block_io);
}

static const struct json *member(const struct json *j, const char *a, const char *b)
{
    return json_get(json_get(j, a), b);
}

static void test_default(void **state)
{
    static const char start[] = "{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n\t\t\"terminal\": true,\n"
                                "\t\t\"user\": {\n"
                                "\t\t\t\"uid\": 0,\n\t\t\t\"gid\": 0\n\t\t},\n\t\t\"args\": [\n\t\t\t\"sh\"\n\t\t],\n";
    const char *text = spec_default(&op, false, false, 0, 0);
    const struct spec *spec = parsed(text);

    (void) state;
    assert_int_equal(strncmp(text, start, strlen(start)), 0);
    assert_string_equal(text + strlen(text) - 4, "\n\t}\n}" + 1);
    assert_string_equal(spec->hostname, "proa");
    assert_int_equal(spec->mounts.n, 7);
    assert_int_equal(spec->linux_->namespaces.n, 5);
    assert_int_equal(spec->linux_->masked_paths.n, 11);
    assert_int_equal(spec->linux_->readonly_paths.n, 5);
    assert_null(strstr(text, "ambient"));
    assert_true(parsed(spec_default(&op, false, true, 0, 0))->linux_->namespaces.v[5].type.v == CLONE_NEWCGROUP);
}

static void test_default_rootless(void **state)
{
    const char *text = spec_default(&op, true, true, 1000, 1001), *why;
    const struct spec *spec = parsed(text);
    struct json_place place;
    struct json *j;
    int64_t id = 0;

    (void) state;
    assert_null(spec->linux_->resources);
    assert_int_equal(spec->linux_->namespaces.n, 6);
    assert_true(spec->linux_->namespaces.v[5].type.v == CLONE_NEWUSER);
    assert_true(spec->linux_->uid_maps.v[0].host_id.v == 1000 && spec->linux_->gid_maps.v[0].host_id.v == 1001);
    assert_int_equal(spec->mounts.v[2].options.n, 5);           /* devpts without gid=5 */
    assert_string_equal(spec->mounts.v[5].options.v[0], "rbind");
    assert_null(strstr(text, "\"network\""));
    assert_int_equal(json_parse(text, strlen(text), &j, &place, &why), 0);
    assert_int_equal(json_int64(json_get(json_item(member(j, "linux", "gidMappings"), 0), "hostID"), &id), 0);
    assert_int_equal(id, 1001);
    json_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_process, setup, teardown),
        cmocka_unit_test_setup_teardown(test_linux, setup, teardown),
        cmocka_unit_test_setup_teardown(test_default, setup, teardown),
        cmocka_unit_test_setup_teardown(test_default_rootless, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
