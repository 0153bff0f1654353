extern char a[4611686018427387904]; extern char b[2][4611686018427387903]; struct s { char c[1 << 30]; int d : 31; };
struct t { struct s s[4294967296]; }; union u { char a[9223372036854775807]; char b; }; extern int z[0], *y[18446744073709551615];
typedef char huge[1ull << 62]; struct v { huge h; } __attribute__((aligned(268435456))); enum { N = sizeof(huge) / 2 };
