/* What jit/tests/callback calls. */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
/* Windows' own longjmp unwinds, which is not what is to be tried. */
#undef setjmp
#define setjmp(buffer) __builtin_setjmp(buffer)
#define longjmp(buffer, value) __builtin_longjmp(buffer, 1)
typedef void *jump_buffer[5];
#else
#define EXPORT
typedef jmp_buf jump_buffer;
#endif

typedef int32_t (*step)(int32_t);

EXPORT int32_t call_int(step f, int32_t value) { return f(value); }

/* The callback's own frame is left behind when it calls `leap`. */
static jump_buffer target;
EXPORT void leap(void) { longjmp(target, 1); }
EXPORT int32_t call_and_land(step f, int32_t value)
{
    if (setjmp(target))
        return -1;
    return f(value);
}

/* Overwrites what callbacks left on the stack. */
EXPORT int32_t scribble(void)
{
    volatile unsigned char bytes[1 << 16];
    for (size_t at = 0; at < sizeof bytes; at++)
        bytes[at] = 0xee;
    return bytes[77];
}

struct large { int64_t words[40]; };
EXPORT int64_t call_large(struct large (*f)(struct large, double), int64_t seed)
{
    struct large value;
    for (int at = 0; at < 40; at++)
        value.words[at] = seed + at;
    struct large result = f(value, 0.5);
    int64_t sum = 0;
    for (int at = 0; at < 40; at++)
        sum += result.words[at] * (at + 1);
    return sum;
}

EXPORT void sort_ints(int32_t *first, size_t count, int (*compare)(const void *, const void *))
{
    qsort(first, count, sizeof *first, compare);
}
