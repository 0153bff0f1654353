//! C's `va_list`: the arguments for `...`, taken one after the other.
//!
//! What a `va_list` is depends on the ABI:
//!
//! ```text
//! System V x86-64 (psABI 3.5.7)        AArch64 (AAPCS64 B.4)             everywhere else
//! | gp_offset: u32 | fp_offset: u32 |  | stack                      |    | address of the next argument |
//! | overflow_arg_area               |  | gr_top                     |
//! | reg_save_area ----------------. |  | vr_top                     |
//!                                 |    | gr_offs: i32 | vr_offs: i32|
//!     | rdi ... r9 | xmm0 ... xmm7 |    | x0 ... x7 |gr_top  | v0 ... v7 |vr_top
//! ```
//!
//! Which argument is where follows from the same rules by which it was passed (`Abi::variable`).

#![allow(unsafe_code)]

mod memory;

use std::fmt;
use std::ptr;

use crate::abi::Position;
use crate::{Abi, Error, Piece, Place, Reg, Signature, Taken, Type, Unsupported};
pub use memory::VaListMemory;

/// Integer and vector registers that a `va_list` of System V's refers to, and bytes of each.
const SYSV: Saved = Saved {
    ints: 6,
    vectors: 8,
};
const AAPCS: Saved = Saved {
    ints: 8,
    vectors: 8,
};
const INT: u64 = 8;
const VECTOR: u64 = 16;

struct Saved {
    ints: u8,
    vectors: u8,
}

/// Where a function that is called with variable arguments keeps its registers and a `va_list`, in bytes from the start.
#[derive(Clone, Copy)]
pub(crate) struct VaArea {
    /// Size, a multiple of 16.
    pub(crate) size: u64,
    /// Size of the `va_list`, which is at the start.
    pub(crate) object: u64,
    /// Where the first integer register is kept; none are where all is on the stack.
    pub(crate) ints: u64,
    /// Where the first vector register is kept.
    pub(crate) vectors: u64,
}

impl VaArea {
    pub(crate) fn of(abi: Abi) -> VaArea {
        let object = VaList::size_of(abi);
        let Saved { ints, vectors } = match abi {
            Abi::SysV64 => SYSV,
            Abi::Aapcs64 => AAPCS,
            _ => Saved {
                ints: 0,
                vectors: 0,
            },
        };
        let at = object.next_multiple_of(16);
        let vectors_at = at + INT * u64::from(ints);
        VaArea {
            size: vectors_at + VECTOR * u64::from(vectors),
            object,
            ints: at,
            vectors: vectors_at,
        }
    }
}

/// A C `va_list`. Taking arguments leaves the C object alone that it was read from: this is a copy, as by `va_copy`.
///
/// ```
/// use farcall_jit::{Arguments, Engine, Float, Int, Signature, VaList};
///
/// // double sum(int count, ...)
/// let signature = Signature::new([Int::I32.into()], Some(Float::F64.into())).variadic(1);
/// let sum = Engine::new().callback(&signature, |call: &mut Arguments<'_>| {
///     let mut list = call.va_list().unwrap();
///     let mut sum = 0.0;
///     for _ in 0..call.get::<i32>(0) {
///         let mut number = 0f64;
///         // SAFETY: the caller passes so many doubles, and the call has not ended.
///         unsafe { list.argument(&Float::F64.into(), (&raw mut number).cast()) }.unwrap();
///         sum += number;
///     }
///     call.give_back(sum);
/// })?;
/// // SAFETY: that is the type.
/// let sum: unsafe extern "C" fn(i32, ...) -> f64 = unsafe { std::mem::transmute(sum.code()) };
/// assert_eq!(unsafe { sum(3, 1.5, 2.0, 3.0) }, 6.5);
/// # Ok::<(), farcall_jit::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VaList {
    abi: Abi,
    position: Inner,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inner {
    Address(u64),
    SysV {
        gp_offset: u32,
        fp_offset: u32,
        overflow: u64,
        save: u64,
    },
    Aapcs {
        stack: u64,
        gr_top: u64,
        vr_top: u64,
        gr_offs: i32,
        vr_offs: i32,
    },
}

impl VaList {
    /// Size in bytes of a C object of type `va_list`.
    pub fn size_of(abi: Abi) -> u64 {
        match abi {
            Abi::SysV64 => 24,
            Abi::Aapcs64 => 32,
            _ => size_of::<usize>() as u64,
        }
    }

    /// The `va_list` in the C object at `object`. On System V x86-64 a parameter of that type is the address of the object, for
    /// the type is an array; on AArch64 it is the object by value; everywhere else the object is an address.
    ///
    /// # Errors
    ///
    /// [`Error::NoCode`] for the ABI of another machine.
    ///
    /// # Safety
    ///
    /// There is such an object, initialised by `va_start`, in [`VaList::size_of`] readable bytes of any alignment.
    pub unsafe fn read(abi: Abi, object: *const u8) -> Result<VaList, Error> {
        if abi.machine() != Abi::HOST.machine() || abi == Abi::WindowsArm64 {
            return Err(Error::NoCode {
                why: Unsupported::NoEmitter.into(),
            });
        }
        // SAFETY: the caller's promise, for the members of the structures above.
        let position = unsafe {
            let half = |at: usize| object.add(at).cast::<u32>().read_unaligned();
            let word = |at: usize| object.add(at).cast::<u64>().read_unaligned();
            match abi {
                Abi::SysV64 => Inner::SysV {
                    gp_offset: half(0),
                    fp_offset: half(4),
                    overflow: word(8),
                    save: word(16),
                },
                Abi::Aapcs64 => Inner::Aapcs {
                    stack: word(0),
                    gr_top: word(8),
                    vr_top: word(16),
                    gr_offs: half(24).cast_signed(),
                    vr_offs: half(28).cast_signed(),
                },
                _ => Inner::Address(object.cast::<usize>().read_unaligned() as u64),
            }
        };
        Ok(VaList { abi, position })
    }

    /// The list as C has it: the bytes of an object of type `va_list`, to be passed on.
    pub fn object(&self) -> Vec<u8> {
        match self.position {
            Inner::Address(address) => (address as usize).to_ne_bytes().into(),
            Inner::SysV {
                gp_offset,
                fp_offset,
                overflow,
                save,
            } => {
                let offsets = [gp_offset, fp_offset].map(u32::to_ne_bytes).concat();
                let areas = [overflow, save].map(u64::to_ne_bytes).concat();
                [offsets, areas].concat()
            }
            Inner::Aapcs {
                stack,
                gr_top,
                vr_top,
                gr_offs,
                vr_offs,
            } => {
                let areas = [stack, gr_top, vr_top].map(u64::to_ne_bytes).concat();
                let offsets = [gr_offs, vr_offs].map(i32::to_ne_bytes).concat();
                [areas, offsets].concat()
            }
        }
    }

    /// The ABI.
    pub fn abi(&self) -> Abi {
        self.abi
    }

    /// Takes the next argument, of type `ty` (after C's default promotions, C11 6.5.2.2 §6), and copies it to `to`.
    ///
    /// # Errors
    ///
    /// [`Error::NotC`], and [`Error::NoCode`] for types whose places are unknown. Nothing is taken then.
    ///
    /// # Safety
    ///
    /// The function to which the arguments were passed has not returned, there is a next argument, and it is of that
    /// type. `to` has room for it.
    pub unsafe fn argument(&mut self, ty: &Type, to: *mut u8) -> Result<(), Error> {
        crate::check::check(&Signature::new([ty.clone()], None))?;
        let mut position = self.position();
        let place = self.abi.variable(ty, &mut position);
        let place = place.map_err(|why| Error::NoCode { why: why.into() })?;
        // SAFETY: the caller's promise: the pieces are where the ABI has them.
        unsafe {
            match place {
                Place::Pieces(pieces) => {
                    for &Piece {
                        offset, size, reg, ..
                    } in &pieces
                    {
                        // Windows' floats are in both registers.
                        let from = self.address(reg);
                        ptr::copy_nonoverlapping(from, to.add(offset as usize), size as usize);
                    }
                }
                Place::Copy { address, size, .. } => {
                    let from = self.address(address).cast::<*const u8>().read_unaligned();
                    ptr::copy_nonoverlapping(from, to, size as usize);
                }
            }
        }
        self.advance(position);
        Ok(())
    }

    fn position(&self) -> Position {
        let taken = |ints: i64, vectors: i64, saved: &Saved| Taken {
            ints: ints.clamp(0, saved.ints.into()) as u8,
            vectors: vectors.clamp(0, saved.vectors.into()) as u8,
        };
        match self.position {
            Inner::Address(stack) => Position {
                taken: Taken::default(),
                stack,
            },
            Inner::SysV {
                gp_offset,
                fp_offset,
                overflow,
                ..
            } => {
                let area = VaArea::of(Abi::SysV64);
                let vectors = i64::from(fp_offset) - (area.vectors - area.ints) as i64;
                Position {
                    taken: taken(
                        i64::from(gp_offset) / INT as i64,
                        vectors / VECTOR as i64,
                        &SYSV,
                    ),
                    stack: overflow,
                }
            }
            Inner::Aapcs {
                stack,
                gr_offs,
                vr_offs,
                ..
            } => Position {
                taken: taken(
                    i64::from(AAPCS.ints) + i64::from(gr_offs) / INT as i64,
                    i64::from(AAPCS.vectors) + i64::from(vr_offs) / VECTOR as i64,
                    &AAPCS,
                ),
                stack,
            },
        }
    }

    fn advance(&mut self, to: Position) {
        match &mut self.position {
            Inner::Address(address) => *address = to.stack,
            Inner::SysV {
                gp_offset,
                fp_offset,
                overflow,
                ..
            } => {
                (*gp_offset, *fp_offset) = sysv_offsets(to.taken);
                *overflow = to.stack;
            }
            Inner::Aapcs {
                stack,
                gr_offs,
                vr_offs,
                ..
            } => {
                (*gr_offs, *vr_offs) = aapcs_offsets(to.taken);
                *stack = to.stack;
            }
        }
    }

    fn address(&self, reg: Reg) -> *const u8 {
        let address = match (self.position, reg) {
            (_, Reg::Stack(address)) => address,
            (Inner::SysV { save, .. }, Reg::Int(index)) => save + INT * u64::from(index),
            (Inner::SysV { save, .. }, Reg::Vector(index)) => {
                let area = VaArea::of(Abi::SysV64);
                save + (area.vectors - area.ints) + VECTOR * u64::from(index)
            }
            (Inner::Aapcs { gr_top, .. }, Reg::Int(index)) => {
                gr_top - INT * u64::from(AAPCS.ints - index)
            }
            (Inner::Aapcs { vr_top, .. }, Reg::Vector(index)) => {
                vr_top - VECTOR * u64::from(AAPCS.vectors - index)
            }
            _ => unreachable!("lists without registers have stack arguments alone"),
        };
        address as usize as *const u8
    }
}

/// `gp_offset` and `fp_offset` of a list that has come so far.
pub(crate) fn sysv_offsets(taken: Taken) -> (u32, u32) {
    let area = VaArea::of(Abi::SysV64);
    let gp_offset = INT * u64::from(taken.ints);
    let fp_offset = area.vectors - area.ints + VECTOR * u64::from(taken.vectors);
    (gp_offset as u32, fp_offset as u32)
}

/// `gr_offs` and `vr_offs` of a list that has come so far.
pub(crate) fn aapcs_offsets(taken: Taken) -> (i32, i32) {
    let gr_offs = -i32::from(AAPCS.ints - taken.ints) * INT as i32;
    let vr_offs = -i32::from(AAPCS.vectors - taken.vectors) * VECTOR as i32;
    (gr_offs, vr_offs)
}

impl fmt::Debug for VaList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaList")
            .field("abi", &self.abi)
            .field("position", &self.position())
            .finish()
    }
}

/// As if arguments had been in all the registers.
fn every_register(abi: Abi) -> Taken {
    let Saved { ints, vectors } = match abi {
        Abi::SysV64 => SYSV,
        Abi::Aapcs64 => AAPCS,
        _ => return Taken::default(),
    };
    Taken { ints, vectors }
}
