//! `farcall-abitest`: the judge on the command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use farcall_abitest::{
    Check, Error, Event, Features, Report, Source, Target, Through, check, emit_callees,
    emit_callers, run,
};

/// Judges farcall's calls and callbacks by C compilers: random signatures, every argument and result compared.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the C source of the callees.
    Emit {
        #[command(flatten)]
        what: What,
        /// Write callers of them instead, for a second compiler.
        #[arg(long)]
        callers: bool,
        /// The file to write.
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Call everything in a library that was compiled from such source.
    Run {
        #[command(flatten)]
        what: What,
        /// Signatures at the start to leave out.
        #[arg(long, default_value_t = 0)]
        skip: u32,
        /// Who calls: the engine, the C callers in the library, or they callbacks of the engine's.
        #[arg(long, default_value = "engine")]
        through: Through,
        /// Print events for another process to read.
        #[arg(long)]
        lines: bool,
        /// The library.
        library: PathBuf,
    },
    /// Emit, compile, run and sum up.
    Check {
        #[command(flatten)]
        what: What,
        /// The compiler of the callees.
        #[arg(long, default_value = "gcc")]
        cc: String,
        /// A compiler of C callers: signatures on which it and the other one disagree are not the engine's.
        #[arg(long)]
        caller_cc: Option<String>,
        /// Who calls: the engine, the C callers (`callers`), or C callers the engine's callbacks (`callbacks`).
        #[arg(long, default_value = "engine")]
        through: Through,
        /// A program that runs the target's judge, in words: `qemu-aarch64 -L /usr/aarch64-linux-gnu PROGRAM`.
        #[arg(long)]
        runner: Option<String>,
        /// A folder in which to leave sources and libraries.
        #[arg(long)]
        keep: Option<PathBuf>,
    },
}

#[derive(Args)]
struct What {
    /// The machine and its conventions.
    #[arg(long, default_value = host())]
    target: String,
    /// What may occur: `all`, `ground`, or a list such as `all,-vectors,-variadic`.
    #[arg(long, default_value = "all")]
    features: Features,
    /// The stream of signatures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The first signature.
    #[arg(long, default_value_t = 0)]
    from: u32,
    /// How many signatures.
    #[arg(long, default_value_t = 500)]
    count: u32,
}

fn host() -> &'static str {
    Target::host().map_or("x86_64-linux", |target| target.name)
}

impl What {
    fn source(self) -> Result<Source, Error> {
        let What {
            target,
            features,
            seed,
            from,
            count,
        } = self;
        Ok(Source {
            target: Target::named(&target)?,
            features,
            seed,
            from,
            count,
        })
    }
}

fn main() -> ExitCode {
    match perform(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("farcall-abitest: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went right.
fn perform(command: Command) -> Result<bool, Error> {
    match command {
        Command::Emit {
            what,
            callers,
            output,
        } => {
            let source = what.source()?;
            let text = if callers {
                emit_callers(&source)
            } else {
                emit_callees(&source)
            };
            std::fs::write(&output, text).map_err(|error| Error::Io {
                what: output.display().to_string(),
                error,
            })?;
            Ok(true)
        }
        Command::Run {
            what,
            skip,
            through,
            lines,
            library,
        } => judge(&what.source()?, skip, &library, through, lines),
        Command::Check {
            what,
            cc,
            caller_cc,
            through,
            runner,
            keep,
        } => {
            let runner = match runner {
                Some(words) => words.split_whitespace().map(Into::into).collect(),
                None => vec![own_path()?],
            };
            let report = check(&Check {
                source: what.source()?,
                cc,
                caller_cc,
                through,
                runner,
                keep,
            })?;
            Ok(conclude(&report))
        }
    }
}

fn own_path() -> Result<String, Error> {
    let path = std::env::current_exe().map_err(|error| Error::Io {
        what: "own path".into(),
        error,
    })?;
    Ok(path.to_string_lossy().into_owned())
}

#[allow(unsafe_code, reason = "loads the library that the user names")]
fn judge(
    source: &Source,
    skip: u32,
    library: &std::path::Path,
    through: Through,
    lines: bool,
) -> Result<bool, Error> {
    let begin = std::time::Instant::now();
    let mut report = Report::default();
    let mut observe = |event: Event| {
        if lines {
            println!("{}", event.to_line());
        }
        report.add(event);
    };
    // SAFETY: the user says that the library was made from this source, as the help asks.
    unsafe { run(source, skip, library, through, &mut observe)? };
    report.elapsed = begin.elapsed();
    Ok(lines || conclude(&report))
}

/// Prints failures and the summary.
fn conclude(report: &Report) -> bool {
    for text in &report.disagreements {
        println!("compilers disagree:\n{text}\n");
    }
    for text in &report.refused {
        println!("refused:\n{text}\n");
    }
    for text in &report.wrong {
        println!("wrong:\n{text}\n");
    }
    println!("{report}");
    report.is_clean()
}
