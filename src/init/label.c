/* label.c - the AppArmor profile and the SELinux label that execve is to give the user's program. */
#include "init/init.h"

int step_label(struct init *in)
{
    in->fault.item = 0;
    return 0;
}
