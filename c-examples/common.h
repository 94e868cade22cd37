/* What the larger examples share: text, files, SHA-256, and a protected file of the simplest kind. */
#ifndef MSIPC_EXAMPLES_COMMON_H
#define MSIPC_EXAMPLES_COMMON_H

#include <msipc.h>
#include <msipc_ext.h>

#include <stddef.h>

/* Wide text as UTF-8, in one of eight buffers that take turns. */
const char *to_utf8(LPCWSTR text);

/* UTF-8 as wide text, from malloc: free(text). NULL for what is not UTF-8, and when memory runs out. */
LPWSTR to_wide(const char *text);

/* Bytes with their count; the bytes come from malloc. */
typedef struct {
    BYTE *bytes;
    size_t count;
} Bytes;

/* A whole file, or bytes NULL. The file belongs to the caller: free(bytes). */
Bytes read_file(const char *path);

/* Writes a whole file; 0 when it could not. */
int write_file(const char *path, const void *bytes, size_t count);

/* The SHA-256 of some bytes as 64 letters and digits, in one of four buffers that take turns. */
const char *sha256_text(const void *bytes, size_t count);

/* A container for the examples, not a file format of the product:
 *   8 bytes  "CLEARBOX"
 *   4 bytes  length of the license, lowest byte first
 *   license, then the encrypted content up to the end of the file. */
int write_container(const char *path, const IPC_BUFFER *license, const void *content, size_t count);

/* Finds license and content in the bytes of a container, without copying; 0 when it is none. */
int split_container(const Bytes *container, IPC_BUFFER *license, Bytes *content);

#endif
