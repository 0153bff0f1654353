//! New lists of variable arguments.

use std::fmt;
use std::ptr;

use super::{Inner, VaList, every_register, sysv_offsets};
use crate::abi::Position;
use crate::{Abi, Error, Piece, Place, Reg, Signature, Type, Unsupported};

/// Arguments for `...` laid out as if they had been passed, all on the stack: for functions that take a `va_list`.
///
/// ```
/// use farcall_jit::{Abi, Float, Int, VaListMemory};
///
/// let [count, ratio] = [7i32.to_ne_bytes().to_vec(), 0.5f64.to_ne_bytes().to_vec()];
/// let memory = VaListMemory::new(Abi::HOST, &[(Int::I32.into(), &count), (Float::F64.into(), &ratio)])?;
/// let mut list = memory.va_list();
/// let (mut first, mut second) = (0i32, 0f64);
/// // SAFETY: these are the arguments.
/// unsafe {
///     list.argument(&Int::I32.into(), (&raw mut first).cast())?;
///     list.argument(&Float::F64.into(), (&raw mut second).cast())?;
/// }
/// assert_eq!((first, second), (7, 0.5));
/// # Ok::<(), farcall_jit::Error>(())
/// ```
pub struct VaListMemory {
    abi: Abi,
    /// The arguments, somewhere in it.
    memory: Box<[u64]>,
    start: u64,
}

impl VaListMemory {
    /// Lays out arguments, each given by its type and bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NotC`], and [`Error::NoCode`] for types whose places are unknown, and for ABIs of other machines.
    ///
    /// # Panics
    ///
    /// If an argument has not as many bytes as its type.
    pub fn new(abi: Abi, arguments: &[(Type, &[u8])]) -> Result<VaListMemory, Error> {
        let no_code = |why: Unsupported| Error::NoCode { why: why.into() };
        if abi.machine() != Abi::HOST.machine() {
            return Err(no_code(Unsupported::NoEmitter));
        }
        let types: Vec<Type> = arguments.iter().map(|(ty, _)| ty.clone()).collect();
        let align = types.iter().map(Type::align).fold(16, u64::max);
        crate::check::check(&Signature::new(types, None))?;
        let walk = |start: u64| -> Result<_, Error> {
            let mut position = Position {
                taken: every_register(abi),
                stack: start,
            };
            let place = |(ty, _): &(Type, &[u8])| abi.variable(ty, &mut position);
            let places = arguments.iter().map(place).collect::<Result<Vec<_>, _>>();
            Ok((places.map_err(no_code)?, position.stack))
        };
        // Where alignment leaves gaps depends on where it starts: at a multiple of every alignment, that is no position which
        // Windows' convention has a register for.
        let origin = align.max(32);
        let (places, mut end) = walk(origin)?;
        let copies = places.iter().map(|place| match *place {
            Place::Copy { size, align, .. } => {
                let at = end.next_multiple_of(align);
                end = at + size;
                at
            }
            Place::Pieces(_) => 0,
        });
        let copies: Vec<u64> = copies.collect();
        let mut memory = vec![0u64; ((end + align) / 8 + 1) as usize].into_boxed_slice();
        let base = memory.as_mut_ptr().cast::<u8>();
        let start = (base as usize as u64).next_multiple_of(align);
        // SAFETY: an offset from `origin` on, of memory that `walk` needs, with as much to spare as the start takes.
        let at = |offset: u64| unsafe {
            base.add((start - base as usize as u64 + offset - origin) as usize)
        };
        for ((place, copy), (ty, bytes)) in places.iter().zip(copies).zip(arguments) {
            assert_eq!(bytes.len() as u64, ty.size(), "the bytes of a '{ty}'");
            let pieces: &[Piece] = match place {
                Place::Pieces(pieces) => pieces,
                &Place::Copy { address, size, .. } => {
                    let Reg::Stack(slot) = address else {
                        unreachable!("no registers are left")
                    };
                    // SAFETY: places of the memory, which has room for the copy and its address.
                    unsafe {
                        let copy = at(copy);
                        ptr::copy_nonoverlapping(bytes.as_ptr(), copy, size as usize);
                        at(slot).cast::<usize>().write_unaligned(copy as usize);
                    }
                    &[]
                }
            };
            for piece in pieces {
                let Reg::Stack(to) = piece.reg else {
                    unreachable!("no registers are left")
                };
                let from = &bytes[piece.offset as usize..][..piece.size as usize];
                // SAFETY: a place of the memory.
                unsafe { ptr::copy_nonoverlapping(from.as_ptr(), at(to), from.len()) };
            }
        }
        Ok(VaListMemory { abi, memory, start })
    }

    /// A list of the arguments, good as long as this lives.
    pub fn va_list(&self) -> VaList {
        let stack = self.start;
        let position = match self.abi {
            Abi::SysV64 => {
                let (gp_offset, fp_offset) = sysv_offsets(every_register(self.abi));
                Inner::SysV {
                    gp_offset,
                    fp_offset,
                    overflow: stack,
                    save: 0,
                }
            }
            Abi::Aapcs64 => Inner::Aapcs {
                stack,
                gr_top: 0,
                vr_top: 0,
                gr_offs: 0,
                vr_offs: 0,
            },
            _ => Inner::Address(stack),
        };
        VaList {
            abi: self.abi,
            position,
        }
    }
}

impl fmt::Debug for VaListMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaListMemory")
            .field("abi", &self.abi)
            .field("bytes", &(8 * self.memory.len()))
            .finish()
    }
}
