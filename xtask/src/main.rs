//! The project's chores: `cargo xtask --help`.

mod abi;
mod bench;
mod cffi;
mod cross;
mod debian;
mod error;
mod layout;
mod process;
mod tally;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::workspace::Workspace;

/// A chore: its fields are its options, and the comment on it is its help.
trait Chore {
    /// Does it, and says whether all went well.
    fn perform(&self, workspace: &Workspace) -> Result<bool, Error>;
}

/// A new chore is one file and one line here.
macro_rules! chores {
    ($($name:ident = $options:ty,)*) => {
        #[derive(Subcommand)]
        enum Command {
            $($name($options),)*
        }

        impl Command {
            fn chore(&self) -> &dyn Chore {
                match self {
                    $(Self::$name(chore) => chore,)*
                }
            }
        }
    };
}

chores! {
    Test = test::Test,
    Python = test::Python,
    Bench = bench::Bench,
    Abi = abi::Abi,
    Cross = cross::Cross,
    Layout = layout::Layout,
    Headers = layout::Headers,
}

/// The chores of farcall.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let chore = Cli::parse().command;
    match Workspace::find().and_then(|workspace| chore.chore().perform(&workspace)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
