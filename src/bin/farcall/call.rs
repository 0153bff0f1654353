//! `farcall call`.

#![allow(unsafe_code)]

use std::io::Write;

use clap::Args;
use farcall::cdef::{Declaration, Origin};
use farcall::ctype::CType;
use farcall::{Ffi, Library, Value};

use crate::{Failure, argument, print};

/// Call a function of a library
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Call {
    /// Path, file name (libm.so.6) or bare name (m) of the library; '-' for the C library and this process
    library: String,

    /// C declarations of the function and of the types it uses
    declarations: String,

    /// Numbers, text, NULL, {...} for structs by position or name, [...] for arrays passed as pointers
    #[arg(allow_hyphen_values = true)]
    arguments: Vec<String>,

    /// Which function to call, where the declarations have several
    #[arg(long = "fn", value_name = "NAME")]
    function: Option<String>,
}

const EXAMPLES: &str = "\
Arguments:
  12  -0x1f  1e-3  'c'  NULL      numbers, a character, a null pointer; names of constants and functions
  hello  '\"12\"'                 text; quotes are needed where it could be something else
  {1, 2}  {x: 1, y: 2}            a struct by value, or a pointer to one; a complex number or a vector
  [1, 2, 3]  [0; 64]              an array that a pointer parameter points to; shown again if it was changed
  -- -x                           behind '--' nothing is an option, not even what starts with '-'

Examples:
  farcall call libm.so.6 'double pow(double, double);' 2 10
  farcall call libc.so.6 'typedef struct { int quot, rem; } div_t; div_t div(int, int);' 17 5
  farcall call m 'double frexp(double, int *);' 20 [0]
  farcall call c 'size_t strlen(const char *);' -- -x
  farcall call c 'int printf(const char *, ...);' '\"%s is %d\\n\"' six 6";

impl Call {
    pub(crate) fn run(&self, output: &mut dyn Write) -> Result<(), Failure> {
        let ffi = Ffi::new();
        ffi.cdef(&self.declarations)?;
        let (name, ty) = self.chosen(&ffi)?;
        // SAFETY: the user vouches for the declarations by asking for the call.
        let library = unsafe {
            match self.library.as_str() {
                "-" => ffi.process()?,
                name => ffi.dlopen(name)?,
            }
        };
        self.call(output, &ffi, &library, &name, ty)
    }

    /// The arguments without the first `--`: clap takes it as one of them, for they may begin with a hyphen.
    fn values(&self) -> impl Iterator<Item = &String> {
        let dashes = self.arguments.iter().position(|argument| argument == "--");
        let kept = self.arguments.iter().enumerate();
        kept.filter(move |(index, _)| Some(*index) != dashes)
            .map(|(_, argument)| argument)
    }

    /// The function's name and type.
    fn chosen(&self, ffi: &Ffi) -> Result<(String, farcall::ctype::TypeId), Failure> {
        let declarations = ffi.declarations();
        let functions: Vec<_> = declarations
            .iter()
            .filter_map(|(name, declaration)| match declaration {
                Declaration::Function(f) if f.origin == Origin::Library => {
                    Some((name.to_owned(), f.ty))
                }
                _ => None,
            })
            .collect();
        let names = || {
            functions
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match (&self.function, functions.as_slice()) {
            (None, [only]) => Ok(only.clone()),
            (None, []) => Err(Failure::Error("the declarations have no function".into())),
            (None, _) => Err(Failure::Usage(format!(
                "several functions are declared: choose one of {} with --fn",
                names()
            ))),
            (Some(name), _) => {
                let found = functions
                    .iter()
                    .find(|(declared, _)| declared == name)
                    .cloned();
                found.ok_or_else(|| {
                    Failure::Usage(format!(
                        "--fn {name}: the declared functions are: {}",
                        names()
                    ))
                })
            }
        }
    }

    fn call(
        &self,
        output: &mut dyn Write,
        ffi: &Ffi,
        library: &Library,
        name: &str,
        ty: farcall::ctype::TypeId,
    ) -> Result<(), Failure> {
        let CType::Function(id) = ffi.types().get(ty) else {
            unreachable!("chosen among the functions")
        };
        let function = ffi.types().function(id);
        let read = |(index, text): (usize, &String)| {
            let param = function.params.get(index).copied();
            if param.is_none() && !function.variadic {
                return Ok(Value::None); // One too many, which the call refuses.
            }
            argument::read(ffi, library, param, text).map_err(|error| {
                Failure::Error(format!(
                    "argument {} of '{name}', {text}: {error}",
                    index + 1
                ))
            })
        };
        let arguments = self
            .values()
            .enumerate()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        let before: Vec<String> = arguments.iter().map(contents).collect();
        // SAFETY: the user vouches for the declarations by asking for the call.
        let result = unsafe { library.call(name, arguments.as_slice()) }?;
        flush_c_output();
        // SAFETY: as above; what the function returns is what its declaration says.
        if let Some(line) = unsafe { print::result(ffi, function.result, &result) } {
            writeln!(output, "{line}")?;
        }
        for (index, (argument, before)) in arguments.iter().zip(before).enumerate() {
            let after = contents(argument);
            if after != before {
                writeln!(output, "argument {}: {after}", index + 1)?;
            }
        }
        Ok(())
    }
}

/// What the function printed through C's stdio comes before its result.
fn flush_c_output() {
    let flushed = || -> Result<(), farcall::Error> {
        let ffi = Ffi::new();
        ffi.cdef("int fflush(void *stream);")?;
        // SAFETY: the C library's declaration; NULL stands for all streams.
        unsafe { ffi.process()?.call("fflush", (Value::None,)) }.map(drop)
    };
    // A C library without `fflush` has nothing to flush.
    let _ = flushed();
}

/// The memory that an argument points to, if it is the command's own.
fn contents(argument: &Value) -> String {
    match argument {
        Value::CData(cdata) if cdata.is_owning() => match cdata.item(0) {
            Ok(item) if !cdata.type_name().ends_with(']') => item.to_string(),
            _ => cdata.to_string(),
        },
        _ => String::new(),
    }
}
