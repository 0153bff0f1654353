#define MANY ...
#define TEN 10
#undef TEN
#define TEN 11
static const int LATER; static const int NOW = TEN; static const double PI = 3.14;
typedef ... opaque; typedef ... *handle; typedef int... integer; typedef float... real; typedef unsigned long... other;
struct partial { int x; ...; }; struct lengths { int n[...]; char rest[]; }; enum some { A, B = ..., C, ... };
extern int many[...], lots[...][3]; integer f(opaque *, handle, real); typedef struct { ...; } *anonymous;
extern "Python" int callback(int, void *); extern "Python+C" { void g(void); int h(opaque *); } extern "C" int i(void);
int j(struct later [], ...); FILE *k(wchar_t, bool, ssize_t, va_list);
