//! The C compiler as a judge.

use std::io::Write;
use std::process::{Command, Stdio};

/// Whether the compiler takes a text; what it says if not. Nothing is kept of what comes out.
pub(crate) fn accepts(text: &str) -> Result<(), String> {
    let mut cc = Command::new("cc")
        .args(["-xc", "-std=gnu11", "-w", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cc: {error}"))?;
    cc.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .map_err(|error| error.to_string())?;
    let output = cc.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
