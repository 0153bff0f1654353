/* The C side of benches/callback.rs. */

#include <stdlib.h>

long bench_call_long(long (*f)(long, long), long a, long b) { return f(a, b); }

double bench_call_double(double (*f)(double, double, double, double), double a, double b, double c, double d)
{
    return f(a, b, c, d);
}

int bench_compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

void bench_sort(int *first, size_t count, int (*compare)(const void *, const void *))
{
    qsort(first, count, sizeof *first, compare);
}
