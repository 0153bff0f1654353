/* What tests/calls.rs, tests/typed.rs and tests/variables.rs call. */

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <errno.h>

int counter = 7;
const int limit = 99;
double table[4] = {1.5, 2.5, 3.5, 4.5};
struct point { int x, y; } origin = {3, 4};
char *greeting = "hello";

signed char id_i8(signed char v) { return v; }
unsigned char id_u8(unsigned char v) { return v; }
short id_i16(short v) { return v; }
unsigned short id_u16(unsigned short v) { return v; }
int id_i32(int v) { return v; }
unsigned id_u32(unsigned v) { return v; }
int64_t id_i64(int64_t v) { return v; }
uint64_t id_u64(uint64_t v) { return v; }
#ifdef __SIZEOF_INT128__
__int128 id_i128(__int128 v) { return v; }
unsigned __int128 id_u128(unsigned __int128 v) { return v; }
#endif
_Bool id_bool(_Bool v) { return v; }
char id_char(char v) { return v; }
wchar_t id_wchar(wchar_t v) { return v; }
float id_float(float v) { return v; }
double id_double(double v) { return v; }
long double id_long_double(long double v) { return v; }
float _Complex id_float_complex(float _Complex v) { return v; }
double _Complex id_double_complex(double _Complex v) { return v; }
void *id_pointer(void *v) { return v; }

enum color { RED, GREEN = 5, BLUE };
enum color next_color(enum color c) { return c == RED ? GREEN : c == GREEN ? BLUE : RED; }

struct point swap(struct point p) { return (struct point){p.y, p.x}; }
int sum_points(const struct point *points, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += points[i].x * points[i].y;
    return sum;
}

union number { int i; double d; };
double from_union(union number n, int as_int) { return as_int ? n.i : n.d; }

struct flags { unsigned a : 3; int b : 5; unsigned long long c : 40; };
struct flags rotate(struct flags f) { return (struct flags){f.c & 7, f.a, (unsigned long long)f.b & 0xff}; }

struct nested { char name[8]; struct point at[2]; union number value; };
struct nested move(struct nested n, int dx)
{
    n.at[0].x += dx;
    n.at[1].x += dx;
    memcpy(n.name, "moved", 6);
    return n;
}

int total(int count, ...)
{
    va_list list;
    va_start(list, count);
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += va_arg(list, int);
    va_end(list);
    return sum;
}

double weigh(const char *kinds, ...)
{
    va_list list;
    va_start(list, kinds);
    double sum = 0;
    for (; *kinds; kinds++)
        switch (*kinds) {
        case 'd': sum += va_arg(list, double); break;
        case 'l': sum += va_arg(list, long); break;
        case 's': sum += strlen(va_arg(list, char *)); break;
        case 'p': { struct point p = va_arg(list, struct point); sum += p.x + p.y; break; }
        }
    va_end(list);
    return sum;
}

/* Only float is promoted after `...`: _Float32 is a type of its own. */
double halves(int count, ...)
{
    va_list list;
    va_start(list, count);
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += va_arg(list, _Float32);
    va_end(list);
    return sum;
}

/* b crosses 17 bytes: 135 bits from the first. */
#ifdef __SIZEOF_INT128__
struct __attribute__((packed)) wide_bits { __int128 a : 7; __int128 b : 128; };
void set_wide_bits(struct wide_bits *bits, int a, __int128 b) { bits->a = a; bits->b = b; }
int wide_a(const struct wide_bits *bits) { return bits->a; }
__int128 wide_b(const struct wide_bits *bits) { return bits->b; }
#endif

int apply(int (*f)(int), int v) { return f(v); }
int negate(int v) { return -v; }
int (*chosen(void))(int) { return negate; }

void fill(int *into, int n) { for (int i = 0; i < n; i++) into[i] = i * i; }
size_t wide_length(const wchar_t *s) { return wcslen(s); }
int is_null(const void *p) { return p == 0; }
void nothing(void) {}
int renamed_in_c(void) { return 11; }

typedef signed char quad8 __attribute__((vector_size(4)));
typedef short single16 __attribute__((vector_size(2)));
typedef double lone __attribute__((vector_size(8)));
struct boxed { quad8 v; float f; };
quad8 twice_quad8(int pad, quad8 v) { return v + v; }
single16 twice_single16(single16 v) { return v + v; }
lone twice_lone(int pad, lone v) { return v + v; }
struct boxed twice_boxed(struct boxed b) { b.v += b.v; b.f += b.f; return b; }

/* Callers of callbacks. */
void keep(int (**kept)(int), int (*f)(int)) { *kept = f; }
int call_kept(int (*const *kept)(int), int v) { return (*kept)(v); }
struct nested call_nested(struct nested (*f)(struct nested, int), struct nested n, int dx) { return f(n, dx); }
union number call_union(union number (*f)(union number), union number n) { return f(n); }
double call_many(double (*f)(char, double, short, double, long long, float, unsigned char, double, int, double, double,
                             double, double, double, long, struct point))
{
    return f(-1, 2, -3, 4, -5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, (struct point){16, 17});
}
int nest(int (*f)(int, void *), int depth, void *data) { return depth == 0 ? 0 : f(depth, data) + 1; }

/* Lists of variable arguments, both ways. */
double vweigh(const char *kinds, va_list list)
{
    double sum = 0;
    for (; *kinds; kinds++)
        switch (*kinds) {
        case 'i': sum += va_arg(list, int); break;
        case 'd': sum += va_arg(list, double); break;
        case 'q': sum += va_arg(list, long long); break;
        case 's': sum += strlen(va_arg(list, char *)); break;
        case 'p': { struct point p = va_arg(list, struct point); sum += p.x + p.y; break; }
        case 'n': { struct nested n = va_arg(list, struct nested); sum += n.at[1].y; break; }
        case 'L': sum += va_arg(list, long double); break;
        }
    return sum;
}

double call_weigh(double (*f)(const char *, ...))
{
    struct nested n = {"name", {{1, 2}, {3, 4000}}, {5}};
    return f("idqspnLddddddddii", 1, 20.5, 300LL, "four", (struct point){5, 50}, n, 0.25L, 1., 2., 3., 4., 5., 6., 7., 8., 70,
             80);
}

static double with_list(double (*f)(const char *, va_list), const char *kinds, ...)
{
    va_list list;
    va_start(list, kinds);
    double sum = f(kinds, list);
    va_end(list);
    return sum;
}

double call_vweigh(double (*f)(const char *, va_list))
{
    return with_list(f, "ddidspddddddddddiiiiiiL", 1., 2., 3, 4., "five!", (struct point){6, 7}, 1., 2., 3., 4., 5., 6., 7.,
                     8., 9., 10., 1, 2, 3, 4, 5, 6, 0.5L);
}

/* What tests/reference_*.rs call. */

void fetch_size(int *x, int *y)
{
    *x = 640;
    *y = 480;
}
void somefunction(int *p) { *p += 1; }
struct opaque_s { int value; };
static struct opaque_s the_opaque = {17};
void init_stuff(struct opaque_s **handle) { *handle = &the_opaque; }
int more_stuff(struct opaque_s *handle) { return handle->value; }
int main_like(int argc, char *argv[])
{
    int length = 0;
    for (int i = 0; i < argc; i++)
        length = 10 * length + (int)strlen(argv[i]);
    return length;
}
int foo(short a, int b) { return a + b; }
int sum_of_array(int *array, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += array[i];
    return sum;
}
struct foo_s { int a, b; };
struct foo_s function_returning_a_struct(void) { return (struct foo_s){1, 2}; }
int fails_with(int code)
{
    int before = errno;
    errno = code;
    return before;
}
int16_t units16(const uint16_t *text)
{
    int16_t units = 0;
    while (text[units])
        units++;
    return units;
}
