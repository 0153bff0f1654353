//! Random operations on C data: results, reprs and errors are those of cffi 2.1.1.

#![allow(
    unsafe_code,
    reason = "a host calls the engine's operations, which trust it"
)]

mod engine;
mod host;
mod objects;
mod operation;
mod random;
mod session;
mod shown;
mod source;
mod wild;

use std::collections::HashSet;
use std::io::Write;
use std::process::{Command, Stdio};

use farcall::Ffi;
use farcall::convert::{plan_new, store};
use farcall::shape::Shape;
use host::{Memory, Strict, Val};
use random::Random;
use session::{Session, Side};

/// What both sides declare.
const DECLARATIONS: &str = "
    struct point { int x, y; };
    struct mixed { signed char c; double d; short s[3]; char name[5]; struct point at; _Bool flag; };
    union number { int i; float f; unsigned char bytes[6]; };
    struct bits { unsigned a : 3; int b : 5; int one : 1; unsigned long long wide : 40; };
    struct nested { struct point inner; union { long l; float f; }; struct { char p; short q; }; struct mixed *next; };
    struct flexible { int n; short tail[]; };
    struct wide { wchar_t w; char16_t name16[4]; char32_t c32; float ld; double _Complex z; };
    struct opaque;
    enum color { RED, GREEN = 5, BLUE, MINUS = -3 };
    typedef struct { enum color e; uint8_t u8; uint64_t u64; } alias;
    typedef int (*function)(int);
    struct pointers { char *text; void *any; int *ints; struct point *points; function f; };
";

/// The other side: evaluates each line, and answers with a line for each.
const THEIRS: &str = r#"
import re, sys, warnings
from cffi import FFI
warnings.simplefilter('ignore')
ffi = FFI()
ffi.cdef(sys.stdin.readline().encode().decode('unicode_escape'))
names = {'ffi': ffi, 'nan': float('nan'), 'inf': float('inf')}
def shown(text):
    return re.sub(r'0x[0-9a-f]+', '0x', text)
for line in sys.stdin:
    kind, name, text = line.rstrip('\n').split('\t')
    try:
        if kind == 'E':
            value = names[name] = eval(text, names)
            print(shown(ascii(value)))
        else:
            exec(text, names)
            print('done')
    except Exception as error:
        print('%s: %s' % (type(error).__name__, ascii(str(error))[1:-1]))
"#;

fn answers(lines: &[String]) -> Option<Vec<String>> {
    // `cargo xtask test` makes the environment. qemu's user mode would not say that there is none.
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let python = Some(target.join("cffi/bin/python")).filter(|python| python.exists())?;
    let mut python = Command::new(python)
        .args(["-c", THEIRS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = python.stdin.take()?;
    let text = format!(
        "{}\n{}\n",
        DECLARATIONS.replace('\n', " "),
        lines.join("\n")
    );
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = python.wait_with_output().ok()?;
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "cffi crashed");
    let said = String::from_utf8(output.stdout).ok()?;
    Some(said.lines().map(String::from).collect())
}

/// Errors in Python's own words, which differ from version to version: the class has to agree.
const PYTHONS: &[&str] = &[
    "cannot be interpreted as an integer",
    "too big to convert",
    "too large to convert",
    "must be real number",
    "cannot fit",
];

fn agree(ours: &str, theirs: &str) -> bool {
    // Texts inside of messages are escaped once or twice.
    let once = |text: &str| text.replace("\\\\", "\\");
    let (ours, theirs) = (&*once(ours), once(&of_one_class(theirs)));
    let class = |text: &str| text.split(':').next().unwrap_or("").to_owned();
    // Python has no text of such characters, cffi no words for a record that is initialised by one of its own type: both can be
    // done here.
    let unspeakable = ["invalid maximum character", "internal mismatch"];
    let is_done = !ours.contains("Error: ");
    ours == theirs
        || is_done && unspeakable.iter().any(|words| theirs.contains(words))
        || PYTHONS.iter().any(|words| theirs.contains(words)) && class(ours) == class(&theirs)
}

/// cdata's class has several names there, and complex types have typedefs' names.
fn of_one_class(text: &str) -> String {
    let text = text.replace("_cffi_float_complex_t", "float _Complex");
    let mut text = text.replace("_cffi_double_complex_t", "double _Complex");
    for name in [
        "_cffi_backend._CDataBase",
        "_cffi_backend.__CDataOwn",
        "_cffi_backend.__CDataOwnGC",
        "_cffi_backend.__CDataFromBuf",
    ] {
        text = text.replace(&format!("not {name}"), "not cdata");
    }
    text
}

#[test]
fn random_operations_do_what_cffi_does() {
    for (side, seeds, kinds) in [(Side::Engine, 1..=4, 40), (Side::Objects, 5..=8, 15)] {
        // Checked, for those who ask what may be read.
        let ffi = Ffi::builder().checked(true).build();
        ffi.cdef(DECLARATIONS).unwrap();
        let mut errors = HashSet::new();
        for seed in seeds {
            match compare(&ffi, side, seed) {
                Some(theirs) => errors.extend(theirs),
                None => {
                    return eprintln!("skipped: cffi is not installed (cargo xtask test does it)");
                }
            }
        }
        assert!(
            errors.len() > kinds,
            "{side:?}: errors of few kinds: {errors:?}"
        );
    }
}

/// Does as many operations on both sides, and gives the kinds of errors that were among the answers.
fn compare(ffi: &Ffi, side: Side, seed: u64) -> Option<HashSet<String>> {
    const OPERATIONS: usize = 10_000;
    let mut session = Session::new(ffi, side);
    let mut random = Random::new(ffi, seed);
    while session.lines.len() < OPERATIONS {
        let operation = random.operation(&session);
        session.run(&operation);
        session.forget_old();
    }
    let most = if side == Side::Engine {
        OPERATIONS
    } else {
        2 * OPERATIONS
    };
    assert!(
        session.wild < most,
        "{} operations were not made",
        session.wild
    );
    let theirs = answers(&session.lines)?;
    assert_eq!(theirs.len(), session.lines.len());
    let mut errors = HashSet::new();
    let mut wrong = Vec::new();
    for ((line, ours), theirs) in session.lines.iter().zip(&session.answers).zip(&theirs) {
        if !agree(ours, theirs) {
            let made = origins(&session.lines, line);
            wrong.push(format!(
                "{made}{line}\n  ours:   {ours}\n  theirs: {theirs}"
            ));
        }
        if theirs.contains("Error: ") {
            // The words before the first name or number.
            errors.extend(theirs.split(['\'', '-', '<']).next().map(str::to_owned));
        }
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>();
    assert!(
        wrong.is_empty(),
        "{} of {OPERATIONS} by {side:?} with seed {seed} differ:\n{}",
        wrong.len(),
        shown.join("\n")
    );
    Some(errors)
}

/// The lines that made what a line speaks of.
fn origins(lines: &[String], line: &str) -> String {
    let (mut made, mut seen, mut todo) = (Vec::new(), HashSet::new(), vec![line]);
    while let Some(line) = todo.pop() {
        let names = line.split(|c: char| !c.is_ascii_alphanumeric());
        for name in names.filter(|name| name.starts_with('v') && seen.insert(name.to_owned())) {
            let maker = lines
                .iter()
                .find(|line| line.split('\t').nth(1) == Some(name));
            made.extend(maker);
            todo.extend(maker.map(String::as_str));
        }
    }
    made.into_iter()
        .rev()
        .map(|line| format!("{line}\n"))
        .collect()
}

/// A host whose text is longer each time: what is written stays inside the memory that was planned.
#[test]
fn text_that_grows_stays_inside() {
    let ffi = Ffi::new();
    let host = Strict { types: ffi.types() };
    for ty in ["wchar_t[]", "char16_t[]", "char32_t[3]"] {
        let text = Val::Growing(Default::default());
        let shape = Shape::of(ffi.types(), ffi.type_of(ty).unwrap());
        let plan = plan_new(&host, &shape, Some(&text)).unwrap();
        let memory = Memory::new(plan.size + 64, false);
        // SAFETY: more memory than planned.
        let stored = unsafe { store(&host, &plan.stored, memory.start(), plan.size, &text) };
        // SAFETY: memory behind what was planned.
        let behind =
            unsafe { std::slice::from_raw_parts(memory.start().add(plan.size as usize), 64) };
        assert!(behind.iter().all(|&byte| byte == 0), "{ty}: {stored:?}");
    }
}
