use crate::process::succeeds;
use crate::{Chore, Error, Workspace};

/// Judge the engine's calls by a C compiler: `cargo xtask abi --help` shows the judge's own options.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Abi {
    /// The judge's options: `--target T --cc C --count N --seed S --features F` and more.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

impl Chore for Abi {
    fn perform(&self, workspace: &Workspace) -> Result<bool, Error> {
        let mut judge = workspace.cargo("run --quiet --release --package farcall-abitest -- check");
        succeeds(judge.args(&self.options))
    }
}
