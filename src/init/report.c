#include "init/report.h"

enum { HEAD = 2048, ELF_CLASS_64 = 2, ELF_INTERPRETER = 3 };

#if defined(__x86_64__)
enum { ELF_MACHINE = 62 };
#elif defined(__aarch64__)
enum { ELF_MACHINE = 183 };
#endif

/* The first bytes of a 64-bit ELF file, as far as they are read. */
struct head {
    size_t n;
    union {
        char bytes[HEAD + 1];
        struct {
            unsigned char ident[16];
            uint16_t type, machine;
            uint32_t version;
            uint64_t entry, phoff, shoff;
            uint32_t flags;
            uint16_t ehsize, phentsize, phnum;
        } elf;
    };
};
struct segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz;
};

static const struct machine { uint16_t number; const char *name; } machines[] = {
    { 3, "i386" }, { 8, "MIPS" }, { 20, "PowerPC" }, { 21, "PowerPC64" }, { 22, "s390" }, { 40, "ARM" },
    { 62, "x86-64" }, { 183, "AArch64" }, { 243, "RISC-V" }, { 258, "LoongArch" },
};

static void say_machine(struct init *in, uint16_t number)
{
    char buf[24];

    init_say(in, "it is made for another machine: ");
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        if (machines[i].number == number)
            return init_say(in, machines[i].name);
    init_say(in, "ELF machine ");
    init_say(in, text_number(buf, number, 10));
}

/* The text of PT_INTERP, if it and the header that names it are among the bytes read. */
static const char *elf_loader(const struct head *h)
{
    struct segment s;

    for (uint64_t i = 0; i < h->elf.phnum; i++) {
        uint64_t at = h->elf.phoff + i * h->elf.phentsize;

        if (h->elf.phoff > HEAD || at + sizeof s > h->n)
            return NULL;
        memcpy(&s, h->bytes + at, sizeof s);
        if (s.type == ELF_INTERPRETER && s.offset < h->n && s.filesz && s.filesz <= h->n - s.offset)
            return h->bytes + s.offset;
    }
    return NULL;
}

static void say_elf(struct init *in, const struct head *h, int err)
{
    const char *loader;

    if (h->elf.machine != ELF_MACHINE)
        return say_machine(in, h->elf.machine);
    if (err != -ENOENT || h->bytes[4] != ELF_CLASS_64)
        return;
    loader = elf_loader(h);
    init_say(in, "its loader ");
    init_say(in, loader ? loader : "");
    init_say(in, loader ? " is missing" : "is missing");
}

/* "#!/bin/bash\r": as the kernel sees it, the interpreter's name ends in a carriage return. */
static void say_script(struct init *in, struct head *h)
{
    char *name = h->bytes + 2, *end;

    while (*name == ' ' || *name == '\t')
        name++;
    for (end = name; *end && *end != ' ' && *end != '\t' && *end != '\n'; end++)
        if (*end == '\r')
            return init_say(in, "its #! line ends in a carriage return (a file with DOS line ends?)");
    *end = '\0';
    init_say(in, "its interpreter ");
    init_say(in, name);
    init_say(in, " is missing or cannot be executed");
}

void report_cause(struct init *in, int err)
{
    auto_close int fd = -1;
    struct head h;
    long n;

    if (err != -ENOENT && err != -ENOEXEC && err != -EACCES)
        return;
    fd = sys_openat(AT_FDCWD, in->program, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    n = fd < 0 ? 0 : sys_read(fd, h.bytes, HEAD);
    h.n = n < 0 ? 0 : (size_t) n;
    h.bytes[h.n] = '\0';
    if (h.n >= 64 && memcmp(h.bytes, "\177ELF", 4) == 0)
        say_elf(in, &h, err);
    else if (h.n > 2 && h.bytes[0] == '#' && h.bytes[1] == '!')
        say_script(in, &h);
    else if (err == -ENOEXEC)
        init_say(in, "it is neither an ELF file nor a script that starts with #!");
}

static const struct word { int err; const char *text; } words[] = {
    { EPERM, "operation not permitted" }, { ENOENT, "no such file or directory" }, { E2BIG, "argument list too long" },
    { ENOEXEC, "exec format error" }, { EAGAIN, "resource temporarily unavailable" },
    { ENOMEM, "cannot allocate memory" }, { EACCES, "permission denied" }, { ENOTDIR, "not a directory" },
    { EINVAL, "invalid argument" }, { ETXTBSY, "text file busy" }, { ELOOP, "too many levels of symbolic links" },
    { EIO, "input/output error" },
};

static void add_errno(char *line, size_t size, int err)
{
    char number[24];

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].err == err) {
            text_append(line, size, ": ");
            text_append(line, size, words[i].text);
            return;
        }
    text_append(line, size, ": error ");
    text_append(line, size, text_number(number, (uint64_t) err, 10));
}

/* Of one hook, which says more than the errno; what it has written may hold anything. */
static void hook_line(const struct init *in, char *line, size_t size)
{
    char number[24];

    text_append(line, size, "error running startContainer hook #");
    text_append(line, size, text_number(number, in->fault.item, 10));
    text_append(line, size, ": ");
    text_append(line, size, in->fault.text);
    for (char *c = line; *c; c++)
        if ((unsigned char) *c < ' ' || *c == 0x7f)
            *c = ' ';
    if (in->fault.err)
        add_errno(line, size, in->fault.err);
}

static void exec_line(const struct init *in, char *line, size_t size)
{
    text_append(line, size, "exec ");
    text_append(line, size, in->program);
    add_errno(line, size, in->fault.err);
    text_append(line, size, in->fault.text[0] ? ": " : "");
    text_append(line, size, in->fault.text);
}

void report_to_stderr(const struct init *in)
{
    char line[PATH_MAX + 2048] = "";

    if (in->fault.call == CALL_hook)
        hook_line(in, line, sizeof line - 1);
    else
        exec_line(in, line, sizeof line - 1);
    text_append(line, sizeof line, "\n");
    sys_write(2, line, text_length(line));
}
