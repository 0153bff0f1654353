//! `farcall layout`: records as pahole shows them.

mod page;
mod shown;

use std::io::{self, Read};
use std::sync::Arc;
use std::{borrow::Cow, fs};

use clap::Args;
use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::TypeTable;

use crate::Failure;
use crate::target::Target;

/// Show offsets, sizes and holes of structs and unions
#[derive(Args)]
#[command(after_help = "\
Examples:
  farcall layout 'struct s { char tag; double x; unsigned a:3, b:7; };'
  farcall layout --target i686-windows 'struct s { char c; long long n; };'
  farcall layout --file records.h
  gcc -E /usr/include/zlib.h | farcall layout --file -")]
pub(crate) struct Layout {
    /// C declarations
    #[arg(required_unless_present = "file")]
    declarations: Option<String>,

    /// Read the declarations from a file instead; '-' for standard input. What a header includes with '<...>' is passed over: where types of it are
    /// missed, put the header through 'gcc -E'
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "declarations",
        allow_hyphen_values = true
    )]
    file: Option<String>,

    /// Know the names of the Windows headers (DWORD, HANDLE, RECT) for other targets too. Numbers have the sizes they have on
    /// Windows; pointers, alignments and 'long' itself are the target's
    #[arg(long)]
    windows_names: bool,

    #[command(flatten)]
    target: Target,
}

impl Layout {
    pub(crate) fn run(&self, output: &mut dyn io::Write) -> Result<(), Failure> {
        let options = CdefOptions {
            windows_names: self.windows_names,
            ..CdefOptions::default()
        };
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(self.target.model()?)));
        declarations
            .parse(&self.text()?, &options)
            .map_err(|error| Failure::Error(error.to_string()))?;
        let shown: Vec<String> = shown::records(&declarations)
            .iter()
            .map(|record| page::show(declarations.types(), record))
            .collect();
        if shown.is_empty() {
            // The text is right all the same: whoever checks a header by the exit code learns that.
            eprintln!("farcall: the declarations have no struct or union");
        }
        Ok(output.write_all(shown.join("\n").as_bytes())?)
    }

    /// The declarations, from wherever they are. Headers may have comments in any encoding.
    fn text(&self) -> Result<Cow<'_, str>, Failure> {
        let read = match self.file.as_deref() {
            None => return Ok(self.declarations.as_deref().unwrap_or_default().into()),
            Some("-") => {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
            Some(path) => fs::read(path),
        };
        let name = self.file.as_deref().unwrap_or_default();
        let bytes = read.map_err(|error| Failure::Error(format!("{name}: {error}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned().into())
    }
}
