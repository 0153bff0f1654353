//! Tells `perf` what runs where: a line for each piece of code in `/tmp/perf-PID.map`, the file in which `perf report` looks up
//! addresses that are in no library (Linux, `tools/perf/Documentation/jit-interface.txt`).
//!
//! ```text
//! 7f3a10000040 35 farcall stub i32 (i32)
//!   address   bytes  name
//! ```
//!
//! Only if the environment variable `FARCALL_PERF_MAP` is set. Then code is in anonymous memory, published once: in mappings of
//! files perf looks for nothing. Each line opens the file anew: a forked child writes to one of its own, and no lock is held.

use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::OnceLock;

use super::Code;

/// Names a piece of code to perf, if the environment asks for it. That the file cannot be written is no one's concern.
pub(super) fn announce(code: Code, name: impl fmt::Display) {
    if is_wanted() {
        let _ = append(code, name);
    }
}

/// Whether the environment asked for it when the first code was made.
pub(super) fn is_wanted() -> bool {
    static WANTED: OnceLock<bool> = OnceLock::new();
    *WANTED.get_or_init(|| std::env::var_os("FARCALL_PERF_MAP").is_some())
}

fn append(code: Code, name: impl fmt::Display) -> io::Result<()> {
    let path = format!("/tmp/perf-{}.map", std::process::id());
    // Others can write to that folder, too: no link of theirs is followed.
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)?;
    let mut line = String::new();
    let _ = writeln!(
        line,
        "{:x} {:x} farcall {name}",
        code.address.addr(),
        code.len
    );
    file.write_all(line.as_bytes())
}
