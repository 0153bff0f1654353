//! `farcall disasm`: where arguments go, and the code that puts them there.

use std::io::{self, Write};

use clap::Args;
use farcall::Ffi;
use farcall::cdef::Declaration;
use farcall::ctype::{CType, TypeId};
use farcall::jit::{Backend, CallStub};
use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};

use crate::Failure;

/// Show where each argument and the result goes, and the stub's assembly
#[derive(Args)]
#[command(after_help = "\
Example:
  farcall disasm 'struct v { float x, y, z; }; struct v scale(struct v, double);'")]
pub(crate) struct Disasm {
    /// C declarations
    declarations: String,
}

impl Disasm {
    pub(crate) fn run(&self, output: &mut dyn Write) -> Result<(), Failure> {
        let ffi = Ffi::new();
        ffi.cdef(&self.declarations)?;
        let functions: Vec<(String, TypeId)> = {
            let declarations = ffi.declarations();
            let named = declarations
                .iter()
                .filter_map(|(name, declaration)| match declaration {
                    Declaration::Function(function) => Some((name.to_owned(), function.ty)),
                    _ => None,
                });
            named.collect()
        };
        if functions.is_empty() {
            return Err(Failure::Error("the declarations have no function".into()));
        }
        for (index, (name, ty)) in functions.iter().enumerate() {
            if index > 0 {
                writeln!(output)?;
            }
            show(output, &ffi, name, *ty)?;
        }
        Ok(())
    }
}

fn show(output: &mut dyn Write, ffi: &Ffi, name: &str, ty: TypeId) -> Result<(), Failure> {
    let types = ffi.types();
    let CType::Function(id) = types.get(ty) else {
        unreachable!("declared as a function")
    };
    let function = types.function(id);
    let signature = ffi.lowering().signature(name, function, &[])?;
    let stub = ffi
        .engine()
        .call_stub(&signature)
        .map_err(|error| Failure::Error(format!("'{name}': {error}")))?;

    writeln!(output, "{};", types.declaration(ty, name))?;
    writeln!(output, "{}", signature.abi.name())?;
    let Some(assignment) = stub.assignment() else {
        if let Backend::Libffi(why) = stub.backend() {
            writeln!(output, "  called through libffi: {why}")?;
        }
        return Ok(());
    };
    let spellings: Vec<String> = function
        .params
        .iter()
        .chain([&function.result])
        .map(|&ty| types.spelling(ty))
        .collect();
    let width = spellings
        .iter()
        .map(|spelling| spelling.chars().count())
        .max()
        .unwrap_or(0);
    for (index, spelling) in spellings[..function.params.len()].iter().enumerate() {
        writeln!(
            output,
            "  argument {:<3} {spelling:<width$}  {}",
            index + 1,
            assignment.arg(index)
        )?;
    }
    writeln!(
        output,
        "  result       {:<width$}  {}",
        spellings[function.params.len()],
        assignment.result()
    )?;
    if function.variadic {
        writeln!(
            output,
            "  the arguments for '...' follow in the same way; each call has a stub for its own types"
        )?;
    }
    Ok(disassemble(output, &stub)?)
}

fn disassemble(output: &mut dyn Write, stub: &CallStub) -> io::Result<()> {
    let code = stub.code();
    writeln!(
        output,
        "stub, {} bytes: target in rdi, arguments in a packed frame at rsi, result to rdx",
        code.len()
    )?;
    let mut formatter = IntelFormatter::new();
    let mut line = String::new();
    for instruction in Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter() {
        line.clear();
        formatter.format(&instruction, &mut line);
        writeln!(output, "  {:04x}  {line}", instruction.ip())?;
    }
    Ok(())
}
