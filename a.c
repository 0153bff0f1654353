long g; 
void f(int a, __int128 b){ g=(long)b; }
typedef struct { __int128 x; } S;
void h(int a, S b){ g=(long)b.x; }
