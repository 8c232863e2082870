/* image.h - the helper program as bytes of the library. */
#pragma once
#include <stdint.h>

extern const unsigned char systemd_image[];
extern const uint64_t systemd_image_size;       /* 0: built without libsystemd */
