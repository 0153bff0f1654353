//! Declarations against what the C standard and cffi's reference say they mean.

#[path = "common/declared.rs"]
mod declared;

use std::sync::Arc;

use declared::{evaluated, failed, integer, on, parsed, spelled};
use farcall::cdef::{CdefErrorKind, CdefOptions, Declaration, Declarations, Origin, Value};
use farcall::ctype::{CType, Convention, Primitive, TypeTable};
use farcall::layout::{DataModel, LayoutError, layout_of};

#[test]
fn functions() {
    const _: fn() = || {
        fn shared_between_threads<T: Send + Sync>() {}
        shared_between_threads::<Declarations>();
    };
    let d = parsed(
        "int printf(const char *format, ...);\n\
         void qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));\n\
         extern void (*signal(int sig, void (*func)(int)))(int);\n\
         char *(*names[3])(void), *name(int[], char[static 4], int n, int [n]), **environ;\n\
         int old_style(); void matrix(int n, int m, double a[n][m], float b[*][3][n + m]);",
    );
    assert_eq!(
        spelled(&d, "matrix"),
        "void matrix(int, int, double(*)[], float(*)[3][])"
    );
    assert_eq!(spelled(&d, "printf"), "int printf(char *, ...)");
    assert_eq!(
        spelled(&d, "qsort"),
        "void qsort(void *, size_t, size_t, int(*)(void *, void *))"
    );
    assert_eq!(
        spelled(&d, "signal"),
        "void(* signal(int, void(*)(int)))(int)"
    );
    assert_eq!(spelled(&d, "names"), "char *(* names[3])()");
    assert_eq!(
        spelled(&d, "name"),
        "char * name(int *, char *, int, int *)"
    );
    assert_eq!(spelled(&d, "environ"), "char * * environ");
    assert_eq!(spelled(&d, "old_style"), "int old_style()");
    let names: Vec<&str> = d.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "printf",
            "qsort",
            "signal",
            "names",
            "name",
            "environ",
            "old_style",
            "matrix"
        ]
    );
}

#[test]
fn arithmetic_types_in_every_order_of_their_keywords() {
    let d = parsed(
        "typedef unsigned a; typedef long int unsigned long b; typedef int short signed c; typedef char unsigned d;\n\
         typedef double long e; typedef _Complex float f; typedef __int128 unsigned g; typedef signed char h;\n\
         typedef double _Complex long i; typedef unsigned __int64 j; typedef bool k; typedef _Float128 l;\n\
         typedef long const volatile m; typedef __signed__ n;",
    );
    let meant = [
        ("a", Primitive::UnsignedInt),
        ("b", Primitive::UnsignedLongLong),
        ("c", Primitive::Short),
        ("d", Primitive::UnsignedChar),
        ("e", Primitive::LongDouble),
        ("f", Primitive::FloatComplex),
        ("g", Primitive::UnsignedInt128),
        ("h", Primitive::SignedChar),
        ("i", Primitive::LongDoubleComplex),
        ("j", Primitive::UnsignedLongLong),
        ("k", Primitive::Bool),
        ("l", Primitive::Float128),
        ("m", Primitive::Long),
        ("n", Primitive::Int),
    ];
    for (name, primitive) in meant {
        assert_eq!(
            d.typedef(name),
            Some(d.types().primitive(primitive)),
            "{name}"
        );
    }
    for text in [
        "short long x;",
        "unsigned float x;",
        "long char x;",
        "long long double x;",
        "signed unsigned x;",
        "int int x;",
    ] {
        failed(text);
    }
}

#[test]
fn records_name_themselves_as_in_cffi() {
    let d = parsed(
        "typedef struct { int a; struct { int b; union { int c; float d; }; }; struct { int z; } y; } foo_t;\n\
         typedef struct { int q; } *foo_p; typedef ... op; typedef ... *opp; typedef enum { A, B } en; struct s;\n\
         typedef struct s s_t;",
    );
    let spelling = |text: &str| d.types().spelling(d.type_of(text).unwrap());
    assert_eq!(spelling("foo_t"), "foo_t");
    assert_eq!(spelling("foo_p"), "struct $4 *");
    assert_eq!(spelling("op *"), "op *");
    assert_eq!(spelling("opp"), "struct $$opp *");
    assert_eq!(spelling("en"), "en");
    assert_eq!(spelling("struct s *"), "s_t *");
    let CType::Record(id) = d.types().get(d.typedef("foo_t").unwrap()) else {
        panic!("a record")
    };
    let body = d.types().record(id).body().unwrap();
    let member = |name: &str| body.member(name).map(|m| (m.field.index(), m.offset));
    assert_eq!(
        (member("a"), member("b"), member("c"), member("d")),
        (Some((0, 0)), Some((1, 4)), Some((1, 8)), Some((1, 8)))
    );
    assert_eq!((member("y"), member("z")), (Some((2, 12)), None));
}

#[test]
fn type_names() {
    let d = parsed("struct s { int x; }; typedef int (*fn)(struct s);");
    let spelling = |text: &str| d.types().spelling(d.type_of(text).unwrap());
    for (text, expected) in [
        ("int(*)(char *, ...)", "int(*)(char *, ...)"),
        ("int (*(*)(void))[5]", "int(*(*)())[5]"),
        ("unsigned long int const *", "unsigned long *"),
        ("int[3][4]", "int[3][4]"),
        ("int(*)[3]", "int(*)[3]"),
        ("void(*)(int(int), int[3])", "void(*)(int(*)(int), int *)"),
        ("fn", "int(*)(struct s)"),
        ("FILE *", "FILE *"),
        ("struct s[]", "struct s[]"),
        ("_Bool", "_Bool"),
    ] {
        assert_eq!(spelling(text), expected, "{text}");
    }
    let with = |text: &str, extra: &str| d.types().spelling_with(d.type_of(text).unwrap(), extra);
    assert_eq!(with("int(*)[5]", "&"), "int(* &)[5]");
    assert_eq!(with("int[5]", "*"), "int(*)[5]");
    assert_eq!(with("int", "*x"), "int *x");
    assert_eq!(with("int[3]", "[2]"), "int[2][3]");
    assert_eq!(d.type_of("int  *").unwrap(), d.type_of("int*").unwrap());
    for text in [
        "",
        "int x y",
        "foo",
        "int,",
        "struct nothing2 {",
        "static int",
        "int[",
        "int[-1]",
        "4",
    ] {
        assert!(d.type_of(text).is_err(), "{text}");
    }
}

#[test]
fn a_tag_that_type_names_mention_is_one_type() {
    let mut d = on(DataModel::X86_64_LINUX);
    let mentioned = d.type_of("struct later *").unwrap();
    assert_eq!(d.type_of("struct later*").unwrap(), mentioned);
    assert_eq!(d.tags().len(), 0);
    d.parse(
        "struct later { int x; }; struct later *f(void);",
        &CdefOptions::default(),
    )
    .unwrap();
    assert_eq!(d.type_of("struct later *").unwrap(), mentioned);
    assert_eq!(d.tags().len(), 1);
    // As in cffi, a type name may define what it names.
    for text in [
        "struct { char a; long b; }",
        "struct within { char a; long b; }",
        "struct within",
    ] {
        let inline = d.type_of(text).unwrap();
        assert_eq!(layout_of(&**d.types(), inline).unwrap().size, 16, "{text}");
    }
}

#[test]
fn constants() {
    let d = parsed(
        "#define A 0x10\n#define B (A + 2) /* twelve */\n#define C -3\n#define D 'x'\n#define E 1.5e3\n#define GUARD\n\
         #define F ...\n\
         enum e { X, Y = B, Z, W = -1 };\n\
         static const int n = 3 * Y; static const double pi = 3.25; static const unsigned char low = 300;\n\
         static const int unknown; const char *text = \"a,b;\";",
    );
    let values = ["A", "B", "C", "D", "X", "Y", "Z", "W", "n", "low"].map(|name| integer(&d, name));
    assert_eq!(values, [16, 18, -3, 120, 0, 18, 19, -1, 54, 44]);
    assert_eq!(d.constant("E").unwrap().value, Value::Float(1500.0));
    assert_eq!(d.constant("pi").unwrap().value, Value::Float(3.25));
    assert_eq!(d.constant("F").unwrap().value, Value::Deferred);
    assert_eq!(d.constant("unknown").unwrap().value, Value::Deferred);
    assert!(d.get("GUARD").is_none());
    assert!(!d.variable("text").unwrap().constant);
}

#[test]
fn constant_expressions() {
    for (expression, value) in [
        ("1 + 2 * 3 - 4 / 3 % 2", 6),
        ("(1 << 4 | 3) ^ 1 & ~0", 18),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("1 ? 2 : 1 / 0", 2),
        ("0 && 1 / 0 || 3 > 2 != 0", 1),
        ("sizeof(int[3]) + _Alignof(double)", 20),
        ("sizeof(struct { char a; long b; })", 16),
        ("sizeof \"abc\"", 4),
        ("sizeof(char) == 1 ? 010 : 0b11", 8),
        ("'\\n' + '\\x41' + '\\101'", 140),
        ("'ab'", 24930),
        ("(unsigned char)-1", 255),
        ("(signed char)200", -56),
        ("(int)3.9 + (int)-0.5", 3),
        ("0xffffffff == -1u", 1),
        ("-1 < 0u", 0),
        ("(_Bool)0.5", 1),
        (
            "offsetof(struct { int a; struct { char b[8]; } c; }, c.b[3])",
            7,
        ),
        ("(long)&((struct { int a; short b; } *)0)->b", 4),
        ("sizeof(((struct { int a; char b[9]; } *)0)->b)", 9),
        ("!0 + !5 + !!7", 2),
        ("1'000", 1000),
        ("0x1p4 == 16.0", 1),
        ("(char *)8 - (char *)2", 6),
    ] {
        assert_eq!(evaluated(expression), value, "{expression}");
    }
    for (expression, problem) in [
        ("1 / 0", "division by zero"),
        ("2147483647 + 1", "the value does not fit its type"),
        ("1 << 32", "the shift is negative or as large as the type"),
    ] {
        let kind = failed(&format!("enum {{ X = {expression} }};")).remove(0).2;
        assert_eq!(
            kind,
            CdefErrorKind::Constant(problem.into()),
            "{expression}"
        );
    }
}

#[test]
fn variables_know_whether_they_are_const() {
    let d = parsed(
        "extern int a; extern const int b; extern const char *c; extern char *const d; extern const int e[3];\n\
         typedef const int ci; extern ci f; extern int g[], h[4], g[7];",
    );
    let constant = ["a", "b", "c", "d", "e", "f"].map(|name| d.variable(name).unwrap().constant);
    assert_eq!(constant, [false, true, false, true, true, true]);
    assert_eq!(spelled(&d, "g"), "int g[7]");
}

#[test]
fn calling_conventions_count_where_the_target_has_them() {
    let text = "int __stdcall f(int); typedef int (__stdcall *g)(int); int (WINAPI *h)(void);\n\
                int __attribute__((fastcall)) i(int); int j(int) __attribute__((stdcall)); int * __stdcall k(int);\n\
                int __stdcall v(int, ...); void (__cdecl *c)(void);";
    let convention = |d: &Declarations, name: &str| {
        let types = d.types();
        let mut ty = match d.get(name).unwrap() {
            Declaration::Function(function) => function.ty,
            Declaration::Variable(variable) => variable.ty,
            Declaration::Typedef(typedef) => typedef.ty,
            other => panic!("{other:?}"),
        };
        if let CType::Pointer(target) = types.get(ty) {
            ty = target;
        }
        let CType::Function(id) = types.get(ty) else {
            panic!("a function")
        };
        types.function(id).convention
    };
    let mut windows = on(DataModel::I686_WINDOWS);
    windows.parse(text, &CdefOptions::default()).unwrap();
    use Convention::{Default, Fastcall, Stdcall};
    let names = ["f", "g", "h", "i", "j", "k", "v", "c"];
    let expected = [
        Stdcall, Stdcall, Stdcall, Fastcall, Stdcall, Stdcall, Default, Default,
    ];
    assert_eq!(names.map(|name| convention(&windows, name)), expected);
    assert_eq!(
        windows.types().spelling(windows.typedef("g").unwrap()),
        "int(__stdcall *)(int)"
    );
    let other = parsed(
        "int m(const char *, ...) __attribute__((ms_abi)); int __attribute__((sysv_abi)) s(int);",
    );
    assert_eq!(
        ["m", "s"].map(|name| convention(&other, name)),
        [Convention::MsAbi, Default]
    );
    let linux = parsed(text);
    assert_eq!(names.map(|name| convention(&linux, name)), [Default; 8]);
}

#[test]
fn host_functions() {
    let d = parsed(
        "extern \"Python\" int f(int); extern \"Python+C\" { void g(void); int h(void); } extern \"host\" void i(void);\n\
         extern \"C\" { int j(void); }",
    );
    let origins = ["f", "g", "h", "i", "j"].map(|name| d.function(name).unwrap().origin);
    use Origin::{Host, HostAndC, Library};
    assert_eq!(origins, [Host, HostAndC, HostAndC, Host, Library]);
}

#[test]
fn what_only_a_compiler_could_complete_says_so() {
    let d = parsed(
        "struct p { int a; ...; }; typedef int... t; typedef float... ft; extern int n[...]; enum e { A = ..., B, ... };\n\
         struct q { t x; int n[...]; }; struct r { struct p inner; }; typedef ... opaque;\n\
         void f(struct p *, t *, opaque *);",
    );
    for text in ["struct p", "t", "ft", "struct q", "struct r"] {
        let error = layout_of(&**d.types(), d.type_of(text).unwrap()).unwrap_err();
        assert_eq!(error, LayoutError::NeedsCompiler(text.into()));
    }
    let opaque = layout_of(&**d.types(), d.type_of("opaque").unwrap());
    assert_eq!(opaque, Err(LayoutError::NeedsCompiler("opaque".into())));
    assert_eq!(d.constant("A").unwrap().value, Value::Deferred);
}

#[test]
fn asm_labels_and_bodies() {
    let d = parsed(
        "int f(int) __asm__(\"real_\" \"f\") __attribute__((nothrow)); extern int v asm(\"w\");\n\
         static inline int g(int x) { if (x) { return \"}\"[0]; } return '}'; } int h(void);",
    );
    assert_eq!(d.function("f").unwrap().symbol.as_deref(), Some("real_f"));
    assert_eq!(d.variable("v").unwrap().symbol.as_deref(), Some("w"));
    assert!(d.function("g").is_some() && d.function("h").is_some());
}

#[test]
fn redeclarations() {
    parsed(
        "int f(int); int f(int x); typedef int t; typedef int t; struct s; struct s { int a; }; struct s;",
    );
    for (text, line, column) in [
        ("int f(int);\nint f(long);", 2, 5),
        ("typedef int t;\ntypedef long t;", 2, 14),
        ("struct s { int a; };\nstruct s { int a; };", 2, 8),
        ("struct s { int a; };\nunion s *f(void);", 2, 7),
        ("enum e { A };\nenum f { A = 1 };", 2, 10),
        ("int x;\nint x(void);", 2, 5),
        ("struct s { int a; float a; };", 1, 25),
    ] {
        let errors = failed(text);
        assert_eq!(
            (errors[0].0, errors[0].1),
            (line, column),
            "{text}: {errors:?}"
        );
    }
    let mut d = parsed("int f(int); struct s { int a; }; typedef int t;");
    let options = CdefOptions {
        replace: true,
        ..CdefOptions::default()
    };
    d.parse(
        "long f(void); struct s { char b; }; typedef char t;",
        &options,
    )
    .unwrap();
    assert_eq!(spelled(&d, "f"), "long f()");
    assert_eq!(
        layout_of(&**d.types(), d.type_of("struct s").unwrap())
            .unwrap()
            .size,
        1
    );
}

#[test]
fn several_texts_build_on_each_other_and_a_failed_one_changes_nothing() {
    let mut d = parsed("struct s; typedef struct s *sp; enum { N = 3 };");
    let failed = d.parse(
        "struct s { int a[N]; }; int f(sp); int g(nothing);",
        &CdefOptions::default(),
    );
    assert!(failed.is_err() && d.get("f").is_none());
    assert!(layout_of(&**d.types(), d.type_of("struct s").unwrap()).is_err());
    d.parse(
        "struct s { int a[N + 1]; }; int f(sp);",
        &CdefOptions::default(),
    )
    .unwrap();
    assert_eq!(
        layout_of(&**d.types(), d.type_of("struct s").unwrap())
            .unwrap()
            .size,
        16
    );
}

#[test]
fn included_types_are_the_same_types() {
    let table = Arc::new(TypeTable::new(DataModel::HOST));
    let [mut a, mut b] = [Declarations::new(table.clone()), Declarations::new(table)];
    a.parse(
        "typedef struct { int x; } t; struct s; enum { N = 3 }; int f(void);",
        &CdefOptions::default(),
    )
    .unwrap();
    b.include(&a).unwrap();
    assert_eq!(a.type_of("t").unwrap(), b.type_of("t").unwrap());
    assert_eq!((integer(&b, "N"), b.get("f")), (3, None));
    b.parse("struct s { t a[N]; };", &CdefOptions::default())
        .unwrap();
    assert_eq!(
        layout_of(&**a.types(), a.type_of("struct s").unwrap())
            .unwrap()
            .size,
        12
    );
    let mut other = on(DataModel::HOST);
    assert!(other.include(&a).is_err());
    b.parse("typedef int only_b;", &CdefOptions::default())
        .unwrap();
    a.parse("typedef long only_b;", &CdefOptions::default())
        .unwrap();
    assert!(a.include(&b).is_err());
}

#[test]
fn a_users_typedef_goes_before_a_predefined_name() {
    let d = parsed(
        "typedef struct { int x; } size_t; size_t f(void); typedef unsigned char bool; bool g(void);",
    );
    assert_eq!(spelled(&d, "f"), "size_t f()");
    assert_eq!(spelled(&d, "g"), "unsigned char g()");
}

#[test]
fn windows_names_on_request() {
    let mut d = on(DataModel::X86_64_LINUX);
    let text = "DWORD WINAPI GetModuleFileName(HMODULE hModule, LPTSTR2 *, DWORD nSize);"
        .replace("LPTSTR2 *", "LPWSTR");
    assert!(d.parse(&text, &CdefOptions::default()).is_err());
    d.parse(
        &text,
        &CdefOptions {
            windows_names: true,
            ..CdefOptions::default()
        },
    )
    .unwrap();
    assert_eq!(
        spelled(&d, "GetModuleFileName"),
        "unsigned int GetModuleFileName(void *, char16_t *, unsigned int)"
    );
    assert!(d.type_of("HANDLE").is_ok());
    assert!(on(DataModel::X86_64_WINDOWS).type_of("HANDLE").is_ok());
}

#[test]
fn errors_have_places_and_are_reported_together() {
    let text = "int f(int a, foo_t b);\nstruct s {\n  int x\n  int y;\n};\nint ok(struct s *);\nint g(int;\nint h[3;\nbaz_t *k;\n\
                double \u{e9}\u{e8}(bar *);\n";
    let errors = failed(text);
    let places: Vec<(u32, u32)> = errors.iter().map(|error| (error.0, error.1)).collect();
    assert_eq!(
        places,
        [(1, 14), (4, 3), (7, 10), (8, 8), (9, 1), (10, 11)],
        "{errors:?}"
    );
    assert_eq!(errors[0].2, CdefErrorKind::UnknownType("foo_t".into()));
    let syntax = |expected: &'static str, found: &str| CdefErrorKind::Syntax {
        expected: expected.into(),
        found: found.into(),
    };
    assert_eq!(errors[1].2, syntax("',' or ';'", "'int'"));
    assert_eq!(errors[2].2, syntax("',' or ')'", "';'"));
    let mut d = on(DataModel::HOST);
    let shown = d
        .parse("int f(int);\n\tint g(foo);", &CdefOptions::default())
        .unwrap_err()
        .to_string();
    assert_eq!(shown, "2:8: unknown type 'foo'\n   int g(foo);\n         ^");
}

#[test]
fn what_follows_from_an_error_is_not_reported_again() {
    let errors = failed("typedef nothing foo;\nfoo f(foo);\nenum { A = B, C };\nint x[C];");
    assert_eq!(errors.len(), 2, "{errors:?}");
}

#[test]
fn incomplete_types_by_value() {
    for text in [
        "struct s; struct t { struct s x; };",
        "struct s; extern struct s x[3];",
        "struct t { struct t x; };",
        "struct t { void x; };",
        "int x = ;",
        "int f(int x[][]);",
        "struct t { int f(void); };",
        "int f(void x);",
        "int f(void)[3];",
        "void x;",
    ] {
        failed(text);
    }
    parsed("struct s; struct s f(struct s); extern struct s x;");
}

#[test]
fn static_assertions_are_checked() {
    parsed("_Static_assert(sizeof(long) == 8, \"LP64\"); struct s { int a; _Static_assert(1); };");
    let errors = failed("_Static_assert(sizeof(long) == 4,\n \"LP64\");");
    assert_eq!(
        errors,
        [(1, 1, CdefErrorKind::StaticAssertion("\"LP64\"".into()))]
    );
}

#[test]
fn nesting_is_bounded() {
    for (open, middle, close) in [
        ("(", "f", ")"),
        ("(*", "f", ")(int)"),
        ("struct { ", "int x;", " } y;"),
    ] {
        for (levels, works) in [(40, true), (100_000, false)] {
            let text = format!(
                "int x; {}{middle}{};",
                open.repeat(levels),
                close.repeat(levels)
            );
            let text = if middle == "f" {
                text.replacen("int x; ", "int ", 1)
            } else {
                text
            };
            let parsed = on(DataModel::X86_64_LINUX).parse(&text, &CdefOptions::default());
            assert_eq!(parsed.is_ok(), works, "{levels} of {open}");
        }
    }
    for (open, close) in [
        ("(", ")"),
        ("- ", ""),
        ("sizeof(int[", "])"),
        ("1 ? 2 : ", ""),
        ("(int)", ""),
        ("1 + (", ")"),
    ] {
        for (levels, works) in [(30, true), (100_000, false)] {
            let text = format!(
                "extern int x[1 + 0 * {}1{}];",
                open.repeat(levels),
                close.repeat(levels)
            );
            let parsed = on(DataModel::X86_64_LINUX).parse(&text, &CdefOptions::default());
            assert_eq!(parsed.is_ok(), works, "{levels} of {open}");
        }
    }
}

#[test]
fn sizes_are_bounded() {
    for text in [
        "extern char x[18446744073709551615];",
        "extern char x[1 << 40][1 << 40];",
        "struct s { char a[9223372036854775807]; char b; };",
        "extern char x[99999999999999999999999999999999999999999];",
        "struct s { int a : 33; };",
        "struct s { int a __attribute__((aligned(3))); };",
        "typedef int v __attribute__((vector_size(12)));",
    ] {
        failed(text);
    }
}
