//! A Python with cffi in it, to compare with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The environment variable by which `benches/parse.rs` finds it.
pub(crate) const VARIABLE: &str = "FARCALL_PYTHON";

/// The interpreter of a virtual environment with cffi below `target`, made if it is not there yet. That needs `python3-venv`
/// and a package index.
pub(crate) fn python(target: &Path) -> io::Result<PathBuf> {
    let home = target.join("cffi");
    let python = home.join("bin/python");
    if python.exists() {
        return Ok(python);
    }
    let made = run(Command::new("python3").args(["-m", "venv"]).arg(&home)).and_then(|()| {
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "cffi==2.1.1"]))
    });
    if let Err(error) = made {
        // Half an environment would be taken for a whole one the next time.
        fs::remove_dir_all(&home).ok();
        return Err(error);
    }
    Ok(python)
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{command:?}: {status}")))
    }
}
