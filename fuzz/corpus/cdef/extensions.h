extern unsigned __int128 big; typedef __int128_t wide; enum e : unsigned char { A, B = 255 }; enum e : unsigned char;
typedef _Complex float __attribute__((mode(TC))) c128; typedef float v4 __attribute__((__mode__(__V4SF__)));
float *pv __attribute__((vector_size(16))); extern int x [[gnu::aligned(32)]] [3]; int f [[nodiscard]] (void);
struct __attribute__((packed, aligned(4))) p { char c; int d __attribute__((aligned(8))), e : 7 __attribute__((packed)); };
int old(a, b) float a; char *b, (*c)(int); { return a; } extern inline int twice(int n) { return 2 * n; }
_Alignas(64) extern char cache[64]; _Atomic(long) counter; _Thread_local int tls; _Noreturn void stop(void);
void vla(int n, int m, double a[n][m + 1], int (*g)(int k, int b[k * n])); __declspec(align(16)) int aligned;
typedef union { int *i; float *f; } any __attribute__((transparent_union)); _Float32x _Complex fx; __float80 f80;
double init = 3.5, many[] = {1, 2}; const char *text = "a" L"b" u8"\x41\101\u00e9"; struct s q = {.a = {1}, [3] = 2};
