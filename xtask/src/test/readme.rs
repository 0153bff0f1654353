//! The shell commands of README.md print what it says that they print.

use std::ffi::OsString;
use std::path::PathBuf;

use super::transcript::difference;
use super::{Context, Tally};
use crate::Error;
use crate::process::{captured, succeeds};

/// A command in a block ```` ```console ````, and the lines below it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    command: String,
    output: String,
}

/// Runs every `$ cargo run ...` and `$ farcall ...` of the page.
pub(super) fn run(context: &Context) -> Result<Tally, Error> {
    let Ok(page) = std::fs::read_to_string(context.workspace.root.join("README.md")) else {
        return Ok(Tally::skipped("README", "there is no README.md"));
    };
    let shown: Vec<Shown> = commands(&page)
        .into_iter()
        .filter(|shown| runs(&shown.command))
        .collect();
    if shown.is_empty() {
        return Ok(Tally::skipped(
            "README",
            "it shows no command that can be run",
        ));
    }
    if !succeeds(&mut context.workspace.cargo("build --release"))? {
        return Ok(Tally::failed("README: the release build fails"));
    }
    let path = path(context.workspace.target.join("release"));
    let mut sum = Tally::default();
    for Shown { command, output } in shown {
        let mut shell = context.workspace.command("sh");
        let outcome = captured(shell.args(["-c", &command]).env("PATH", &path))?;
        let printed = if outcome.success {
            outcome.output
        } else {
            outcome.output + &outcome.errors
        };
        let complaint = if output.is_empty() {
            (!outcome.success).then_some(printed)
        } else {
            difference(&output, &printed)
        };
        match &complaint {
            Some(text) => println!("$ {command}\n{text}"),
            None => println!("ok: {command}"),
        }
        sum.add(Tally::one(
            format!("README: {command}"),
            complaint.is_none(),
        ));
    }
    Ok(sum)
}

/// What is not run sets something up, or would run these tests again.
fn runs(command: &str) -> bool {
    command.starts_with("cargo run ") || command.starts_with("farcall ")
}

/// `PATH`, with `first` before the rest of it.
fn path(first: PathBuf) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = [first].into_iter().chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap_or(rest)
}

/// The commands of a page. Lines that start with `> ` right below a command continue it.
fn commands(page: &str) -> Vec<Shown> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```console";
            if inside {
                // Lines above the first command of a block belong to none.
                commands.push(Shown {
                    command: String::new(),
                    output: String::new(),
                });
            }
        } else if inside && let Some(command) = line.strip_prefix("$ ") {
            commands.push(Shown {
                command: command.into(),
                output: String::new(),
            });
        } else if inside && let Some(last) = commands.last_mut() {
            match line.strip_prefix("> ") {
                Some(more) if last.output.is_empty() => {
                    last.command.push('\n');
                    last.command.push_str(more);
                }
                _ => {
                    last.output.push_str(line);
                    last.output.push('\n');
                }
            }
        }
    }
    commands.retain(|shown| !shown.command.is_empty());
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# farcall

```rust
// $ cargo run no
```

```console
$ cargo run --release -q -- call libm.so.6 'double pow(double, double);' 2 10
1024
$ farcall layout '
> struct s { char c; };'
struct s {
    char c;  // 0
}

$ cargo xtask test
```

Prose.

```console
nothing
$ cargo run -q
```
";

    fn shown(command: &str, output: &str) -> Shown {
        Shown {
            command: command.into(),
            output: output.into(),
        }
    }

    #[test]
    fn commands_are_found_with_their_output() {
        let expected = [
            shown(
                "cargo run --release -q -- call libm.so.6 'double pow(double, double);' 2 10",
                "1024\n",
            ),
            shown(
                "farcall layout '\nstruct s { char c; };'",
                "struct s {\n    char c;  // 0\n}\n\n",
            ),
            shown("cargo xtask test", ""),
            shown("cargo run -q", ""),
        ];
        assert_eq!(commands(PAGE), expected);
    }

    #[test]
    fn the_tests_do_not_run_themselves() {
        assert!(!runs("cargo xtask test"));
        assert!(runs("cargo run --release -q -- --help"));
    }
}
