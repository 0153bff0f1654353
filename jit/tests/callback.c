/* What jit/tests/callback calls. */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

typedef int32_t (*step)(int32_t);

EXPORT int32_t call_int(step f, int32_t value) { return f(value); }

/* The callback's own frame is left behind when it calls `leap`. Where to is the caller's memory, of 512 bytes. */
EXPORT void leap(void *landing) { longjmp(*(jmp_buf *)landing, 1); }
EXPORT int32_t call_and_land(step f, int32_t value, void *landing)
{
    _Static_assert(sizeof(jmp_buf) <= 512, "it fits");
    if (setjmp(*(jmp_buf *)landing))
        return -1;
    return f(value);
}

/* gcc's own only move the stack, while Windows' longjmp unwinds on 64-bit machines. */
EXPORT void leap_without_unwinding(void *landing) { __builtin_longjmp((void **)landing, 1); }
EXPORT int32_t call_and_land_without_unwinding(step f, int32_t value, void *landing)
{
    if (__builtin_setjmp((void **)landing))
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
