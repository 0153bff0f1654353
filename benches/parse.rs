//! How long does it take to read declarations, per line, and is that linear in their length?
//!
//! With `FARCALL_PYTHON` naming a Python that has cffi (`cargo xtask bench` makes one), cffi reads the same texts in the
//! same run. It does not take gtk's header: its pycparser knows none of gcc's extensions, and cffi itself no function bodies.
//! So the header is read once more without the extensions, which macros take out of it, and there pycparser alone is
//! the contender: what it takes is only a part of what cffi would.

use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;

/// Declarations such as stand in headers, in C that every parser takes. Six lines each time.
fn text(lines: usize) -> String {
    let mut text = String::new();
    for i in 0..lines.div_ceil(6) {
        writeln!(
            text,
            "typedef struct node{i} {{ struct node{i} *next; const char *name; unsigned int flags : 3, kind : 5;\n    \
             double weights[4]; union {{ long number; void *pointer; }} value; }} node{i}_t;\n\
             typedef enum {{ KIND{i}_NONE, KIND{i}_SOME = 4, KIND{i}_ALL }} kind{i}_t;\n\
             typedef int (*visit{i}_t)(node{i}_t *node, kind{i}_t kind, void *user);\n\
             node{i}_t *node{i}_new(const char *name, size_t length, uint32_t flags, ...);\n\
             extern int node{i}_walk(const node{i}_t *root, visit{i}_t visit, void *user, int depth);"
        )
        .unwrap();
    }
    text
}

/// Macros that take gcc's extensions out of system headers.
const WITHOUT_EXTENSIONS: &[&str] = &[
    "-D__attribute__(x)=",
    "-D__asm__(x)=",
    "-D__extension__=",
    "-D__restrict=",
    "-D__inline=inline",
    "-D__volatile__=volatile",
    "-D__signed__=signed",
    "-D__builtin_va_list=int",
    "-D_Float128=double",
];

/// gtk's header after the preprocessor, where it is installed.
fn gtk(macros: &[&str]) -> Option<String> {
    let output = |command: &mut Command| {
        command
            .output()
            .ok()
            .filter(|output| output.status.success())
    };
    let options = output(Command::new("pkg-config").args(["--cflags", "gtk+-3.0"]))?;
    let options = String::from_utf8(options.stdout).ok()?;
    let include = std::env::temp_dir().join(format!("farcall-parse-{}.c", std::process::id()));
    std::fs::write(&include, "#include <gtk/gtk.h>\n").ok()?;
    let preprocessed = output(
        Command::new("cc")
            .arg("-E")
            .args(options.split_whitespace())
            .args(macros)
            .arg(&include),
    );
    let _ = std::fs::remove_file(&include);
    String::from_utf8(preprocessed?.stdout).ok()
}

/// What is read, and by which of Python's parsers.
struct Text {
    name: &'static str,
    text: String,
    /// Python that reads `text`.
    contender: &'static str,
}

const CFFI: &str = "cffi.FFI().cdef(text)";
const PYCPARSER: &str = "pycparser.c_parser.CParser().parse(text)";

fn texts() -> Vec<Text> {
    let texts = [
        ("500 lines", Some(text(500)), CFFI),
        ("16000 lines", Some(text(16_000)), CFFI),
        ("gtk/gtk.h", gtk(&[]), CFFI),
        ("without extensions", gtk(WITHOUT_EXTENSIONS), PYCPARSER),
    ];
    let text = |(name, text, contender): (_, Option<String>, _)| {
        Some(Text {
            name,
            text: text?,
            contender,
        })
    };
    texts.into_iter().filter_map(text).collect()
}

fn read(text: &str) -> Declarations {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    declarations
        .parse(text, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    declarations
}

fn parse(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    group.sample_size(20);
    for Text { name, text, .. } in texts() {
        group.throughput(Throughput::Elements(text.lines().count() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |b, text| {
            b.iter(|| read(black_box(text)))
        });
    }
    group.finish();
}

/// Seconds of the fastest of some runs.
fn fastest(runs: usize, mut run: impl FnMut() -> f64) -> f64 {
    (0..runs).map(|_| run()).fold(f64::INFINITY, f64::min)
}

/// Seconds that Python takes to read a text, or the last line of what it says against it.
fn python(python: &str, text: &Text) -> Result<f64, String> {
    const SCRIPT: &str = "import sys, time, warnings, cffi, pycparser.c_parser\n\
                          warnings.simplefilter('ignore'); text = open(sys.argv[1]).read(); start = time.perf_counter()\n\
                          try: eval(sys.argv[2])\n\
                          except Exception as error: sys.exit(f'{type(error).__name__}: {str(error).splitlines()[-1]}')\n\
                          print(time.perf_counter() - start)";
    let file = std::env::temp_dir().join(format!("farcall-parse-{}.h", std::process::id()));
    std::fs::write(&file, &text.text).map_err(|error| error.to_string())?;
    let output = Command::new(python)
        .arg("-c")
        .arg(SCRIPT)
        .arg(&file)
        .arg(text.contender)
        .output();
    let _ = std::fs::remove_file(&file);
    let output = output.map_err(|error| error.to_string())?;
    let seconds = String::from_utf8_lossy(&output.stdout);
    let said = || String::from_utf8_lossy(&output.stderr).trim().to_string();
    seconds.trim().parse().map_err(|_| said())
}

/// One line a text: microseconds a line, and how many times faster than Python where that reads it too.
fn table() {
    let interpreter = std::env::var("FARCALL_PYTHON").ok();
    println!(
        "{:18} {:>8} {:>10} {:>16} {:>8}",
        "text", "lines", "us/line", "python us/line", "times"
    );
    for text in texts() {
        let lines = text.text.lines().count() as f64;
        let ours = fastest(10, || {
            let start = Instant::now();
            black_box(read(&text.text));
            start.elapsed().as_secs_f64()
        });
        let theirs = interpreter
            .as_deref()
            .map(|interpreter| python(interpreter, &text));
        let (theirs, times) = match &theirs {
            Some(Ok(theirs)) => (
                format!("{:.1}", 1e6 * theirs / lines),
                format!("{:.0}", theirs / ours),
            ),
            Some(Err(said)) => (format!("refused: {said}"), String::new()),
            None => ("-".into(), "-".into()),
        };
        let line = format!(
            "{:18} {lines:8} {:10.3} {theirs:>16} {times:>8}",
            text.name,
            1e6 * ours / lines
        );
        println!("{}", line.trim_end());
    }
}

criterion_group!(benches, parse);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    // `cargo test --benches` only looks whether it runs.
    if !std::env::args().any(|argument| argument == "--test") {
        table();
    }
}
