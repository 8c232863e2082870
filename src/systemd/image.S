/* image.S - the helper program, as bytes of the library. HELPER_FILE comes from meson.build; without it there are none. */
    .section .rodata
    .globl systemd_image, systemd_image_size
    .hidden systemd_image, systemd_image_size
    .balign 16
systemd_image:
#ifdef HELPER_FILE
    .incbin HELPER_FILE
#endif
1:
    .balign 8
systemd_image_size:
    .quad 1b - systemd_image
    .section .note.GNU-stack, "", %progbits
