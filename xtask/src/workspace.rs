use std::env;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// Where things are.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self, Error> {
        let own = env::current_exe().map_err(|error| Error::Io {
            path: "the path of xtask".into(),
            error,
        })?;
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.parent().unwrap_or(package);
        // This program is TARGET/debug/xtask, wherever the user's settings put TARGET.
        let target = own.ancestors().nth(2);
        Ok(Self {
            root: root.into(),
            target: target.map_or_else(|| root.join("target"), Into::into),
        })
    }

    /// `program`, to be run in the root. It uses colours where the user will see them, though its output may
    /// pass through a pipe on the way.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let color = if std::io::stdout().is_terminal() {
            "always"
        } else {
            "never"
        };
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("CARGO_TERM_COLOR", color);
        command
    }

    /// `cargo WORDS`: the words are separated by spaces.
    pub(crate) fn cargo(&self, words: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(words.split_whitespace());
        command
    }

    /// A program that `cargo build --workspace` has made.
    pub(crate) fn built(&self, profile: &str, name: &str) -> PathBuf {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        self.target.join(profile).join(file)
    }

    /// The stems of the Rust files in a folder of the root, sorted. No folder, no files.
    pub(crate) fn stems(&self, folder: &Path) -> Vec<String> {
        let mut stems: Vec<String> = std::fs::read_dir(self.root.join(folder))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "rs"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        stems.sort();
        stems
    }
}
