//! The compilers whose records are compared, and what they print and emit.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, io};

use super::measure::RECORDS;

/// A compiler for one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compiler {
    /// What `--cc` calls it.
    pub(crate) name: &'static str,
    /// The target's name in farcall.
    pub(crate) target: &'static str,
    program: &'static str,
    options: &'static [&'static str],
}

const fn gcc(target: &'static str, program: &'static str) -> Compiler {
    Compiler {
        name: program,
        target,
        program,
        options: &[],
    }
}

const fn clang(target: &'static str, options: &'static [&'static str]) -> Compiler {
    Compiler {
        name: "clang",
        target,
        program: "clang",
        options,
    }
}

/// The compilers of every target. The first of a target is the one that farcall follows where they disagree and
/// no ABI document decides.
pub(crate) const COMPILERS: &[Compiler] = &[
    gcc("x86_64-linux", "gcc"),
    clang("x86_64-linux", &["--target=x86_64-linux-gnu"]),
    gcc("aarch64-linux", "aarch64-linux-gnu-gcc"),
    clang("aarch64-linux", &["--target=aarch64-linux-gnu"]),
    // Without the registers that the i386 psABI passes vectors in, gcc aligns those of 8 bytes otherwise.
    Compiler {
        options: &["-msse2"],
        ..gcc("i686-linux", "i686-linux-gnu-gcc")
    },
    clang("i686-linux", &["--target=i686-linux-gnu"]),
    gcc("x86_64-windows", "x86_64-w64-mingw32-gcc"),
    clang("x86_64-windows", &["--target=x86_64-w64-mingw32"]),
    gcc("i686-windows", "i686-w64-mingw32-gcc"),
    clang("i686-windows", &["--target=i686-w64-mingw32"]),
    clang("x86_64-windows-msvc", &["--target=x86_64-pc-windows-msvc"]),
    clang("i686-windows-msvc", &["--target=i686-pc-windows-msvc"]),
];

/// What a compiler made of a text.
pub(crate) enum Compiled {
    /// The object file.
    Object(Vec<u8>),
    /// The lines with errors, from 1, with the compiler's words on each, and all that it said.
    Errors(Vec<(usize, String)>, String),
}

impl Compiler {
    /// The compiler with what chooses its target.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.options);
        command
    }

    /// Compiles a text to an object file.
    ///
    /// # Errors
    ///
    /// If the compiler cannot be started (it is not installed) or its files cannot be used.
    pub(crate) fn compile(&self, text: &str) -> io::Result<Compiled> {
        let scratch = Scratch::new()?;
        let (source, object) = (scratch.0.join("records.c"), scratch.0.join("records.o"));
        fs::write(&source, text)?;
        let unlimited = if self.program == "clang" {
            "-ferror-limit=0"
        } else {
            "-fmax-errors=0"
        };
        let output = self
            .command()
            .args(["-std=gnu11", "-O0", "-w", "-c", unlimited, "-o"])
            .arg(&object)
            .arg(&source)
            .output()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.program)))?;
        if output.status.success() {
            return fs::read(&object).map(Compiled::Object);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Compiled::Errors(error_lines(&said), said))
    }
}

/// The lines that `records:line:column: error: words` names.
fn error_lines(said: &str) -> Vec<(usize, String)> {
    let line = |line: &str| {
        let place = line.strip_prefix(RECORDS)?.strip_prefix(':')?;
        let (place, words) = place.split_once("error: ")?;
        Some((place.split(':').next()?.parse().ok()?, words.to_string()))
    };
    said.lines().filter_map(line).collect()
}

/// A directory that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Scratch> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "farcall-layout-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A directory left in the temporary one does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}
