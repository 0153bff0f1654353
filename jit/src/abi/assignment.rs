//! The result of classification, as data that emitters read and people print.

use std::fmt;

use crate::{Abi, Type};

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
    /// Size in bytes of the stack arguments, a multiple of a stack word: eight, on 32-bit x86 four.
    pub stack_size: u64,
    /// Alignment in bytes of the first stack argument, at least 16.
    pub stack_align: u64,
    /// How many vector registers carry arguments.
    pub vector_args: u8,
    /// The registers that a further argument would find taken.
    pub taken: Taken,
    /// Bytes of stack arguments that the callee takes off the stack when it returns.
    pub callee_pops: u64,
}

/// Registers that arguments take, or leave free for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The first integer registers; where positions decide, as many positions as have registers.
    pub ints: u8,
    /// The first vector registers.
    pub vectors: u8,
}

/// How far the arguments have come, for functions that take them one after the other from a `va_list`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Registers that are taken.
    pub(crate) taken: Taken,
    /// Address of the next stack argument, before it is aligned: places on the stack are addresses then.
    pub(crate) stack: u64,
}

/// Where one argument goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its pieces, in order of their offset. An empty record has none.
    Pieces(Box<[Piece]>),
    /// A copy of it in the caller's memory, which the callee may change.
    Copy {
        /// What carries the address of the copy.
        address: Reg,
        /// Size of the copy in bytes.
        size: u64,
        /// Alignment of the copy in bytes.
        align: u64,
    },
}

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

impl Extend {
    /// The extension of a scalar, if it is an integer narrower than 32 bits. Only Apple's ABI asks for it; gcc and
    /// clang extend in the caller all the same on x86, where clang's callees rely on it.
    pub(super) fn of(ty: &Type) -> Option<Extend> {
        match ty {
            Type::Int(int) if int.size() < 4 => Some(if int.is_signed() {
                Extend::Sign
            } else {
                Extend::Zero
            }),
            _ => None,
        }
    }
}

/// Where the result comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultPlace {
    /// There is none.
    Void,
    /// In registers.
    Pieces(Box<[Piece]>),
    /// In memory whose address the caller passes (sret).
    Memory {
        /// What carries the address.
        address: Reg,
    },
}

impl Assignment {
    /// Where argument `index` goes, printable.
    ///
    /// # Panics
    ///
    /// If there is no such argument.
    pub fn arg(&self, index: usize) -> impl fmt::Display + '_ {
        PlaceDisplay {
            place: &self.args[index],
            names: Names::of_arguments(self.abi),
        }
    }

    /// Where the result comes back, printable.
    pub fn result(&self) -> impl fmt::Display + '_ {
        ResultDisplay(self)
    }
}

/// Names of registers.
struct Names {
    ints: &'static [&'static str],
    vectors: &'static [&'static str],
    x87: &'static [&'static str],
}

impl Names {
    fn of_arguments(abi: Abi) -> Names {
        let registers = abi.registers();
        Names {
            ints: registers.int_args,
            vectors: registers.vector_args,
            x87: &[],
        }
    }

    fn of_results(abi: Abi) -> Names {
        let registers = abi.registers();
        Names {
            ints: registers.int_results,
            vectors: registers.vector_results,
            x87: registers.x87_results,
        }
    }

    fn fmt(&self, reg: Reg, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match reg {
            Reg::Int(n) => f.write_str(self.ints[usize::from(n)]),
            Reg::Vector(n) => f.write_str(self.vectors[usize::from(n)]),
            Reg::X87(n) => f.write_str(self.x87[usize::from(n)]),
            Reg::Stack(at) => write!(f, "stack+{at}"),
        }
    }

    fn fmt_pieces(&self, pieces: &[Piece], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if pieces.is_empty() {
            return f.write_str("nowhere (no bytes)");
        }
        for (i, piece) in pieces.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            self.fmt(piece.reg, f)?;
            if pieces.len() > 1 {
                let last = piece.offset + piece.size - 1;
                write!(f, " (bytes {}-{last})", piece.offset)?;
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

struct PlaceDisplay<'a> {
    place: &'a Place,
    names: Names,
}

impl fmt::Display for PlaceDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Pieces(pieces) => self.names.fmt_pieces(pieces, f),
            Place::Copy { address, .. } => {
                f.write_str("a copy, address in ")?;
                self.names.fmt(*address, f)
            }
        }
    }
}

struct ResultDisplay<'a>(&'a Assignment);

impl fmt::Display for ResultDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.result {
            ResultPlace::Void => f.write_str("none"),
            ResultPlace::Pieces(pieces) => Names::of_results(self.0.abi).fmt_pieces(pieces, f),
            ResultPlace::Memory { address } => {
                f.write_str("memory, address in ")?;
                Names::of_arguments(self.0.abi).fmt(*address, f)
            }
        }
    }
}
