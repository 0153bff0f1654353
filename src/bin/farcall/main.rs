//! The `farcall` command: call C functions, look at layouts and at stubs, from the text of declarations.

mod argument;
mod call;
mod disasm;
mod layout;
mod literal;
mod number;
mod print;
mod target;

use std::fmt;
use std::io::{self, BufWriter, ErrorKind, Write};
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
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has enough.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // Where errors cannot be written to, the exit code must do.
            let _ = writeln!(io::stderr(), "farcall: {failure}");
            failure.exit_code()
        }
    }
}

fn run() -> Result<(), Failure> {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(message) if message.use_stderr() => message.exit(),
        // Help, or the version.
        Err(message) => return Ok(message.print()?),
    };
    let mut output = BufWriter::new(io::stdout());
    let output = &mut output;
    match command {
        Command::Call(command) => command.run(output),
        Command::Layout(command) => command.run(output),
        Command::Disasm(command) => command.run(output),
    }?;
    Ok(output.flush()?)
}

/// Why a command did not do what was asked.
enum Failure {
    /// The command line does not make sense.
    Usage(String),
    /// Something that it names is wrong.
    Error(String),
    /// What it found cannot be written.
    Output(io::Error),
}

impl Failure {
    fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Error(_) | Failure::Output(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(message) | Failure::Error(message) => f.write_str(message),
            Failure::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}

impl From<farcall::Error> for Failure {
    fn from(error: farcall::Error) -> Failure {
        Failure::Error(error.to_string())
    }
}
