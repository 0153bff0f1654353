/* The functions that benches/call.rs calls. */

typedef struct { int n; double x; } Pair;
typedef struct { double a, b, c, d; } Quad;

long bench_long2(long a, long b) { return a + b; }

int bench_int6(int a, int b, int c, int d, int e, int f) { return a + b + c + d + e + f; }

double bench_double8(double a, double b, double c, double d, double e, double f, double g, double h)
{
    return a + b + c + d + e + f + g + h;
}

Pair bench_pair(Pair p)
{
    p.n += 1;
    p.x += 1;
    return p;
}

Quad bench_quad(Quad q)
{
    q.a += 1;
    return q;
}

double bench_mixed16(int a, double b, long c, float d, short e, double f, char g, double h,
                     long i, double j, int k, double l, long m, double n, long o, double p)
{
    return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p;
}
