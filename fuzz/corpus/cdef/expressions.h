enum { A = _Generic(1.5f, float: 1, default: 0), B = __builtin_choose_expr(A, 2, 1 / 0), C = sizeof(1, 2L) };
enum { D = __builtin_types_compatible_p(unsigned long, size_t) + __builtin_constant_p("x"), E = 0x1.8p-1074 > 0 };
extern char a[sizeof((int[]){[0 ... 7] = 1, {2}, 3})], b[sizeof((struct { int x, y; }[]){1, 2, {3}, 4}.x)];
extern char c[sizeof(*(1 ? (void *)0 : (int *)0))], d[__alignof__(((struct { char c; double d; } *)0)->d)];
_Static_assert((char)300 == 44 && -1 > 1u && (1 ?: 2) && 'a' == 97 && !(0.1f == 0.1), "arithmetic");
