//! Types back to C, against what cffi 2.1.1 prints.

use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;

const DECLARATIONS: &str = "
    struct s { int a; }; typedef int (*fn)(struct s *); enum e { A }; typedef int arr[3]; typedef int v3[3][4];
    typedef int fnt(int); typedef void *vp; typedef struct { int x; } t; typedef struct { int y; } *p;";

/// What `ffi.getctype(type, x)` gives for these `x`.
const EXTRAS: [&str; 5] = ["", "&", "*", "[5]", "x"];

#[rustfmt::skip]
const CFFI: &[(&str, [&str; 5])] = &[
    ("int", ["int", "int &", "int *", "int[5]", "int x"]),
    ("unsigned", ["unsigned int", "unsigned int &", "unsigned int *", "unsigned int[5]", "unsigned int x"]),
    ("long long int", ["long long", "long long &", "long long *", "long long[5]", "long long x"]),
    ("short unsigned", ["unsigned short", "unsigned short &", "unsigned short *", "unsigned short[5]", "unsigned short x"]),
    ("char const*const*", ["char * *", "char * * &", "char * * *", "char * *[5]", "char * * x"]),
    ("fn", ["int(*)(struct s *)", "int(* &)(struct s *)", "int(* *)(struct s *)", "int(*[5])(struct s *)", "int(* x)(struct s *)"]),
    ("fn*", ["int(* *)(struct s *)", "int(* * &)(struct s *)", "int(* * *)(struct s *)", "int(* *[5])(struct s *)", "int(* * x)(struct s *)"]),
    ("arr*", ["int(*)[3]", "int(* &)[3]", "int(* *)[3]", "int(*[5])[3]", "int(* x)[3]"]),
    ("arr[2]", ["int[2][3]", "int &[2][3]", "int(*)[2][3]", "int[5][2][3]", "int x[2][3]"]),
    ("fnt*", ["int(*)(int)", "int(* &)(int)", "int(* *)(int)", "int(*[5])(int)", "int(* x)(int)"]),
    ("void(*)(fnt)", ["void(*)(int(*)(int))", "void(* &)(int(*)(int))", "void(* *)(int(*)(int))", "void(*[5])(int(*)(int))", "void(* x)(int(*)(int))"]),
    ("void(*)(arr)", ["void(*)(int *)", "void(* &)(int *)", "void(* *)(int *)", "void(*[5])(int *)", "void(* x)(int *)"]),
    ("void(*)(v3)", ["void(*)(int(*)[4])", "void(* &)(int(*)[4])", "void(* *)(int(*)[4])", "void(*[5])(int(*)[4])", "void(* x)(int(*)[4])"]),
    ("struct s*", ["struct s *", "struct s * &", "struct s * *", "struct s *[5]", "struct s * x"]),
    ("enum e*", ["enum e *", "enum e * &", "enum e * *", "enum e *[5]", "enum e * x"]),
    ("vp[4]", ["void *[4]", "void * &[4]", "void *(*)[4]", "void *[5][4]", "void * x[4]"]),
    ("t", ["t", "t &", "t *", "t[5]", "t x"]),
    ("t*", ["t *", "t * &", "t * *", "t *[5]", "t * x"]),
    ("p", ["struct $1 *", "struct $1 * &", "struct $1 * *", "struct $1 *[5]", "struct $1 * x"]),
    ("int(*[3])(char *, ...)", ["int(*[3])(char *, ...)", "int(* &[3])(char *, ...)", "int(*(*)[3])(char *, ...)", "int(*[5][3])(char *, ...)", "int(* x[3])(char *, ...)"]),
    ("int(*)(char *, ...)", ["int(*)(char *, ...)", "int(* &)(char *, ...)", "int(* *)(char *, ...)", "int(*[5])(char *, ...)", "int(* x)(char *, ...)"]),
    ("int(*(*)[2])(int)", ["int(*(*)[2])(int)", "int(*(* &)[2])(int)", "int(*(* *)[2])(int)", "int(*(*[5])[2])(int)", "int(*(* x)[2])(int)"]),
    ("void(*(*)(int, void(*)(int)))(int)", ["void(*(*)(int, void(*)(int)))(int)", "void(*(* &)(int, void(*)(int)))(int)", "void(*(* *)(int, void(*)(int)))(int)", "void(*(*[5])(int, void(*)(int)))(int)", "void(*(* x)(int, void(*)(int)))(int)"]),
    ("unsigned char(*)[]", ["unsigned char(*)[]", "unsigned char(* &)[]", "unsigned char(* *)[]", "unsigned char(*[5])[]", "unsigned char(* x)[]"]),
    ("double(*)[2][3]", ["double(*)[2][3]", "double(* &)[2][3]", "double(* *)[2][3]", "double(*[5])[2][3]", "double(* x)[2][3]"]),
    ("int*(*)(int)", ["int *(*)(int)", "int *(* &)(int)", "int *(* *)(int)", "int *(*[5])(int)", "int *(* x)(int)"]),
    ("int **[3]", ["int * *[3]", "int * * &[3]", "int * *(*)[3]", "int * *[5][3]", "int * * x[3]"]),
    ("int[3][4]", ["int[3][4]", "int &[3][4]", "int(*)[3][4]", "int[5][3][4]", "int x[3][4]"]),
    ("int(*)()", ["int(*)()", "int(* &)()", "int(* *)()", "int(*[5])()", "int(* x)()"]),
    ("bool", ["_Bool", "_Bool &", "_Bool *", "_Bool[5]", "_Bool x"]),
    ("size_t", ["size_t", "size_t &", "size_t *", "size_t[5]", "size_t x"]),
    ("FILE*", ["FILE *", "FILE * &", "FILE * *", "FILE *[5]", "FILE * x"]),
];

#[test]
fn types_are_spelled_as_cffi_does() {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    declarations
        .parse(DECLARATIONS, &CdefOptions::default())
        .unwrap();
    for (text, spelled) in CFFI {
        let ty = declarations.type_of(text).unwrap();
        let ours = EXTRAS.map(|extra| declarations.types().spelling_with(ty, extra));
        assert_eq!(&ours, spelled, "{text}");
    }
}

#[test]
fn a_spelling_is_the_type_again() {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    declarations
        .parse(DECLARATIONS, &CdefOptions::default())
        .unwrap();
    for (text, _) in CFFI.iter().filter(|(text, _)| *text != "p") {
        let ty = declarations.type_of(text).unwrap();
        assert_eq!(
            declarations
                .type_of(&declarations.types().spelling(ty))
                .unwrap(),
            ty,
            "{text}"
        );
    }
}

#[test]
fn names_that_would_double_without_end_are_cut() {
    let mut text = String::from("typedef void (*f0)(void);\n");
    for i in 0..200 {
        text += &format!("typedef void (*f{})(f{i}, f{i});\n", i + 1);
    }
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    declarations.parse(&text, &CdefOptions::default()).unwrap();
    let spelled = declarations
        .types()
        .spelling(declarations.type_of("f200").unwrap());
    assert!(spelled.len() < 200_000, "{}", spelled.len());
}
