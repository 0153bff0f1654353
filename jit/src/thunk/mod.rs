//! Callback thunks: machine code that C enters by the rules of one signature's ABI. It stores the arguments as a packed
//! frame, calls Rust, and hands back the result.
//!
//! A thunk is entered through a *trampoline*, of which every callback has its own. It brings the address of the
//! callback's slot in a register that no convention passes anything in, r10, x17 or eax:
//!
//! ```text
//! block of trampolines, fixed text             slots, data               one per signature
//! | mov r10, slot 0; jmp [thunk] | ----------> | thunk data | vtable | data |
//! | mov r10, slot 1; jmp [thunk] | ----------> | thunk data | vtable | data |     | thunk's code |
//! ```
//!
//! The text is written once and never changes: making or freeing a callback writes to its slot alone. The thunk
//! calls the first word of the slot's vtable as [`EnterFn`].
//!
//! A thunk has the frame of a stub (see `stub`), so the same unwind entry describes it, and touches no callee-saved
//! register but the frame pointer:
//!
//! ```text
//!                 | stack arguments       |
//!                 | return address        |
//! rbp, x29, ebp ->| caller's rbp, x29, ebp|
//!                 | what the end needs    |   the result's address, on x86 more
//!                 | result                |   zeros, where it travels in registers
//!                 | registers, va_list    |   only of variadic functions, see `va_list`
//!                 | packed frame          |   as `Signature::frame` lays it out
//!         rsp, sp | outgoing arguments    |
//! ```

#[cfg(any(target_arch = "aarch64", feature = "all-machines"))]
mod aarch64;
#[cfg(any(target_arch = "x86", feature = "all-machines"))]
mod x86_32;
#[cfg(any(target_arch = "x86_64", feature = "all-machines"))]
mod x86_64;

use crate::stub::{CodegenError, Entry, Plan};
use crate::va_list::VaArea;
use crate::{Assignment, Extend, Machine, Place, Reg, Signature, Type, Unsupported};

/// What a thunk calls: the callback's slot, the packed frame, memory for the result, and the vtable in which the function
/// was found.
pub(crate) type EnterFn = unsafe extern "C-unwind" fn(*const (), *mut u8, *mut u8, *const ());

/// Trampolines of a block.
#[derive(Clone, Copy)]
pub(crate) struct Trampolines {
    /// Offset in bytes of the first.
    pub(crate) first: usize,
    /// Bytes from one to the next.
    pub(crate) stride: usize,
}

impl Trampolines {
    /// Those of this machine, where it has any.
    pub(crate) const HOST: Trampolines = if cfg!(target_arch = "aarch64") {
        Trampolines {
            first: 16,
            stride: 16,
        }
    } else if cfg!(target_arch = "x86") {
        Trampolines {
            first: 0,
            stride: 12,
        }
    } else {
        Trampolines {
            first: 16,
            stride: 16,
        }
    };
}

/// The text of a block of trampolines for this machine: to the thunk whose address the word at `thunk` holds, with the
/// addresses of `slots`. It does not depend on where it runs.
///
/// | machine | text |
/// |---|---|
/// | x86-64 | `mov r10, slot; jmp [rip + thunk]`, with the thunk's address at the start of the block |
/// | 32-bit x86 | `mov eax, slot; jmp [thunk]` |
/// | AArch64 | `ldr x17, slot; b to`, with the slot's address behind it; at the start of the block the thunk's address and `to: ldr x16, thunk; br x16` |
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")),
    allow(unused)
)]
pub(crate) fn trampolines(thunk: &usize, slots: impl Iterator<Item = usize>) -> Vec<u8> {
    let Trampolines { first, stride } = Trampolines::HOST;
    let mut text = Vec::new();
    if cfg!(target_pointer_width = "64") {
        text.extend(thunk.to_ne_bytes());
    }
    // LDR (literal) and B have their distance in words, in bits 5 to 23 and 0 to 25.
    let load = |register: u32, words: i32| {
        0x5800_0000 | (words.cast_unsigned() & 0x7_ffff) << 5 | register
    };
    let branch = |words: i32| 0x1400_0000 | words.cast_unsigned() & 0x3ff_ffff;
    if cfg!(target_arch = "aarch64") {
        for word in [load(16, -2), 0xd61f_0200] {
            text.extend(u32::to_le_bytes(word));
        }
    }
    for (index, slot) in slots.enumerate() {
        let at = first + index * stride;
        text.resize(at, 0);
        if cfg!(target_arch = "x86_64") {
            text.extend([0x49, 0xba]);
            text.extend(slot.to_ne_bytes());
            text.extend([0xff, 0x25]);
            // From the end of the instruction, which is that of the trampoline.
            text.extend((-((at + stride) as i32)).to_ne_bytes());
        } else if cfg!(target_arch = "x86") {
            text.push(0xb8);
            text.extend(slot.to_ne_bytes());
            text.extend([0xff, 0x25]);
            text.extend((&raw const *thunk as usize).to_ne_bytes());
        } else {
            // From the branch to behind the thunk's address.
            let back = (8 - (at as i32 + 4)) / 4;
            for word in [load(17, 2), branch(back)] {
                text.extend(u32::to_le_bytes(word));
            }
            text.extend(slot.to_ne_bytes());
        }
    }
    text
}

/// Emits the code of a thunk.
pub(crate) fn compile(
    signature: &Signature,
    assignment: &Assignment,
) -> Result<Vec<u8>, CodegenError> {
    let upcall = Upcall::new(signature, assignment);
    match assignment.abi.machine() {
        #[cfg(any(target_arch = "aarch64", feature = "all-machines"))]
        Machine::AArch64 => Ok(aarch64::emit(&upcall)),
        #[cfg(any(target_arch = "x86", feature = "all-machines"))]
        Machine::X86 => x86_32::emit(&upcall).map_err(CodegenError::new),
        #[cfg(any(target_arch = "x86_64", feature = "all-machines"))]
        Machine::X86_64 => x86_64::emit(&upcall).map_err(CodegenError::new),
        #[allow(unreachable_patterns, reason = "with all machines there are no others")]
        _ => Err(Unsupported::NoEmitter.into()),
    }
}

/// What an emitter needs to know of one thunk.
struct Upcall<'a> {
    plan: Plan<'a>,
    signature: &'a Signature,
    /// Size in bytes of the packed frame, and of what lies behind it.
    frame_size: u64,
    /// Of a variadic function.
    va: Option<Va>,
}

/// Where a thunk keeps what a `va_list` is about.
struct Va {
    /// Offset in bytes from the packed frame.
    at: u64,
    area: VaArea,
}

/// Offset in bytes from the packed frame of the `va_list` that a thunk leaves behind it: of a variadic function's, whose
/// signature lists nothing but its declared parameters.
pub(crate) fn va_list_at(signature: &Signature) -> Option<u64> {
    let declared = signature.fixed.map(usize::from);
    let size = signature.frame().size().next_multiple_of(16);
    (declared == Some(signature.params.len())).then_some(size)
}

/// Size in bytes of the packed frame, and of what lies behind it.
pub(crate) fn frame_size(signature: &Signature) -> u64 {
    match va_list_at(signature) {
        Some(at) => at + VaArea::of(signature.abi).size,
        None => signature.frame().size(),
    }
}

/// An argument that comes by reference.
struct Referred {
    /// What carries its address.
    address: Reg,
    /// Its size in bytes.
    size: u64,
    /// Its offset in the packed frame.
    to: u64,
}

/// Arguments up to this many bytes are cleared by the thunk, if they do not come whole.
pub(crate) const MAX_CLEARED: u64 = 64;

/// Arguments that do not come whole, for the rest of them is padding: offset in the packed frame, and size.
pub(crate) fn unpassed(
    signature: &Signature,
    assignment: &Assignment,
) -> impl Iterator<Item = (u64, u64)> {
    let offsets: Vec<u64> = signature.frame().offsets().into();
    let places = assignment.args.iter().zip(&signature.params).zip(offsets);
    places.filter_map(|((place, ty), to)| match place {
        Place::Pieces(pieces) => {
            let passed: u64 = pieces.iter().map(|piece| piece.size).sum();
            (passed < ty.size()).then_some((to, ty.size()))
        }
        Place::Copy { .. } => None,
    })
}

impl<'a> Upcall<'a> {
    fn new(signature: &'a Signature, assignment: &'a Assignment) -> Upcall<'a> {
        let frame = signature.frame();
        let plan = Plan {
            frame: frame.offsets().into(),
            assignment,
            entry: Entry::Frame,
            variadic: signature.fixed.is_some(),
        };
        Upcall {
            plan,
            signature,
            frame_size: frame_size(signature),
            va: va_list_at(signature).map(|at| Va {
                at,
                area: VaArea::of(signature.abi),
            }),
        }
    }

    fn referred(&self) -> impl Iterator<Item = Referred> + '_ {
        let places = self.plan.assignment.args.iter().zip(&self.plan.frame);
        places.filter_map(|(place, &to)| match *place {
            Place::Copy { address, size, .. } => Some(Referred { address, size, to }),
            Place::Pieces(_) => None,
        })
    }

    /// Words of the packed frame that no piece carries anything for: padding, which a reader may look at. Those of large
    /// objects are left to whoever hands the frame out, see [`unpassed`].
    fn gaps(&self) -> impl Iterator<Item = u64> + '_ {
        let unpassed = unpassed(self.signature, self.plan.assignment);
        let small = unpassed.filter(|(_, size)| *size <= MAX_CLEARED);
        let small = small.flat_map(|(to, size)| (to..to + size).step_by(8));
        let end = self.signature.frame().size();
        let around = self.va.iter().flat_map(move |va| {
            let object = va.at + va.area.object / 8 * 8;
            (end..va.at).chain(object..va.at + va.area.ints).step_by(8)
        });
        small.chain(around)
    }

    /// Offset in bytes from the frame pointer of the first variable argument on the stack, where `stack` is that of the first
    /// argument.
    fn variable_stack(&self, stack: u64) -> u64 {
        stack + self.plan.assignment.stack_size
    }

    /// Bytes that are reserved for a result in registers, a multiple of 16.
    fn result_bytes(&self) -> u64 {
        let pieces = self.plan.result_pieces().iter();
        let end = pieces.map(|piece| piece.offset + piece.size).max();
        let size = match self.plan.sret() {
            Some(_) => 0,
            None => self.signature.result.as_ref().map_or(0, Type::size),
        };
        size.max(end.unwrap_or(0)).next_multiple_of(16)
    }

    /// Words of these that are zeros when Rust is called: as far as the result goes.
    fn result_words(&self) -> impl Iterator<Item = u64> + use<> {
        let bytes = match self.result_bytes() {
            0 => 0,
            _ => self.signature.result.as_ref().map_or(0, Type::size),
        };
        (0..bytes).step_by(8)
    }

    /// How a narrow integer result is extended: the ABIs leave that open or do not, callers rely on it or do not.
    fn extend_result(&self) -> Option<(u64, Extend)> {
        match self.signature.result {
            Some(Type::Int(int)) if int.size() < 4 => {
                let extend = if int.is_signed() {
                    Extend::Sign
                } else {
                    Extend::Zero
                };
                Some((int.size(), extend))
            }
            _ => None,
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::trampolines;

    #[test]
    fn trampolines_say_where_they_go() {
        use iced_x86::{Decoder, DecoderOptions};
        let text = trampolines(&0x1234, [0xaaaa, 0xbbbb].into_iter());
        assert_eq!(text.len(), 48);
        let mut decoder = Decoder::with_ip(64, &text[16..], 0x1010, DecoderOptions::NONE);
        let lines: Vec<String> = decoder.iter().map(|line| line.to_string()).collect();
        let jump = "jmp qword ptr [1000h]";
        assert_eq!(lines, ["mov r10,0AAAAh", jump, "mov r10,0BBBBh", jump]);
    }
}
