int printf(const char *format, ...);
void qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));
extern void (*signal(int sig, void (*func)(int)))(int) __asm__("real_signal") __attribute__((nothrow));
char *(*names[3])(void), *name(int[], char[static 4], int n, int [n]), **environ;
static inline int twice(int x) { if (x) { return 2 * x; } return '}'; }
int __stdcall f(int); typedef int (WINAPI *proc)(void *); extern "Python" int callback(int, void *);
extern "Python+C" { void g(void); } [[nodiscard]] double h(float _Complex, __int128, _Bool);
