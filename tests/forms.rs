//! Forms beyond C11 as gcc 12 has it: C23, Windows compilers, cffi. What each means is in the place named beside it.

use std::sync::Arc;

use farcall::cdef::{CdefErrorKind, CdefOptions, Declarations, Value};
use farcall::ctype::{CType, Convention, Passing, Primitive, RecordBody, TypeTable};
use farcall::layout::{DataModel, layout_of};

fn parsed_on(model: DataModel, text: &str, options: &CdefOptions) -> Declarations {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
    declarations
        .parse(text, options)
        .unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    declarations
}

fn parsed(text: &str) -> Declarations {
    parsed_on(DataModel::X86_64_LINUX, text, &CdefOptions::default())
}

fn size_and_align(d: &Declarations, text: &str) -> (u64, u64) {
    let layout = layout_of(&**d.types(), d.type_of(text).unwrap()).unwrap();
    (layout.size, layout.align)
}

fn body<'a>(d: &'a Declarations, text: &str) -> &'a RecordBody {
    let CType::Record(id) = d.types().get(d.type_of(text).unwrap()) else {
        panic!("{text} is a record")
    };
    d.types().record(id).body().unwrap()
}

#[test]
fn enumerations_with_an_underlying_type() {
    // C23 6.7.3.3
    let d = parsed(
        "enum a : unsigned char { A = 255 }; enum b : long long; enum b : long long { B = 1ll << 40 };\n\
         typedef short s; enum c : s { C = -1 } __attribute__((packed)); struct d { char x; enum a y; enum c z; };",
    );
    assert_eq!(
        (size_and_align(&d, "enum a"), size_and_align(&d, "enum b")),
        ((1, 1), (8, 8))
    );
    assert_eq!(size_and_align(&d, "struct d"), (4, 2));
    let mut wrong = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    for text in [
        "enum a : unsigned char { A = 256 };",
        "enum a : float { A };",
        "enum a : struct s { A };",
    ] {
        assert!(
            wrong.parse(text, &CdefOptions::default()).is_err(),
            "{text}"
        );
    }
}

#[test]
fn constants_of_an_enumeration_listed_in_part_are_deferred() {
    // cffi refuses the value of any of them (VerificationMissing); those written out are known here.
    let d = parsed(
        "enum e { A, B, ... }; enum f { C = 5, D, E = sizeof(struct { int x; }), ..., F }; enum g { G, H = ..., I };",
    );
    let values =
        ["A", "B", "C", "D", "E", "F", "G", "H", "I"].map(|n| d.constant(n).unwrap().value);
    let (deferred, known) = (Value::Deferred, Value::Integer);
    assert_eq!(
        values,
        [
            deferred,
            deferred,
            known(5),
            deferred,
            known(4),
            deferred,
            known(0),
            deferred,
            deferred
        ]
    );
}

#[test]
fn standard_attributes() {
    // C23 6.7.12; gcc documents the gnu:: ones.
    let d = parsed(
        "[[nodiscard]] int f(int [[maybe_unused]] x); [[deprecated(\"a, b]]\")]] typedef int t [[gnu::aligned(8)]];\n\
         struct [[gnu::packed]] s { char a; [[maybe_unused]] int b [[gnu::aligned(2)]]; }; enum e { A [[deprecated]], B };\n\
         [[gnu::stdcall, gnu::nothrow]] void g(void);",
    );
    assert_eq!(
        (size_and_align(&d, "t"), size_and_align(&d, "struct s")),
        ((4, 8), (6, 2))
    );
}

#[test]
fn c23_words() {
    let d = parsed(
        "constexpr int n = 3; bool f(bool); static_assert(sizeof(int) == 4); alignas(16) extern int v;\n\
         typeof_unqual(const int) x; thread_local int tls; struct s { alignas(8) char c; };\n\
         enum { A = alignof(long), B = 0b101, C = 1'000'000 };",
    );
    assert_eq!(d.constant("n").unwrap().value, Value::Integer(3));
    assert_eq!(d.constant("C").unwrap().value, Value::Integer(1_000_000));
    assert_eq!(size_and_align(&d, "struct s"), (8, 8));
    assert_eq!(
        d.variable("x").unwrap().ty,
        d.types().primitive(Primitive::Int)
    );
}

#[test]
fn what_windows_headers_say() {
    let d = parsed_on(
        DataModel::I686_WINDOWS_MSVC,
        "__declspec(dllimport) int __stdcall f(unsigned __int64, __int8 *); typedef void (__cdecl *g)(void * __ptr32);\n\
         typedef struct __declspec(align(16)) s { char c; __declspec(align(4)) char d; } s; struct t { char c; s x; };\n\
         __pragma(pack(push, 1)) struct u { char a; int b; }; __pragma(pack(pop)) struct v { char a; int b; };\n\
         extern \"C\" { __declspec(noreturn) void __fastcall h(int, int); } DWORD WINAPI GetLastError(void);\n\
         typedef enum { X = 0xffffffff } e; __forceinline int k(void) { return 1; }",
        &CdefOptions::default(),
    );
    // MSVC documents `align` and `pack`: https://learn.microsoft.com/cpp/cpp/align-cpp
    assert_eq!(
        (size_and_align(&d, "s"), size_and_align(&d, "struct t")),
        ((16, 16), (32, 16))
    );
    assert_eq!(
        (
            size_and_align(&d, "struct u"),
            size_and_align(&d, "struct v")
        ),
        ((5, 1), (8, 4))
    );
    let spelled = |name: &str| d.types().spelling(d.function(name).unwrap().ty);
    assert_eq!(spelled("GetLastError"), "unsigned long()");
}

#[test]
fn attributes_of_records() {
    let d = parsed(
        "typedef union { int *a; float *b; } u __attribute__((transparent_union)); union v { int a; } __attribute__((transparent_union));\n\
         struct a { char c; long l; } __attribute__((packed, aligned(4), deprecated(\"x\"), unknown_to_us(1, (2))));\n\
         struct __attribute__((__packed__)) b { char c; int i; } x; struct c { char c; } __attribute__((aligned));",
    );
    assert_eq!(
        (
            size_and_align(&d, "struct a"),
            size_and_align(&d, "struct b")
        ),
        ((12, 4), (5, 1))
    );
    assert_eq!(size_and_align(&d, "struct c"), (16, 16));
    assert_eq!(
        (body(&d, "union v").passing, body(&d, "u").passing),
        (Passing::AsFirstMember, Passing::AsFirstMember)
    );
}

#[test]
fn packing_by_option() {
    // cffi's cdef(packed=True) and cdef(pack=n).
    let text = "struct s { char a; long b; short c; };";
    let size = |pack| {
        size_and_align(
            &parsed_on(
                DataModel::X86_64_LINUX,
                text,
                &CdefOptions {
                    pack,
                    ..Default::default()
                },
            ),
            "struct s",
        )
    };
    assert_eq!(
        [size(None), size(Some(1)), size(Some(2)), size(Some(8))],
        [(24, 8), (11, 1), (12, 2), (24, 8)]
    );
    let mut d = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    let wrong = d
        .parse(
            text,
            &CdefOptions {
                pack: Some(3),
                ..Default::default()
            },
        )
        .unwrap_err();
    assert!(matches!(wrong.first().kind, CdefErrorKind::Invalid(_)));
    // A pragma in the text goes first.
    let pragma = parsed_on(
        DataModel::X86_64_LINUX,
        "#pragma pack(push, 2)\nstruct s { char a; long b; };\n#pragma pack(pop)\nstruct t { char a; long b; };",
        &CdefOptions {
            pack: Some(1),
            ..Default::default()
        },
    );
    assert_eq!(
        (
            size_and_align(&pragma, "struct s"),
            size_and_align(&pragma, "struct t")
        ),
        ((10, 2), (9, 1))
    );
}

#[test]
fn texts_as_cffi_reads_them() {
    let cffi = CdefOptions {
        cffi: true,
        ..Default::default()
    };
    // Three types of one tag, which type names tell apart by their keywords.
    let text = "struct s { char c; }; union s { int i; }; enum s { A = 5 }; struct t { struct s *a; union s b; };";
    let declarations = parsed_on(DataModel::X86_64_LINUX, text, &cffi);
    assert_eq!(size_and_align(&declarations, "struct s"), (1, 1));
    assert_eq!(size_and_align(&declarations, "union s"), (4, 4));
    assert_eq!(size_and_align(&declarations, "enum s"), (4, 4));
    assert_eq!(size_and_align(&declarations, "struct t"), (16, 8));
    let refused = |text: &str, options: &CdefOptions| {
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
        declarations.parse(text, options).is_err()
    };
    for (text, by_cffi, by_c) in [
        ("struct s { int i; }; union s { int i; };", false, true),
        ("int f(...);", true, false),
        ("void f(void) {}", true, false),
        ("static inline int f(void) { return 1; }", false, false),
        ("struct s { int i; }; struct s { int i; };", true, true),
    ] {
        assert_eq!(refused(text, &cffi), by_cffi, "{text}");
        assert_eq!(refused(text, &CdefOptions::default()), by_c, "{text}");
    }
}

#[test]
fn va_lists_are_the_targets() {
    // AMD64 psABI figure 3.34; AAPCS64 appendix B.
    let text =
        "int vprintf(const char *, va_list); typedef __builtin_va_list v; struct s { va_list l; };";
    let on = |model| parsed_on(model, text, &CdefOptions::default());
    let sizes = DataModel::ALL
        .iter()
        .map(|&model| size_and_align(&on(model), "struct s"));
    assert_eq!(
        sizes.collect::<Vec<_>>(),
        [(24, 8), (32, 8), (4, 4), (8, 8), (4, 4), (8, 8), (4, 4)]
    );
}

#[test]
fn the_same_text_on_every_target() {
    // Sizes of `long`, pointers, `long double` and `wchar_t`, and whether plain `char` is signed, as the psABIs, AAPCS64 and
    // Microsoft's "Data Type Ranges" have them.
    let expected = [
        ("x86_64-linux", [8, 8, 16, 4], true),
        ("aarch64-linux", [8, 8, 16, 4], false),
        ("i686-linux", [4, 4, 12, 4], true),
        ("x86_64-windows", [4, 8, 16, 2], true),
        ("i686-windows", [4, 4, 12, 2], true),
        ("x86_64-windows-msvc", [4, 8, 8, 2], true),
        ("i686-windows-msvc-rules", [4, 4, 8, 2], true),
    ];
    for (name, sizes, char_signed) in expected {
        let model = DataModel::from_name(name).unwrap();
        let d = parsed_on(model, "enum { X = (char)-1 };", &CdefOptions::default());
        let size = |text| size_and_align(&d, text).0;
        assert_eq!(
            [
                size("long"),
                size("void *"),
                size("long double"),
                size("wchar_t")
            ],
            sizes,
            "{name}"
        );
        assert_eq!(
            d.constant("X").unwrap().value,
            Value::Integer(if char_signed { -1 } else { 255 }),
            "{name}"
        );
    }
    assert!(DataModel::from_name("vax-vms").is_none());
}

#[test]
fn what_cffi_takes_and_c_does_not() {
    let d = parsed(
        "struct partial { struct later f; int a[]; int y; ...; }; struct later; void f(struct later []);\n\
         extern \" C + Python \" int g(int); extern \"C+Python\" { int h(int); }",
    );
    assert_eq!(
        d.types().spelling(d.function("f").unwrap().ty),
        "void(struct later *)"
    );
    let mut strict = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    for text in [
        "struct s { int a[]; int y; };",
        "struct s { struct later f; };",
        "struct later f(struct later [3]);",
    ] {
        assert!(
            strict.parse(text, &CdefOptions::default()).is_err(),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_supported_says_so() {
    let mut d = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    for text in [
        "_BitInt(7) x;",
        "#define max(a, b) a",
        "int x __attribute__((mode(DD)));",
    ] {
        let errors = d.parse(text, &CdefOptions::default()).unwrap_err();
        assert!(
            matches!(errors.first().kind, CdefErrorKind::Unsupported(_)),
            "{errors}"
        );
    }
    let errors = d
        .parse("#include \"x.h\"\nint x;", &CdefOptions::default())
        .unwrap_err();
    assert_eq!(
        errors.first().kind,
        CdefErrorKind::Directive("include".into())
    );
}

/// Each macro is evaluated where it stands, so a chain of them is as deep as one.
#[test]
fn macros_build_on_each_other() {
    let mut text = String::from("#define A0 0\n");
    for n in 1..5000 {
        text += &format!("#define A{n} (A{}+1)\n", n - 1);
    }
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    declarations
        .parse(&text, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(
        declarations.constant("A4999").unwrap().value,
        Value::Integer(4999)
    );
}

/// A convention behind a `*` is for the function that it points to, and if it points to none for that which returns it (gcc,
/// and clang but for those with two `*`).
#[test]
fn conventions_stand_on_either_side_of_a_pointer() {
    let (own, returned) = (Convention::Stdcall, Convention::Default);
    for (text, expected) in [
        ("extern void (__stdcall *v)(int);", (own, returned)),
        ("extern void (* __stdcall v)(int);", (own, returned)),
        ("void (__stdcall v)(int);", (own, returned)),
        ("void __stdcall v(int);", (own, returned)),
        ("void (* __stdcall v(int))(char);", (returned, own)),
        ("void (* __stdcall (v)(int))(char);", (returned, own)),
        ("void (__stdcall *v(int))(char);", (returned, own)),
        (
            "extern void (* __stdcall (* __stdcall v)(int))(char);",
            (own, own),
        ),
        ("int * __stdcall v(int);", (own, returned)),
        ("int ** __stdcall v(int);", (own, returned)),
        ("int * __stdcall *v(int);", (returned, returned)),
        ("int * __stdcall (v)(int);", (own, returned)),
        ("extern int * __stdcall (*v)(int);", (own, returned)),
        (
            "typedef int f(char); f * __stdcall v(int);",
            (returned, own),
        ),
    ] {
        let declarations = parsed_on(DataModel::I686_WINDOWS, text, &CdefOptions::default());
        let types = declarations.types();
        let function = |ty| match types.get(ty) {
            CType::Function(id) => types.function(id).clone(),
            other => panic!("{other:?}"),
        };
        let outer = match declarations.variable("v") {
            Some(variable) => match types.get(variable.ty) {
                CType::Pointer(target) => function(target),
                other => panic!("{other:?}"),
            },
            None => function(declarations.function("v").unwrap().ty),
        };
        let inner = match types.get(outer.result) {
            CType::Pointer(target) if matches!(types.get(target), CType::Function(_)) => {
                function(target).convention
            }
            _ => Convention::Default,
        };
        assert_eq!((outer.convention, inner), expected, "{text}");
    }
}

/// As gcc refuses them.
#[test]
fn conventions_contradict_each_other() {
    let types = Arc::new(TypeTable::new(DataModel::I686_LINUX));
    let text = "int f(int) __attribute__((stdcall, thiscall));";
    let errors = Declarations::new(types)
        .parse(text, &CdefOptions::default())
        .unwrap_err();
    let invalid = CdefErrorKind::Invalid("'__thiscall' contradicts '__stdcall'".into());
    assert_eq!(errors.first().kind, invalid);
}

/// What follows a value left to the compiler is left to it as well.
#[test]
fn constants_behind_deferred_ones_are_deferred() {
    let declarations = parsed("enum e { A = ..., B, C = 7, D, ..., E };");
    let value = |name| declarations.constant(name).unwrap().value;
    assert_eq!((value("A"), value("B")), (Value::Deferred, Value::Deferred));
    assert_eq!(
        (value("C"), value("D"), value("E")),
        (Value::Integer(7), Value::Deferred, Value::Deferred)
    );
}

/// Numbers at the ends of what there is: errors, not wrapped.
#[test]
fn nothing_overflows() {
    for (model, text) in [
        (
            DataModel::X86_64_LINUX,
            "enum e : __int128 { A = 170141183460469231731687303715884105727, B };",
        ),
        (
            DataModel::X86_64_WINDOWS_MSVC,
            "struct s { char a[9223372036854775800]; int b:3; };",
        ),
        (
            DataModel::X86_64_WINDOWS_MSVC,
            "struct s { char a[9223372036854775800]; int b:3; int :0; };",
        ),
        (
            DataModel::X86_64_WINDOWS_MSVC,
            "struct s { char a[4611686018427387904]; int b:3; };",
        ),
    ] {
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
        assert!(
            declarations.parse(text, &CdefOptions::default()).is_err(),
            "{text}"
        );
    }
    let far = "struct s { int x[1 + ((char*)(((__int128)1<<126)) - (char*)(-((__int128)1<<126)-((__int128)1<<126)) > 0)]; };";
    parsed(far);
}
