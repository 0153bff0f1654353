int f(foo_t x);
struct s { int x int y; };
int g(int;
# 42 "foo.h"
int h[3;
\
/* no end