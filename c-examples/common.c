#include "common.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *to_utf8(LPCWSTR text)
{
    static char buffers[8][2048];
    static unsigned turn;
    char *out = buffers[turn++ % 8];
    size_t used = 0;
    if (text == NULL)
        return "";
    for (; *text != 0 && used + 5 < sizeof buffers[0]; text++) {
        unsigned long c = (unsigned long)*text;
        if (sizeof(WCHAR) == 2 && c >= 0xD800 && c < 0xDC00 && text[1] != 0)
            c = 0x10000 + ((c - 0xD800) << 10) + ((unsigned long)*++text - 0xDC00);
        if (c < 0x80) {
            out[used++] = (char)c;
            continue;
        }
        if (c < 0x800) {
            out[used++] = (char)(0xC0 | c >> 6);
        } else {
            if (c < 0x10000) {
                out[used++] = (char)(0xE0 | c >> 12);
            } else {
                out[used++] = (char)(0xF0 | (c >> 18 & 7));
                out[used++] = (char)(0x80 | (c >> 12 & 0x3F));
            }
            out[used++] = (char)(0x80 | (c >> 6 & 0x3F));
        }
        out[used++] = (char)(0x80 | (c & 0x3F));
    }
    out[used] = 0;
    return out;
}

LPWSTR to_wide(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    LPWSTR wide = malloc((strlen(text) + 1) * sizeof *wide), end = wide;
    while (wide != NULL && *at != 0) {
        unsigned long c = *at++;
        int more = c >= 0xF0 && c < 0xF5 ? 3 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xC2 && c < 0xE0 ? 1 : 0, i;
        int good = c < 0x80 || more > 0;
        c &= more == 0 ? 0x7F : 0x3Fu >> more;
        for (i = 0; i < more && good; i++) {
            good = (*at & 0xC0) == 0x80;
            c = c << 6 | (*at & 0x3F);
            at += good;
        }
        /* Nothing longer than it need be, and no halves of pairs. */
        if (!good || (more == 2 && (c < 0x800 || (c >= 0xD800 && c < 0xE000))) || (more == 3 && (c < 0x10000 || c > 0x10FFFF))) {
            free(wide);
            return NULL;
        }
        if (sizeof(WCHAR) == 2 && c >= 0x10000) {
            *end++ = (WCHAR)(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        *end++ = (WCHAR)c;
    }
    if (wide != NULL)
        *end = 0;
    return wide;
}

Bytes read_file(const char *path)
{
    Bytes result = {NULL, 0};
    FILE *file = fopen(path, "rb");
    long size;
    if (file == NULL)
        return result;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        result.bytes = malloc((size_t)size + 1);
        result.count = (size_t)size;
        if (result.bytes != NULL && fread(result.bytes, 1, result.count, file) != result.count) {
            free(result.bytes);
            result.bytes = NULL;
        }
    }
    fclose(file);
    return result;
}

int write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    int written = file != NULL && fwrite(bytes, 1, count, file) == count;
    return file != NULL && fclose(file) == 0 && written;
}

int write_container(const char *path, const IPC_BUFFER *license, const void *content, size_t count)
{
    BYTE header[12];
    FILE *file = fopen(path, "wb");
    int i, written;
    if (file == NULL)
        return 0;
    memcpy(header, "CLEARBOX", 8);
    for (i = 0; i < 4; i++)
        header[8 + i] = (BYTE)(license->cbBuffer >> 8 * i);
    written = fwrite(header, 1, sizeof header, file) == sizeof header &&
              fwrite(license->pvBuffer, 1, license->cbBuffer, file) == license->cbBuffer &&
              fwrite(content, 1, count, file) == count;
    return fclose(file) == 0 && written;
}

int split_container(const Bytes *container, IPC_BUFFER *license, Bytes *content)
{
    const BYTE *at = container->bytes;
    if (container->count < 12 || memcmp(at, "CLEARBOX", 8) != 0)
        return 0;
    license->cbBuffer = (DWORD)at[8] | (DWORD)at[9] << 8 | (DWORD)at[10] << 16 | (DWORD)at[11] << 24;
    if (license->cbBuffer > container->count - 12)
        return 0;
    license->pvBuffer = container->bytes + 12;
    content->bytes = container->bytes + 12 + license->cbBuffer;
    content->count = container->count - 12 - license->cbBuffer;
    return 1;
}

/* SHA-256 as FIPS 180-4 describes it; the example proves its point without another library. */
static uint32_t rotated(uint32_t word, int by)
{
    return word >> by | word << (32 - by);
}

/* The first 32 bits of the fractional parts of the cube roots (constants) and square roots (start) of the first primes. */
static const uint32_t CONSTANTS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static void absorb(uint32_t state[8], const BYTE block[64])
{
    uint32_t w[64], s[8];
    int i;
    for (i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) + w[i - 7] + (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
    }
    memcpy(s, state, sizeof s);
    for (i = 0; i < 64; i++) {
        uint32_t e = s[4], a = s[0];
        uint32_t one = s[7] + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + CONSTANTS[i] + w[i];
        uint32_t two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += one;
        s[0] = one + two;
    }
    for (i = 0; i < 8; i++)
        state[i] += s[i];
}

const char *sha256_text(const void *bytes, size_t count)
{
    static char texts[4][65];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    const BYTE *at = bytes;
    BYTE tail[128] = {0};
    uint32_t state[8];
    size_t left = count, tail_size;
    uint64_t bits = (uint64_t)count * 8;
    int i;
    memcpy(state, START, sizeof state);
    for (; left >= 64; left -= 64, at += 64)
        absorb(state, at);
    if (left > 0)
        memcpy(tail, at, left);
    tail[left] = 0x80;
    tail_size = left < 56 ? 64 : 128;
    for (i = 0; i < 8; i++)
        tail[tail_size - 1 - (size_t)i] = (BYTE)(bits >> 8 * i);
    absorb(state, tail);
    if (tail_size == 128)
        absorb(state, tail + 64);
    for (i = 0; i < 8; i++)
        snprintf(text + 8 * i, 9, "%08x", (unsigned)state[i]);
    return text;
}
