#define A 0x10
#define B (A + 2) /* twelve */
#define C -3
#define D 'x'
#define E 1.5e3
#define F ...
enum e { X, Y = B, Z = sizeof(struct { char a; long b; }), W = -1 ? 2 : 1 / 0 };
static const int n = 3 * Y; static const double pi = 3.25;
_Static_assert(sizeof(int[3]) + _Alignof(double) == 20 || 1, "sizes");
typedef char check[offsetof(struct { int a; char b[8]; }, b[3]) == 7 ? 1 : -1];
extern int x[(long)&((struct { int a; short b; } *)0)->b]; enum fixed : unsigned char { P = 255 };
typedef typeof(1 + 2L) l; typedef __typeof__(int *) ip; l many[1 << 4 | 3 ^ ~0 & 7];
