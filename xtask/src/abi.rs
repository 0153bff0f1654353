use crate::process::succeeds;
use crate::{Chore, Error, Workspace, cross};

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
        judge.args(&self.options);
        let given = |name| value(&self.options, name);
        if let Some(target) = given("--target").and_then(cross::judge::target) {
            if given("--cc").is_none() {
                judge.args(["--cc", &target.cc()]);
            }
            if given("--runner").is_none() {
                judge
                    .arg("--runner")
                    .arg(cross::judge::runner_for(workspace, target)?);
            }
        }
        succeeds(&mut judge)
    }
}

/// What follows the option `name`, or stands behind its `=`.
fn value<'o>(options: &'o [String], name: &str) -> Option<&'o str> {
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.strip_prefix(name) {
            Some("") => return options.next().map(|value| &**value),
            Some(rest) if rest.starts_with('=') => return Some(&rest[1..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn options_have_their_value_behind_them() {
        let options = ["--count", "3", "--target", "a", "--seed=7"].map(String::from);
        assert_eq!(value(&options, "--target"), Some("a"));
        assert_eq!(value(&options, "--seed"), Some("7"));
        assert_eq!(value(&options, "--cc"), None);
    }
}
