/* image.h - the init as a file: what the launcher writes into the memfd that it seals and executes.
 *
 *     [ELF header, program headers][code]…[plan]
 *
 * The plan is a PT_LOAD segment of its own, mapped private and writable at PLAN_ADDRESS, so the init
 * has it without a system call. The image embedded here carries an empty plan. To make the real file:
 * put the block at a file offset that is a multiple of the page size (behind the image will do), and set
 * offset, filesz and memsz of program header IMAGE_PLAN_SEGMENT.
 *
 * What the init expects of whoever starts it: all signals blocked; descriptors as struct plan_fds has
 * them; in a new user namespace, capabilities that live through the execve (keep_caps.h). */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    IMAGE_PLAN_SEGMENT = 1,                     /* index of the program header */
    IMAGE_SEGMENTS = 3,                         /* code, plan, stack */
    PLAN_ADDRESS = 0x10000000,
    INIT_FAILED = 255,                          /* exit status of an init that failed */
};

/* The start of an ELF file, as far as it matters: Elf64_Ehdr and the program headers behind it. */
struct image_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
struct image_header {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
    struct image_segment segments[IMAGE_SEGMENTS];
};

extern const unsigned char init_image[];
extern const size_t init_image_size;
