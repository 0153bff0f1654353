#pragma pack(push, name, 2) /* over
 lines */
struct a { char c; int i; } __attribute__((ms_struct)); _Pragma("pack(pop, name)") struct b { char c; int i : 3, : 0; };
#pragma pack(pop)
%:define N 3 /* three */
in\ 	
t caf\u00e9<:N:>;
#line 42
#line 7 "x.h"
# 9 "y.h" 1 3
#ident "v"
__pragma(pack(1)) union c { short s; char d[3]; };
