/* unit_type.h - D-Bus signatures (D-Bus specification, "Type System"), taken apart. Pure, without libc's memory. */
#pragma once
#include <stddef.h>

/* The length of the first complete type of a signature; 0: there is none. */
size_t unit_type_length(const char *signature);
