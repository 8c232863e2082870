/* start.c - where the kernel enters, and the segment in which the launcher has put the plan. */
#include "init/image.h"
#include "init/init.h"
#include "init/steps.h"

/* The launcher puts the real block in place of this one, in the file (image.h). */
struct plan proa_plan_segment __attribute__((section(".plan"), used)) = { .magic = 0 };

/* The program's own ELF header, mapped with the code (init.ld). */
extern const struct image_header image_start __attribute__((visibility("hidden")));

__attribute__((used, noreturn)) void init_main(void);

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall init_main\n\thlt\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tb init_main\n");
#endif

/* Without a sound plan not even the socket is known: the launcher sees the end of file. */
void init_main(void)
{
    struct init in;

    if (!plan_check(&proa_plan_segment, image_start.segments[IMAGE_PLAN_SEGMENT].memsz))
        sys_exit(INIT_FAILED);
    in.plan = &proa_plan_segment;
    in.fault = (struct message) { .type = 0 };
    in.went = in.cwd_late = in.executing = false;
    in.root = in.proc = in.null = in.clocks = -1;
    in.program = NULL;
    steps_run(&in);
}
