//! C compilers as judges.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

/// Whether the host's compiler takes a text; what it says if not. Nothing is kept of what comes out.
#[allow(dead_code, reason = "not every test asks the host's compiler")]
pub(crate) fn accepts(text: &str) -> Result<(), String> {
    match accepted_by(&["cc"], text) {
        Some(answer) => answer,
        None => Err("there is no cc".into()),
    }
}

/// The same of a compiler with its options; nothing if it is not installed.
pub(crate) fn accepted_by(compiler: &[&str], text: &str) -> Option<Result<(), String>> {
    let started = Command::new(compiler[0])
        .args(&compiler[1..])
        .args(["-xc", "-std=gnu11", "-w", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match started {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Err(format!("{}: {error}", compiler[0]))),
        Ok(mut cc) => Some((|| {
            let mut input = cc.stdin.take().ok_or("no input")?;
            input
                .write_all(text.as_bytes())
                .map_err(|e| e.to_string())?;
            drop(input);
            let output = cc.wait_with_output().map_err(|e| e.to_string())?;
            if output.status.success() {
                return Ok(());
            }
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        })()),
    }
}
