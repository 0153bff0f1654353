//! What a text makes farcall allocate is bounded by its length, whatever it says.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;

/// Counts what each thread holds, and the most that it held at once.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that ends may have no counters any more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes held at once while a text is read as declarations and as a type, errors and their display included.
fn needed(text: &str) -> usize {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    HELD.set(0);
    MOST.set(0);
    let parsed = declarations.parse(text, &CdefOptions::default());
    let shown = parsed.map_err(|errors| errors.to_string());
    let _ = (declarations.type_of(text), shown);
    MOST.get() as usize
}

/// Texts of about a size that ask for much: by nesting, by doubling, by their number.
fn texts(size: usize) -> Vec<(&'static str, String)> {
    let repeated = |unit: &str| unit.repeat(size / unit.len());
    let numbered = |line: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        (1..)
            .map_while(|i| (text.len() < size).then(|| text += &line(i)))
            .last();
        text
    };
    vec![
        ("parentheses", format!("int x = {}", repeated("("))),
        ("brackets", repeated("int a[")),
        ("nested structures", repeated("struct {")),
        (
            "closed structures",
            format!(
                "{}int x;{}",
                "struct {".repeat(size / 12),
                "} y;".repeat(size / 12)
            ),
        ),
        (
            "nested sizeof",
            format!("extern int x[{}", repeated("sizeof(int[")),
        ),
        (
            "nested typeof",
            format!("{} x;", repeated("typeof(int (*)(")),
        ),
        (
            "nested _Generic",
            format!("extern int x[{}", repeated("_Generic(0, int: ")),
        ),
        (
            "nested literals",
            format!("extern int x[sizeof{}", repeated("(int[]){1, ")),
        ),
        (
            "huge arrays",
            numbered(&|i| format!("extern char a{i}[4611686018427387904];\n")),
        ),
        (
            "huge literals",
            repeated("extern int x[sizeof((int[]){[1 << 28] = 1})];\n"),
        ),
        (
            "macros that use macros",
            format!(
                "#define A0 1\n{}",
                numbered(&|i| format!("#define A{i} A{0} + A{0}\n", i - 1))
            ),
        ),
        (
            "one macro again and again",
            repeated("#define A 1\n#undef A\n"),
        ),
        (
            "typeof of the one before",
            format!(
                "int x0;\n{}",
                numbered(&|i| format!("extern typeof(&x{}) x{i};\n", i - 1))
            ),
        ),
        (
            "parameters that double",
            format!(
                "typedef int t0;\n{}",
                numbered(&|i| format!("typedef void (*t{i})(t{0}, t{0});\n", i - 1))
            ),
        ),
        (
            "members that double",
            format!(
                "typedef int t0;\n{}",
                numbered(&|i| format!("typedef struct {{ t{0} a, b; }} t{i};\n", i - 1))
            ),
        ),
        (
            "arrays of arrays",
            format!(
                "typedef char t0;\n{}",
                numbered(&|i| format!("typedef t{} t{i}[2];\n", i - 1))
            ),
        ),
        (
            "names of anonymous members",
            format!(
                "struct s {{ {}{}{} }};",
                "struct {".repeat(60),
                numbered(&|i| format!("int m{i};")),
                "};".repeat(60)
            ),
        ),
        (
            "enumerators",
            format!("enum {{ {} }};", numbered(&|i| format!("E{i}, "))),
        ),
        (
            "functions",
            numbered(&|i| format!("int f{i}(int, char *);\n")),
        ),
        (
            "parameters in sight",
            format!(
                "void f({} int z);",
                numbered(&|i| format!("int p{i}, int q{i}[p{i}],"))
            ),
        ),
        (
            "definitions as before ANSI C",
            numbered(&|i| format!("int f{i}(a, b) int a; {{}}\n")),
        ),
        ("errors", numbered(&|i| format!("foo{i} x{i};"))),
        (
            "wrong members",
            format!(
                "struct s {{ {} }};",
                numbered(&|i| format!("foo{i} x{i}; struct t{i} y{i};"))
            ),
        ),
        ("splices", repeated("\\\n")),
        ("names in escapes", repeated("\\u00e9")),
        (
            "attributes",
            format!("int x {};", repeated("__attribute__((aligned(8))) ")),
        ),
        ("pushes", repeated("#pragma pack(push, 1)\n")),
    ]
}

#[test]
fn memory_is_linear_in_the_text() {
    // A token takes 12 bytes, a name or a type with its entries in the tables about a hundred. The rest does not grow with
    // the text: what anonymous members hand on, the tables' first blocks, the errors.
    const PER_BYTE: usize = 80;
    const ALWAYS: usize = 16 << 20;
    for size in [10_000, 200_000] {
        for (name, text) in texts(size) {
            let needed = needed(&text);
            assert!(
                needed <= PER_BYTE * text.len() + ALWAYS,
                "{name}: {needed} bytes for {} of text",
                text.len()
            );
        }
    }
}
