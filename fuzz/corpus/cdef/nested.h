struct s { struct s { int a; } b; char c; };
struct t { struct s x; struct s *y[sizeof(struct s)]; };
struct s f(struct t, union u { int a; struct s b; });
