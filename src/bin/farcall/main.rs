//! The `farcall` command: call C functions, look at layouts and at stubs, from the text of declarations.

mod argument;
mod call;
mod disasm;
mod layout;
mod literal;
mod print;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Call C from the text of its declarations.
#[derive(Parser)]
#[command(name = "farcall", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  farcall call libm.so.6 'double pow(double, double);' 2 10
  farcall call c 'size_t strlen(const char *);' hello
  farcall layout 'struct s { char tag; double x; unsigned a:3, b:7; };'
  farcall disasm 'struct v { float x, y, z; }; struct v scale(struct v, double);'

'farcall help COMMAND' tells more.";

#[derive(Subcommand)]
enum Command {
    Call(call::Call),
    Layout(layout::Layout),
    Disasm(disasm::Disasm),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Call(command) => command.run(),
        Command::Layout(command) => command.run(),
        Command::Disasm(command) => command.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            eprintln!("farcall: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Error(message)) => {
            eprintln!("farcall: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Why a command did not do what was asked.
enum Failure {
    /// The command line does not make sense.
    Usage(String),
    /// Something that it names is wrong.
    Error(String),
}

impl From<farcall::Error> for Failure {
    fn from(error: farcall::Error) -> Failure {
        Failure::Error(error.to_string())
    }
}
