//! Types as deep as they are accepted: everything that walks them gets by with the stack of a small thread.

use std::fmt::Write;
use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declaration, Declarations};
use farcall::ctype::{CType, TypeId, TypeTable};
use farcall::layout::DataModel;
use farcall::lower::Lowering;
use farcall::{Ffi, Value};

/// The limit on records and arrays inside each other.
const DEEPEST: usize = 150;

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let size = if cfg!(debug_assertions) {
        2 << 20
    } else {
        256 << 10
    };
    let thread = std::thread::Builder::new().stack_size(size);
    thread.spawn(run).unwrap().join().unwrap();
}

/// `last`, around which `levels` records are, each with a member of `arrays` dimensions.
fn nested(kind: &str, levels: usize, arrays: usize, member: &str) -> String {
    let mut text = format!("{kind} s0 {{ int x; }};\n");
    for level in 1..=levels {
        let dimensions = "[1]".repeat(arrays);
        let before = level - 1;
        writeln!(
            text,
            "{kind} s{level} {{ {kind} s{before} {member}{dimensions}; }};"
        )
        .unwrap();
    }
    writeln!(
        text,
        "typedef {kind} s{levels} last; void f(last); last g(void);"
    )
    .unwrap();
    text
}

/// Records that are members without a name.
fn anonymous(levels: usize) -> String {
    let (open, close) = ("struct { ".repeat(levels), "}; ".repeat(levels));
    format!("typedef struct {{ {open} int x; {close} }} last; void f(last); last g(void);")
}

#[test]
fn what_is_accepted_can_be_walked() {
    // One for the innermost record, one for arrays of the outermost.
    let deepest = DEEPEST - 2;
    let texts = [
        nested("struct", deepest, 0, "m"),
        nested("union", deepest, 0, "m"),
        nested("struct", deepest / 2, 1, "m"),
        nested("struct", deepest / 100, 99, "m"),
        anonymous(63),
    ];
    for text in texts {
        on_a_small_stack(move || walk(&text));
    }
}

fn walk(text: &str) {
    let ffi = Ffi::new();
    ffi.cdef(text).unwrap();
    assert_eq!(ffi.size_of("last").unwrap(), 4);
    // An initialiser's items are counted through all levels.
    assert_eq!(ffi.size_of("char[sizeof((last[]){1, 2, 3})]").unwrap(), 12);
    let declarations = ffi.declarations();
    for name in ["f", "g"] {
        let Some(Declaration::Function(function)) = declarations.get(name) else {
            panic!("{name} is a function")
        };
        compile(&ffi, name, function.ty);
    }
    let value = ffi
        .alloc("last[1]", vec![initialiser(&ffi, "last")])
        .unwrap();
    let printed = value.to_string();
    assert!(printed.contains("x: 7"), "{printed}");
}

fn compile(ffi: &Ffi, name: &str, ty: TypeId) {
    let CType::Function(id) = ffi.types().get(ty) else {
        panic!("a function")
    };
    assert!(ffi.types().declaration(ty, name).contains(name));
    let signature = ffi
        .lowering()
        .signature(name, ffi.types().function(id), &[]);
    ffi.engine().call_stub(&signature.unwrap()).unwrap();
}

/// Nested lists, down to a 7 in the innermost member. Members of anonymous members are the record's own.
fn initialiser(ffi: &Ffi, text: &str) -> Value {
    let types = ffi.types();
    let (mut ty, mut levels) = (ffi.type_of(text).unwrap(), 0);
    loop {
        ty = match types.get(types.plain(ty)) {
            CType::Array { element, .. } => element,
            CType::Record(id) => {
                let field = &types.record(id).body().unwrap().fields[0];
                levels -= i32::from(field.name.is_none());
                field.ty
            }
            _ => break,
        };
        levels += 1;
    }
    (0..levels).fold(Value::Int(7), |inner, _| Value::List(vec![inner]))
}

/// Where the arguments go, and the stub that takes them there, on every target: what `farcall disasm` shows.
#[test]
fn every_target_assigns_them() {
    for &model in DataModel::ALL {
        for text in [
            nested("struct", DEEPEST - 2, 0, "m"),
            nested("struct", DEEPEST / 2 - 1, 1, "m"),
            nested("union", 1, 99, "m"),
        ] {
            on_a_small_stack(move || {
                let types = Arc::new(TypeTable::new(model));
                let mut declarations = Declarations::new(Arc::clone(&types));
                declarations.parse(&text, &CdefOptions::default()).unwrap();
                let lowering = Lowering::new(Arc::clone(&types));
                for name in ["f", "g"] {
                    let ty = declarations.function(name).unwrap().ty;
                    let CType::Function(id) = types.get(ty) else {
                        panic!("a function")
                    };
                    let signature = lowering.signature(name, types.function(id), &[]);
                    // Some machines' stubs are only in the command.
                    let _ = farcall_jit::emit_stub(&signature.unwrap());
                }
            });
        }
    }
}

/// Types that are deep without holding each other: pointers to functions that take pointers to functions.
#[test]
fn parameters_inside_parameters_are_compared_on_a_small_stack() {
    let chain = |name: &str| {
        let mut text = format!("typedef void {name}0(int);");
        for level in 1..2000 {
            let before = level - 1;
            write!(text, "typedef void {name}{level}({name}{before} *);").unwrap();
        }
        text
    };
    // An array of unknown length agrees with another, though their types are not one.
    let texts = [
        format!(
            "{} {}",
            chain("a"),
            chain("b").replacen("(int)", "(int (*)[])", 1)
        ),
        "enum { X = _Generic((a1999 *)0, b1999 *: 1, default: 2) };".to_string(),
        "extern a1999 *x; extern b1999 *x;".to_string(),
    ];
    on_a_small_stack(move || {
        let ffi = Ffi::new();
        for text in texts {
            let _ = ffi.cdef(&text);
        }
        assert!(
            !ffi.types()
                .spelling(ffi.type_of("b1999 *").unwrap())
                .is_empty()
        );
    });
}

#[test]
fn a_level_more_is_refused_whatever_it_is() {
    for text in [
        nested("struct", DEEPEST, 0, "m"),
        nested("struct", DEEPEST / 2, 1, "m"),
        nested("struct", 98, 99, "m"),
        format!(
            "{} extern last x[1];",
            nested("struct", DEEPEST - 1, 0, "m")
        ),
        format!(
            "typedef int a{0}; typedef a b{0};",
            "[1]".repeat(DEEPEST / 2 + 1)
        ),
        format!(
            "typedef int a{0}; struct s {{ a b[...]{0}; }};",
            "[1]".repeat(DEEPEST / 2)
        ),
    ] {
        on_a_small_stack(move || {
            let error = Ffi::new().cdef(&text).unwrap_err().to_string();
            assert!(
                error.contains(&format!("nested more than {DEEPEST} levels deep")),
                "{error}"
            );
        });
    }
}
