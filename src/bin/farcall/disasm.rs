//! `farcall disasm`: where arguments go, and the code that puts them there.

use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use farcall::cdef::{CdefOptions, Declaration, Declarations};
use farcall::ctype::{CType, FunctionType, TypeId, TypeTable};
use farcall::jit::{self, Assignment, Machine};
use farcall::lower::Lowering;
use iced_x86::{Decoder as X86Decoder, DecoderOptions, Formatter, IntelFormatter};
use yaxpeax_arch::{Decoder as _, U8Reader};
use yaxpeax_arm::armv8::a64::InstDecoder;

use crate::Failure;
use crate::target::Target;

/// Show where each argument and the result goes, and the stub's assembly
#[derive(Args)]
#[command(after_help = "\
Examples:
  farcall disasm 'struct v { float x, y, z; }; struct v scale(struct v, double);'
  farcall disasm --target i686-windows 'int __stdcall MulDiv(int, int, int);'")]
pub(crate) struct Disasm {
    /// C declarations
    declarations: String,

    #[command(flatten)]
    target: Target,
}

impl Disasm {
    pub(crate) fn run(&self, output: &mut dyn Write) -> Result<(), Failure> {
        let types = Arc::new(TypeTable::new(self.target.model()?));
        let mut declarations = Declarations::new(Arc::clone(&types));
        declarations
            .parse(&self.declarations, &CdefOptions::default())
            .map_err(|error| Failure::Error(error.to_string()))?;
        let functions: Vec<(&str, TypeId)> = declarations
            .iter()
            .filter_map(|(name, declaration)| match declaration {
                Declaration::Function(function) => Some((name, function.ty)),
                _ => None,
            })
            .collect();
        if functions.is_empty() {
            return Err(Failure::Error("the declarations have no function".into()));
        }
        let lowering = Lowering::new(Arc::clone(&types));
        for (index, (name, ty)) in functions.into_iter().enumerate() {
            if index > 0 {
                writeln!(output)?;
            }
            show(output, &types, &lowering, name, ty)?;
        }
        Ok(())
    }
}

fn show(
    output: &mut dyn Write,
    types: &TypeTable,
    lowering: &Lowering,
    name: &str,
    ty: TypeId,
) -> Result<(), Failure> {
    let CType::Function(id) = types.get(ty) else {
        unreachable!("declared as a function")
    };
    let function = types.function(id);
    let signature = lowering.signature(name, function, &[])?;
    writeln!(output, "{};", types.declaration(ty, name))?;
    writeln!(output, "{}", signature.abi.name())?;
    match jit::emit_stub(&signature) {
        Ok((assignment, code)) => {
            show_places(output, types, function, &assignment)?;
            disassemble(output, assignment.abi.machine(), &code)?;
        }
        Err(jit::Error::NoCode { why }) => writeln!(output, "  left to libffi: {why}")?,
        Err(error) => return Err(Failure::Error(format!("'{name}': {error}"))),
    }
    Ok(())
}

fn show_places(
    output: &mut dyn Write,
    types: &TypeTable,
    function: &FunctionType,
    assignment: &Assignment,
) -> io::Result<()> {
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
    Ok(())
}

fn disassemble(output: &mut dyn Write, machine: Machine, code: &[u8]) -> io::Result<()> {
    let (target, frame, result) = match machine {
        Machine::X86_64 if cfg!(windows) => ("in rcx", "at rdx", "to r8"),
        Machine::X86_64 => ("in rdi", "at rsi", "to rdx"),
        Machine::AArch64 => ("in x0", "at x1", "to x2"),
        _ => (
            "at ebp+8",
            "whose address is at ebp+12",
            "to that at ebp+16",
        ),
    };
    writeln!(
        output,
        "stub, {} bytes: target {target}, arguments in a packed frame {frame}, result {result}",
        code.len()
    )?;
    match machine {
        Machine::AArch64 => disassemble_a64(output, code),
        Machine::X86_64 => disassemble_x86(output, 64, code),
        _ => disassemble_x86(output, 32, code),
    }
}

fn disassemble_x86(output: &mut dyn Write, bits: u32, code: &[u8]) -> io::Result<()> {
    let mut formatter = IntelFormatter::new();
    let mut line = String::new();
    for instruction in X86Decoder::with_ip(bits, code, 0, DecoderOptions::NONE).iter() {
        line.clear();
        formatter.format(&instruction, &mut line);
        writeln!(output, "  {:04x}  {line}", instruction.ip())?;
    }
    Ok(())
}

fn disassemble_a64(output: &mut dyn Write, code: &[u8]) -> io::Result<()> {
    for (index, word) in code.chunks(4).enumerate() {
        match InstDecoder::default().decode(&mut U8Reader::new(word)) {
            Ok(instruction) => writeln!(output, "  {:04x}  {instruction}", 4 * index)?,
            Err(_) => writeln!(output, "  {:04x}  .bytes {word:02x?}", 4 * index)?,
        }
    }
    Ok(())
}
