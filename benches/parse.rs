//! How long does it take to read declarations, per line, and is that linear in their length?
//!
//! With `FARCALL_PYTHON` naming a Python that has cffi (`cargo xtask bench` makes one), cffi's pycparser reads the same
//! texts in the same run.

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

/// gtk's header after the preprocessor, where it is installed.
fn gtk() -> Option<String> {
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
            .arg(&include),
    );
    let _ = std::fs::remove_file(&include);
    String::from_utf8(preprocessed?.stdout).ok()
}

fn texts() -> Vec<(&'static str, String)> {
    let mut texts = vec![("500 lines", text(500)), ("16000 lines", text(16_000))];
    texts.extend(gtk().map(|text| ("gtk/gtk.h", text)));
    texts
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
    for (name, text) in texts() {
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

/// Seconds that cffi takes to read a text.
fn cffi(python: &str, text: &str) -> Option<f64> {
    const SCRIPT: &str = "import sys, time, cffi\n\
                          text = open(sys.argv[1]).read(); ffi = cffi.FFI(); start = time.perf_counter()\n\
                          ffi.cdef(text); print(time.perf_counter() - start)";
    let file = std::env::temp_dir().join(format!("farcall-parse-{}.h", std::process::id()));
    std::fs::write(&file, text).ok()?;
    let output = Command::new(python)
        .arg("-c")
        .arg(SCRIPT)
        .arg(&file)
        .output()
        .ok()?;
    let _ = std::fs::remove_file(&file);
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// One line a text: microseconds a line, and how many times faster than cffi where it is there.
fn table() {
    let python = std::env::var("FARCALL_PYTHON").ok();
    println!(
        "{:12} {:>8} {:>10} {:>16} {:>8}",
        "text", "lines", "us/line", "cffi us/line", "times"
    );
    for (name, text) in texts() {
        let lines = text.lines().count() as f64;
        let ours = fastest(10, || {
            let start = Instant::now();
            black_box(read(&text));
            start.elapsed().as_secs_f64()
        });
        // pycparser does not take gcc's extensions, of which system headers are full.
        let cffi = python
            .as_deref()
            .filter(|_| name != "gtk/gtk.h")
            .and_then(|python| cffi(python, &text));
        let (theirs, times) = match cffi {
            Some(cffi) => (
                format!("{:.1}", 1e6 * cffi / lines),
                format!("{:.0}", cffi / ours),
            ),
            None => ("-".into(), "-".into()),
        };
        println!(
            "{name:12} {lines:8} {:10.3} {theirs:>16} {times:>8}",
            1e6 * ours / lines
        );
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
