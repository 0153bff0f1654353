//! 32-bit x86: cdecl, stdcall, fastcall and thiscall, each as System V, mingw and Microsoft have it.
//!
//! Sources: *System V Application Binary Interface, Intel386 Architecture Processor Supplement* (psABI), version 1.1,
//! section 2.2 "Function Calling Sequence"; Microsoft's *Argument Passing and Naming Conventions* and its pages on each
//! keyword. Neither says much about the corners: those are gcc's (`ix86_function_arg`, `ix86_return_in_memory`) and
//! said so. Vector registers are used as psABI asks, whether or not the callee was compiled for them.

mod mode;

use super::assignment::{Assignment, Extend, Piece, Place, Position, Reg, ResultPlace, Taken};
use super::{Abi, Machine, Registers, Unsupported, X86Convention};
use crate::Signature;
use crate::types::{Float, Record, Type};
use mode::Mode;

pub(super) const MACHINE: Machine = Machine::X86;

/// Registers in order of use; the MMX ones, for vectors of eight bytes, follow the SSE ones.
pub(super) static REGISTERS: Registers = Registers {
    int_args: &["ecx", "edx"],
    vector_args: &["xmm0", "xmm1", "xmm2", "mm0", "mm1", "mm2"],
    int_results: &["eax", "edx"],
    vector_results: &["xmm0", "mm0"],
    x87_results: &["st(0)"],
};

/// Vector registers of each kind that carry arguments.
const VECTOR_ARGS: u8 = 3;
/// Where MMX registers start among `vector_args`, and among `vector_results`.
const MMX_ARGS: u8 = 3;
const MMX_RESULT: Reg = Reg::Vector(1);

/// A stack slot, and the alignment of nearly every argument.
const SLOT: u64 = 4;

/// Bytes that a register carries.
const WORD: u64 = 4;

/// Bytes of the pair edx:eax, and of an MMX register.
const PAIR: u64 = 8;

/// Bytes of a number on the x87 stack; the two after them in memory are padding.
const X87_BYTES: u64 = 10;

/// Whose rules they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Compiler {
    /// gcc and clang on System V: every record comes back in memory.
    SystemV,
    /// gcc on Windows: small records come back as a scalar of the same mode would.
    Mingw,
    /// Microsoft's: small records come back in eax and edx, whatever is in them.
    Msvc,
}

pub(super) fn assign(
    abi: Abi,
    compiler: Compiler,
    convention: X86Convention,
    signature: &Signature,
) -> Result<Assignment, Unsupported> {
    let mut walk = Walk::new(compiler, convention, signature.fixed.is_some());
    let result = match &signature.result {
        None => ResultPlace::Void,
        Some(ty) => match result(ty, compiler)? {
            Some(pieces) => ResultPlace::Pieces(pieces),
            None => ResultPlace::Memory {
                address: walk.result_address(),
            },
        },
    };
    let args = signature
        .params
        .iter()
        .map(|ty| walk.argument(ty))
        .collect::<Result<_, _>>()?;
    Ok(Assignment {
        abi,
        args,
        callee_pops: walk.callee_pops(&result),
        result,
        stack_size: walk.stack,
        stack_align: walk.stack_align,
        vector_args: walk.sse + walk.mmx,
        taken: Taken {
            ints: walk.ints.min(walk.int_args()) as u8,
            vectors: walk.sse,
        },
    })
}

/// Variable arguments are all on the stack.
pub(super) fn variable(
    _: Abi,
    compiler: Compiler,
    convention: X86Convention,
    ty: &Type,
    position: &mut Position,
) -> Result<Place, Unsupported> {
    let mut walk = Walk {
        stack: position.stack,
        ..Walk::new(compiler, convention, true)
    };
    let place = walk.argument(ty)?;
    position.stack = walk.stack;
    Ok(place)
}

/// "Return Values"; none for memory.
fn result(ty: &Type, compiler: Compiler) -> Result<Option<Box<[Piece]>>, Unsupported> {
    check(ty, compiler)?;
    let mode = match (ty, compiler) {
        // "A function that returns a structure or union"; gcc's default too, -fpcc-struct-return.
        (Type::Record(_), Compiler::SystemV) => return Ok(None),
        (Type::Record(_) | Type::Complex(_), Compiler::Msvc) => Mode::of_size(ty.size()),
        _ => Mode::of(ty),
    };
    if ty.size() == 0 && compiler == Compiler::Msvc {
        return Ok(Some(Box::default()));
    }
    let piece = |offset, size, reg| Piece {
        offset,
        size,
        reg,
        extend: None,
    };
    let size = ty.size();
    Ok(Some(match mode {
        Mode::Integer | Mode::Complex(Float::F32) if size > WORD => {
            let high = piece(WORD, size - WORD, Reg::Int(1));
            [piece(0, WORD, Reg::Int(0)), high].into()
        }
        Mode::Integer => [piece(0, size, Reg::Int(0))].into(),
        Mode::Float(Float::F16) | Mode::Complex(Float::F16) => {
            [piece(0, size, Reg::Vector(0))].into()
        }
        Mode::Float(Float::F32 | Float::F64) => [piece(0, size, Reg::X87(0))].into(),
        Mode::Float(Float::F80 | Float::F80In12) => [piece(0, X87_BYTES, Reg::X87(0))].into(),
        Mode::SmallVector => [piece(0, size, Reg::Int(0))].into(),
        Mode::Vector if size == PAIR => [piece(0, size, MMX_RESULT)].into(),
        Mode::Vector => [piece(0, size, Reg::Vector(0))].into(),
        Mode::Float(Float::F128) | Mode::Complex(_) | Mode::Block => return Ok(None),
    }))
}

/// Registers and stack taken so far.
struct Walk {
    compiler: Compiler,
    convention: X86Convention,
    /// Variadic functions find everything on the stack, and leave it there, under every convention.
    variadic: bool,
    ints: u64,
    sse: u8,
    mmx: u8,
    stack: u64,
    stack_align: u64,
}

impl Walk {
    fn new(compiler: Compiler, convention: X86Convention, variadic: bool) -> Walk {
        Walk {
            compiler,
            convention,
            variadic,
            ints: 0,
            sse: 0,
            mmx: 0,
            stack: 0,
            stack_align: 16,
        }
    }

    /// The hidden first argument. It is one more integer, but for Microsoft's thiscall, where ecx is for `this`.
    fn result_address(&mut self) -> Reg {
        match (self.compiler, self.convention) {
            (Compiler::Msvc, X86Convention::Thiscall) => Reg::Stack(self.push(SLOT, SLOT)),
            _ => self.word(),
        }
    }

    fn argument(&mut self, ty: &Type) -> Result<Place, Unsupported> {
        check(ty, self.compiler)?;
        if ty.size() == 0 {
            // Where arguments have registers, gcc aligns the stack for it all the same.
            if self.int_args() > 0 {
                self.memory(ty);
            }
            return Ok(Place::Pieces(Box::default()));
        }
        let reg = match ty {
            Type::Int(int) if int.size() <= WORD => self.word(),
            // gcc takes a vector of one small integer for the integer.
            Type::Vector(_) if Mode::of(ty) == Mode::Integer => self.word(),
            Type::Vector(_) if Mode::of(ty) == Mode::Vector => {
                match self.vector_register(ty.size()) {
                    Some(reg) => reg,
                    None if self.compiler == Compiler::Msvc => return Ok(self.by_reference(ty)),
                    None => self.memory(ty),
                }
            }
            Type::Record(record) if self.compiler == Compiler::Msvc && is_over_aligned(record) => {
                return Ok(self.by_reference(ty));
            }
            _ => {
                self.skip_registers(ty);
                self.memory(ty)
            }
        };
        Ok(Place::Pieces(Box::new([Piece {
            offset: 0,
            size: ty.size(),
            reg,
            extend: Extend::of(ty),
        }])))
    }

    /// The next integer register or stack slot.
    fn word(&mut self) -> Reg {
        if self.ints < self.int_args() {
            self.ints += 1;
            return Reg::Int(self.ints as u8 - 1);
        }
        Reg::Stack(self.push(SLOT, SLOT))
    }

    fn int_args(&self) -> u64 {
        match self.convention {
            _ if self.variadic => 0,
            X86Convention::Fastcall => 2,
            X86Convention::Thiscall => 1,
            X86Convention::Cdecl | X86Convention::Stdcall => 0,
        }
    }

    /// "The first two DWORD or smaller arguments that are found in the argument list from left to right" are
    /// Microsoft's; what is larger, or a record, does not count. For gcc it does, with all its words, if its mode is
    /// an integer's or a block's.
    fn skip_registers(&mut self, ty: &Type) {
        if self.compiler != Compiler::Msvc && matches!(Mode::of(ty), Mode::Integer | Mode::Block) {
            self.ints = self.ints.saturating_add(ty.size().div_ceil(WORD));
        }
    }

    /// psABI: the first three `__m128` in xmm0 to xmm2, the first three `__m64` in mm0 to mm2.
    fn vector_register(&mut self, size: u64) -> Option<Reg> {
        let (first, taken) = match size {
            PAIR => (MMX_ARGS, &mut self.mmx),
            _ => (0, &mut self.sse),
        };
        let reg = first + *taken;
        let free = !self.variadic && *taken < VECTOR_ARGS;
        *taken += u8::from(free);
        free.then_some(Reg::Vector(reg))
    }

    /// Microsoft's compiler does not align arguments, and so passes the address of what asks for it.
    fn by_reference(&mut self, ty: &Type) -> Place {
        Place::Copy {
            address: self.word(),
            size: ty.size(),
            align: ty.align(),
        }
    }

    fn memory(&mut self, ty: &Type) -> Reg {
        let align = if self.compiler != Compiler::Msvc && keeps_alignment(ty) {
            ty.align()
        } else {
            SLOT
        };
        Reg::Stack(self.push(align, ty.size()))
    }

    /// Takes `size` bytes of the stack.
    fn push(&mut self, align: u64, size: u64) -> u64 {
        let at = self.stack.next_multiple_of(align);
        self.stack = at.saturating_add(size).next_multiple_of(SLOT);
        self.stack_align = self.stack_align.max(align);
        at
    }

    fn callee_pops(&self, result: &ResultPlace) -> u64 {
        match self.convention {
            X86Convention::Stdcall | X86Convention::Fastcall | X86Convention::Thiscall
                if !self.variadic =>
            {
                self.stack
            }
            // psABI: the hidden pointer. gcc's variadic fastcall and thiscall functions leave it.
            X86Convention::Cdecl | X86Convention::Stdcall
                if self.compiler == Compiler::SystemV
                    && matches!(result, ResultPlace::Memory { .. }) =>
            {
                SLOT
            }
            _ => 0,
        }
    }
}

fn check(ty: &Type, compiler: Compiler) -> Result<(), Unsupported> {
    let is_foreign = |scalar: &Type| match scalar {
        Type::Float(float) | Type::Complex(float) => *float == Float::F80,
        Type::Int(int) => int.size() > PAIR,
        _ => false,
    };
    match ty {
        Type::Vector(vector) if vector.size > 16 => Err(Unsupported::WideVector),
        Type::Vector(vector) if vector.size < 16 && compiler == Compiler::Msvc => {
            Err(Unsupported::NarrowVector)
        }
        _ if ty.any_scalar(is_foreign) => Err(Unsupported::ForeignType),
        _ => Ok(()),
    }
}

/// Whether an argument keeps an alignment of 16 or more on the stack: for gcc only what is, or has as a member, a type
/// that is aligned so by itself, however a record's attributes align it.
fn keeps_alignment(ty: &Type) -> bool {
    match ty {
        Type::Int(_) => false,
        Type::Float(float) | Type::Complex(float) => *float == Float::F128,
        Type::Vector(vector) => vector.size >= 16,
        Type::Array(array) => keeps_alignment(&array.element),
        Type::Record(record) => {
            record.align >= 16 && record.fields.iter().any(|field| keeps_alignment(&field.ty))
        }
    }
}

/// Whether a record is aligned to more than its scalars are, by `__declspec(align)` on it or on a member.
fn is_over_aligned(record: &Record) -> bool {
    fn of_scalars(ty: &Type) -> u64 {
        match ty {
            Type::Vector(_) => SLOT,
            Type::Array(array) => of_scalars(&array.element),
            Type::Record(record) => {
                let fields = record.fields.iter().map(|field| of_scalars(&field.ty));
                fields.fold(SLOT, u64::max)
            }
            scalar => scalar.align().clamp(SLOT, 8),
        }
    }
    record.align
        > record
            .fields
            .iter()
            .map(|field| of_scalars(&field.ty))
            .fold(SLOT, u64::max)
}
