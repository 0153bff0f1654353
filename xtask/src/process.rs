//! Running programs.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::Error;

/// Runs it on the user's terminal, and says whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool, Error> {
    let status = command.status().map_err(|error| start(command, error))?;
    Ok(status.success())
}

/// What a program printed, and whether it succeeded.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    /// Without colours.
    pub(crate) output: String,
    /// Without colours. Empty where it was shown and kept together with the output.
    pub(crate) errors: String,
}

/// Runs it, shows everything that it prints at once, and keeps it too.
pub(crate) fn shown(command: &mut Command) -> Result<Outcome, Error> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| start(command, error))?;
    let kept = Mutex::new(String::new());
    std::thread::scope(|scope| {
        if let Some(errors) = child.stderr.take() {
            let kept = &kept;
            scope.spawn(move || relay(errors, kept));
        }
        if let Some(output) = child.stdout.take() {
            relay(output, &kept);
        }
    });
    let status = child.wait().map_err(|error| start(command, error))?;
    Ok(Outcome {
        success: status.success(),
        output: plain(&kept.into_inner().unwrap_or_else(PoisonError::into_inner)),
        errors: String::new(),
    })
}

/// Runs it without showing anything.
pub(crate) fn captured(command: &mut Command) -> Result<Outcome, Error> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| start(command, error))?;
    Ok(Outcome {
        success: output.status.success(),
        output: plain(&String::from_utf8_lossy(&output.stdout)),
        errors: plain(&String::from_utf8_lossy(&output.stderr)),
    })
}

/// Runs it with all that it prints going to `log`, and says whether it succeeded. What it leaves running may go on printing.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<bool, Error> {
    let file = File::create(log).map_err(Error::io(log))?;
    let errors = file.try_clone().map_err(Error::io(log))?;
    succeeds(command.stdin(Stdio::null()).stdout(file).stderr(errors))
}

fn relay(from: impl Read, kept: &Mutex<String>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(from.read_until(b'\n', &mut line), Ok(1..)) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        // A closed terminal is no reason to stop a run half way.
        let _ = std::io::stdout().write_all(&line);
        kept.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
}

fn start(command: &Command, error: std::io::Error) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    Error::Start { program, error }
}

/// `text` without the escape sequences of colours: ESC `[`, parameters, a letter.
pub(crate) fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(
            part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
                .get(1..)
                .unwrap_or_default(),
        );
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out() {
        assert_eq!(
            plain("\x1b[32;1m   Summary\x1b[0m [ 0.1s] é"),
            "   Summary [ 0.1s] é"
        );
        assert_eq!(plain("none"), "none");
    }

    #[test]
    fn what_is_printed_is_kept() {
        let outcome = captured(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]));
        let outcome = outcome.expect("a shell");
        assert_eq!(
            (outcome.success, &*outcome.output, &*outcome.errors),
            (false, "out\n", "err\n")
        );
    }
}
