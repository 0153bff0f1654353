typedef struct { int a; struct { int b; union { int c; float d; }; }; struct { int z; } y; } foo_t;
#pragma pack(push, 1)
struct packed { char tag; double x; unsigned a:3, b:7; long long : 0; };
#pragma pack(pop)
struct list { struct list *next; enum { RED, GREEN = 5, BLUE } color; char name[]; } __attribute__((aligned(16)));
union u { int i : 3; _Alignas(16) char c; float v __attribute__((vector_size(16))); } __attribute__((packed));
typedef ... opaque; typedef int... integer; struct partial { int x; ...; }; extern int many[...][3];
typedef struct opaque_tag *handle; struct ms { char a:3; int b:3; } __attribute__((ms_struct));
