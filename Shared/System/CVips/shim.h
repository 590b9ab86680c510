#pragma once
// libvips 8.14: its calls are variadic, so Swift gets these typed doors. Images are opaque pointers on the Swift side.
#include <malloc.h>
#include <vips/vips.h>

/// glibc reserves 64 MiB of address space per thread otherwise, which a limit on address space counts.
static inline void cv_single_arena(void) { mallopt(M_ARENA_MAX, 1); }

/// Only the loaders named here may run, and only from memory; -1 when libvips does not start.
static inline int cv_start(const char *program) {
    if (vips_init(program)) return -1;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    vips_operation_block_set("VipsForeignLoadJpegBuffer", FALSE);
    vips_operation_block_set("VipsForeignLoadPngBuffer", FALSE);
    vips_operation_block_set("VipsForeignLoadWebpBuffer", FALSE);
    vips_operation_block_set("VipsForeignLoadHeifBuffer", FALSE);
    return 0;
}

/// A JPEG of ours, 64 × 64 and black, to be freed with `cv_free`. -1 on failure.
static inline int cv_first_picture(void **bytes, size_t *count) {
    VipsImage *black = NULL;
    if (vips_black(&black, 64, 64, "bands", 3, NULL)) return -1;
    int failed = vips_jpegsave_buffer(black, bytes, count, NULL);
    g_object_unref(black);
    return failed;
}

/// Reads the header only; pixels are decoded when asked for. The bytes must outlive the image.
static inline void *cv_open(const void *bytes, size_t count) {
    return vips_image_new_from_buffer(bytes, count, "", NULL);
}

static inline int cv_width(void *image) { return vips_image_get_width((VipsImage *)image); }
static inline int cv_height(void *image) { return vips_image_get_height((VipsImage *)image); }
static inline void cv_close(void *image) { g_object_unref(image); }

/// Decodes, turns upright, converts to 8-bit sRGB, shrinks (never enlarges) so that neither side exceeds `edge`. NULL on failure.
static inline void *cv_thumbnail(const void *bytes, size_t count, int edge) {
    VipsImage *out = NULL;
    if (vips_thumbnail_buffer((void *)bytes, count, &out, edge, "height", edge, "size", VIPS_SIZE_DOWN, "option_string", "[fail_on=truncated]",
                              "export_profile", "srgb", NULL))
        return NULL;
    return out;
}

/// Puts a transparent image on white; returns the image itself (one more reference) when it is opaque. NULL on failure.
static inline void *cv_flatten(void *image) {
    if (!vips_image_hasalpha((VipsImage *)image)) return g_object_ref(image);
    double white[3] = {255, 255, 255};
    VipsArrayDouble *background = vips_array_double_new(white, vips_image_get_bands((VipsImage *)image) > 2 ? 3 : 1);
    VipsImage *out = NULL;
    int failed = vips_flatten((VipsImage *)image, &out, "background", background, NULL);
    vips_area_unref(VIPS_AREA(background));
    return failed ? NULL : out;
}

/// A JPEG without any metadata, to be freed with `cv_free`. Decoding happens here. -1 on failure.
static inline int cv_jpeg(void *image, int quality, void **bytes, size_t *count) {
    return vips_jpegsave_buffer((VipsImage *)image, bytes, count, "Q", quality, "strip", TRUE, "optimize_coding", TRUE, NULL);
}

static inline void cv_free(void *bytes) { g_free(bytes); }
static inline const char *cv_error(void) { return vips_error_buffer(); }
static inline void cv_error_clear(void) { vips_error_clear(); }
