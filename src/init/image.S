/* image.S - the linked init, as bytes of the library. INIT_FILE comes from meson.build. */
    .section .rodata
    .globl init_image, init_image_size
    .hidden init_image, init_image_size
    .balign 16
init_image:
    .incbin INIT_FILE
1:
    .balign 8
init_image_size:
    .quad 1b - init_image
    .section .note.GNU-stack, "", %progbits
