//! The result of classification, as data that emitters read and people print.

use std::fmt;

use crate::Abi;

/// Where each argument and the result of one signature goes.
///
/// ```
/// use farcall_jit::{Abi, Field, Float, Record, Signature, Type};
///
/// // struct { float x, y, z; } by value
/// let v = Record::structure(12, 4, [0, 4, 8].map(|offset| Field::new(offset, Float::F32)));
/// let signature = Signature { abi: Abi::SysV64, ..Signature::new([v.into()], None) };
/// let assignment = Abi::SysV64.assign(&signature)?;
/// assert_eq!(assignment.arg(0).to_string(), "xmm0 (bytes 0-7), xmm1 (bytes 8-11)");
/// # Ok::<(), farcall_jit::Unsupported>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The ABI that was asked.
    pub abi: Abi,
    /// Where each argument goes, in order.
    pub args: Box<[Place]>,
    /// Where the result comes back.
    pub result: ResultPlace,
    /// Size in bytes of the stack arguments, a multiple of eight.
    pub stack_size: u64,
    /// Alignment in bytes of the first stack argument, at least 16.
    pub stack_align: u64,
    /// How many vector registers carry arguments.
    pub vector_args: u8,
}

/// Where one argument goes: its pieces, in order of their offset. An empty record has none.
pub type Place = Box<[Piece]>;

/// Some bytes of a value and where they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset in bytes from the start of the value.
    pub offset: u64,
    /// Number of bytes; at most 16 in a register, any number on the stack.
    pub size: u64,
    /// The register or stack slot.
    pub reg: Reg,
    /// How a scalar narrower than 32 bits is extended; `None` where the other bits are unspecified.
    pub extend: Option<Extend>,
}

/// A register, by its position in the ABI's own order, or a place on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reg {
    /// Integer register.
    Int(u8),
    /// Vector register.
    Vector(u8),
    /// Register of the x87 stack, for results alone.
    X87(u8),
    /// Offset in bytes from the first stack argument.
    Stack(u64),
}

/// Extension of a narrow integer to 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extend {
    /// With zeros.
    Zero,
    /// With copies of the sign bit.
    Sign,
}

/// Where the result comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultPlace {
    /// There is none.
    Void,
    /// In registers.
    Pieces(Place),
    /// In memory whose address the caller passes (sret), in the first integer register.
    Memory,
}

impl Assignment {
    /// Where argument `index` goes, printable.
    ///
    /// # Panics
    ///
    /// If there is no such argument.
    pub fn arg(&self, index: usize) -> impl fmt::Display + '_ {
        let registers = self.abi.registers();
        Pieces {
            pieces: &self.args[index],
            ints: registers.int_args,
            vectors: registers.vector_args,
            x87: &[],
        }
    }

    /// Where the result comes back, printable.
    pub fn result(&self) -> impl fmt::Display + '_ {
        ResultDisplay(self)
    }
}

struct Pieces<'a> {
    pieces: &'a [Piece],
    ints: &'static [&'static str],
    vectors: &'static [&'static str],
    x87: &'static [&'static str],
}

impl fmt::Display for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pieces.is_empty() {
            return f.write_str("nowhere (no bytes)");
        }
        for (i, piece) in self.pieces.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match piece.reg {
                Reg::Int(n) => f.write_str(self.ints[usize::from(n)])?,
                Reg::Vector(n) => f.write_str(self.vectors[usize::from(n)])?,
                Reg::X87(n) => f.write_str(self.x87[usize::from(n)])?,
                Reg::Stack(at) => write!(f, "stack+{at}")?,
            }
            if self.pieces.len() > 1 {
                write!(
                    f,
                    " (bytes {}-{})",
                    piece.offset,
                    piece.offset + piece.size - 1
                )?;
            }
            match piece.extend {
                Some(Extend::Zero) => f.write_str(", zero-extended to 32 bits")?,
                Some(Extend::Sign) => f.write_str(", sign-extended to 32 bits")?,
                None => {}
            }
        }
        Ok(())
    }
}

struct ResultDisplay<'a>(&'a Assignment);

impl fmt::Display for ResultDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registers = self.0.abi.registers();
        match &self.0.result {
            ResultPlace::Void => f.write_str("none"),
            ResultPlace::Memory => write!(f, "memory, address in {}", registers.int_args[0]),
            ResultPlace::Pieces(pieces) => Pieces {
                pieces,
                ints: registers.int_results,
                vectors: registers.vector_results,
                x87: registers.x87_results,
            }
            .fmt(f),
        }
    }
}
