//! Attributes as gcc and its cross compilers understand them: which have an effect, which have none, which are refused.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/claims.rs"]
mod claims;
#[path = "common/confirmed.rs"]
mod confirmed;
#[path = "common/declared.rs"]
mod declared;

use std::io::Write as _;
use std::process::{Command, Stdio};

use confirmed::{TARGETS, confirmed};
use declared::{on, parsed, parsed_on, takes};
use farcall::cdef::{CdefErrorKind, CdefOptions};
use farcall::ctype::{CType, Passing};
use farcall::layout::DataModel;

/// Members of unions whose first member gcc does or does not pass in their stead.
const UNIONS: &[&str] = &[
    "double d; long l;",
    "long l; double d;",
    "void *p; int *q;",
    "int i; float f;",
    "float f; int i;",
    "struct { int a; } s; int i;",
    "struct { float a; } s; int i;",
    "struct { float a; float b; } s; long long i;",
    "float _Complex f; long long i;",
    "int i; long long l;",
    "long double d;",
    "double d;",
    "float f[2]; long long l;",
    "float f[1]; int l;",
    "struct { double a, b; } s; long long l[2];",
    "struct { char c[3]; } s; char c[3];",
    "struct { char c[16]; } s; char c[16];",
    "struct { float a, b, c; } s; int i[3];",
    "int b : 3; int i;",
    "int b : 32; int i;",
    "enum { A } e; int i;",
    "_Bool b; char c;",
    "struct { double a; float b; } s;",
    "union { double a; } u; long long l;",
    "union { int a; } u; float l;",
    "struct { int *p; } s; void *q;",
    "double _Complex c; struct { double a, b; } s;",
];

#[test]
fn unions_are_transparent_where_gcc_takes_them_for_it() {
    for (model, compiler) in TARGETS {
        let text: String = (0..UNIONS.len())
            .map(|n| {
                let members = UNIONS[n].replace("A }", &format!("A{n} }}"));
                format!("typedef union {{ {members} }} u{n} __attribute__((transparent_union));\n")
            })
            .collect();
        let started = Command::new(compiler)
            .args(["-xc", "-fsyntax-only", "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut cc) = started else {
            eprintln!("skipped: there is no {compiler}");
            continue;
        };
        cc.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let said = String::from_utf8(cc.wait_with_output().unwrap().stderr).unwrap();
        let declarations = parsed_on(model, &text);
        let types = declarations.types();
        for (n, members) in UNIONS.iter().enumerate() {
            let ignored = said.contains(&format!("<stdin>:{}:", n + 1));
            let CType::Record(id) = types.get(declarations.typedef(&format!("u{n}")).unwrap())
            else {
                panic!("{members}")
            };
            let passing = types.record(id).body().unwrap().passing;
            assert_eq!(
                passing == Passing::AsFirstMember,
                !ignored,
                "{}: union {{ {members} }}",
                model.name
            );
        }
    }
}

#[test]
fn only_arguments_go_as_a_transparent_unions_first_member() {
    let ffi = farcall::Ffi::new();
    ffi.cdef(
        "typedef union { void *p; double *q; struct { int *r; } s; } u __attribute__((transparent_union));\n\
         typedef union { double d; int64_t l; } v __attribute__((transparent_union)); struct n { u m; };\n\
         void a(u); void b(void *); u c(void); void *d(void); void e(v); void f(union { double d; int64_t l; });\n\
         void g(struct n); void h(struct { union { void *p; double *q; struct { int *r; } s; } m; });",
    )
    .unwrap();
    let signature = |name: &str| {
        let ty = ffi.declarations().function(name).unwrap().ty;
        let CType::Function(id) = ffi.types().get(ty) else {
            panic!("{name}")
        };
        let signature = ffi.lowering().signature("f", ffi.types().function(id), &[]);
        format!("{:?}", signature.unwrap())
    };
    assert_eq!(signature("a"), signature("b"));
    assert_ne!(signature("c"), signature("d"));
    // gcc passes over the attribute of a union that begins with a `double`.
    assert_eq!(signature("e"), signature("f"));
    assert_eq!(signature("g"), signature("h"));
}

#[test]
fn a_typedef_makes_a_variant_of_a_union_with_a_name() {
    let d = parsed(
        "union u { int *a; float *b; }; typedef union u t __attribute__((transparent_union)); typedef union u v;\n\
         typedef struct { int a; } s __attribute__((transparent_union)); typedef union { int *a; } *p, w __attribute__((transparent_union));",
    );
    let types = d.types();
    let passing = |name: &str| match types.get(d.type_of(name).unwrap()) {
        CType::Record(id) => types.record(id).body().unwrap().passing,
        _ => panic!("{name}"),
    };
    assert_eq!(["union u", "v", "s"].map(passing), [Passing::ByMembers; 3]);
    assert_eq!(["t", "w"].map(passing), [Passing::AsFirstMember; 2]);
}

#[test]
fn what_changes_layouts_or_calls_and_is_not_implemented_is_refused() {
    for text in [
        "struct __attribute__((scalar_storage_order(\"big-endian\"))) s { int x; };",
        "struct s { int x; } __attribute__((__scalar_storage_order__(\"big-endian\")));",
        "typedef int v __attribute__((ext_vector_type(4)));",
        "void f(int) __attribute__((regcall));",
        "[[clang::preserve_most]] void f(int);",
        "void f(char *p __attribute__((pass_object_size(0))));",
        "#pragma scalar_storage_order big-endian\nint x;",
        "#pragma ms_struct on\nint x;",
        "_Pragma(\"ms_struct on\") int x;",
        "#pragma redefine_extname a b\nint x;",
    ] {
        let errors = on(DataModel::X86_64_LINUX).parse(text, &CdefOptions::default());
        let errors = errors.expect_err(text);
        assert_eq!(errors.errors().len(), 1, "{errors}");
        let kind = &errors.first().kind;
        assert!(matches!(kind, CdefErrorKind::Unsupported(_)), "{errors}");
    }
    let vector_pcs = "void f(int) __attribute__((aarch64_vector_pcs));";
    assert!(!takes(DataModel::AARCH64_LINUX, vector_pcs));
    // Other machines pass over it.
    assert!(takes(DataModel::X86_64_LINUX, vector_pcs));
    parsed(
        "#pragma scalar_storage_order little-endian\n#pragma ms_struct off\n#pragma GCC diagnostic push\n\
         struct __attribute__((scalar_storage_order(\"little-endian\"))) s { int x; };",
    );
}

#[test]
fn names_of_attributes_that_are_none() {
    let text = "struct [[packed]] a { char c; int i; }; struct [[foo::packed]] b { char c; int i; };\n\
                struct __attribute__((packed_)) c { char c; int i; }; struct __attribute__((_packed_)) d { char c; int i; };\n\
                struct __attribute__((__packed)) e { char c; int i; }; struct __attribute__((___packed___)) f { char c; int i; };\n\
                struct [[gnu::packed]] g { char c; int i; }; struct [[__gnu__::__packed__]] h { char c; int i; };\n\
                struct __attribute__((__packed__)) i { char c; int i; };";
    confirmed(&TARGETS, text);
}

#[test]
fn declspec_is_another_word_for_attributes_to_mingw() {
    let text = "struct __declspec(packed) a { char c; int i; }; struct __declspec(aligned(16)) b { char c; };\n\
                struct __declspec(align(16)) c { char c; }; struct d { char c; __declspec(aligned(8)) int i; };\n\
                struct e { char c; int i; } __declspec(packed); struct f { char c; int i __declspec(aligned(32)); };\n\
                __declspec(aligned(16)) struct g { char c; }; struct h { __declspec(packed) int i; char c; };\n\
                struct __declspec(align(16)) __declspec(dllimport) i { char c; };";
    confirmed(&TARGETS[3..], text);
}
