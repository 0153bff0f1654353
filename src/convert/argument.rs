//! Arguments: what is assigned, and for pointers also what they could point to, in memory that lasts as long as the call.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::{fmt, ptr};

use super::array::{check_bools, is_byte, store_array, text_unit};
use super::store::store;
use super::{pointer_from_cdata, text, wrong_kind};
use crate::Error;
use crate::host::{Host, View};
use crate::layout::layout_of;
use crate::memory::Allocation;
use crate::object::items_size;
use crate::shape::{Form, Shape};

/// Memory that arguments point to until the call is over. Small ones lie in it, so it must not move while it is in use.
///
/// It is shared while it is in use, for borrowing all of it mutably would take it from those who hold addresses in it.
pub struct Scratch {
    inline: UnsafeCell<MaybeUninit<Block>>,
    used: Cell<usize>,
    heap: RefCell<Vec<Arc<Allocation>>>,
}

/// Room for small initialisers.
const INLINE: usize = 512;

#[repr(align(16))]
struct Block(#[expect(dead_code, reason = "used by its address")] [u8; INLINE]);

impl Scratch {
    /// Nothing in use yet.
    #[inline]
    pub fn new() -> Scratch {
        Scratch {
            inline: MaybeUninit::uninit().into(),
            used: Cell::new(0),
            heap: RefCell::default(),
        }
    }

    /// Zeroed memory.
    fn take(&self, size: u64, align: u64) -> Option<*mut u8> {
        let start = self
            .used
            .get()
            .next_multiple_of(align.clamp(1, 16) as usize);
        let small = usize::try_from(size)
            .ok()
            .filter(|&size| align <= 16 && size <= INLINE && start + size <= INLINE);
        if let Some(size) = small {
            self.used.set(start + size);
            // SAFETY: the piece lies inside the block, and nobody has an address in it yet.
            return Some(unsafe {
                let piece = self.inline.get().cast::<u8>().add(start);
                piece.write_bytes(0, size);
                piece
            });
        }
        let allocation = Allocation::new(size, align)?;
        let address = allocation.start();
        self.heap.borrow_mut().push(allocation);
        Some(address)
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch")
            .field("used", &self.used.get())
            .field("heap", &self.heap.borrow().len())
            .finish_non_exhaustive()
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::new()
    }
}

/// Stores an argument, as [`store()`] does. For a pointer it may also be a sequence, bytes or text, which go into
/// `scratch`; bytes go without a copy where the host's can.
///
/// # Errors
///
/// If the value is not one for the type.
///
/// # Safety
///
/// `room` bytes at `to` are writable, at least the size of the type. What is stored is good as long as `scratch` and the
/// value are, and `scratch` does not move meanwhile.
#[inline]
pub unsafe fn store_argument<H: Host>(
    host: &H,
    shape: &Shape,
    to: *mut u8,
    room: u64,
    value: H::Ref<'_>,
    scratch: &Scratch,
) -> Result<(), H::Error> {
    if let Form::Pointer(target) = shape.form {
        let address = match host.cdata(value)? {
            Some(cdata) if cdata.ty == shape.ty => cdata.address,
            Some(cdata) => pointer_from_cdata(host.types(), shape, &cdata, H::LENIENT)?,
            None => {
                let target = Shape::of(host.types(), target);
                temporary(host, shape, &target, value, scratch)?
            }
        };
        // SAFETY: the caller's promise.
        unsafe { to.cast::<*mut u8>().write_unaligned(address) };
        return Ok(());
    }
    // SAFETY: the caller's promise.
    unsafe { store(host, shape, to, room, value) }
}

/// The address of what a pointer argument is given to point to.
fn temporary<H: Host>(
    host: &H,
    shape: &Shape,
    target: &Shape,
    value: H::Ref<'_>,
    scratch: &Scratch,
) -> Result<*mut u8, H::Error> {
    let types = host.types();
    let wrong = || wrong_kind(host, shape, "cdata pointer", value);
    let view = host.view(value);
    let takes_bytes = target.form == Form::Void || is_byte(target);
    let count = match view {
        View::None if H::LENIENT => return Ok(ptr::null_mut()),
        View::Bytes(bytes) if takes_bytes => {
            if target.form == Form::Bool {
                check_bools(bytes)?;
            }
            if H::BYTES_END_WITH_NUL {
                return Ok(bytes.as_ptr().cast_mut());
            }
            let copy = take(host, scratch, shape, bytes.len() as u64 + 1, 1)?;
            // SAFETY: there is room for the bytes, and a zero after them.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len()) };
            return Ok(copy);
        }
        View::Text if H::LENIENT && takes_bytes => {
            return utf8(host, shape, value, scratch);
        }
        View::Text if text_unit(host, target).is_some() => {
            text::units(host, target.size(types).unwrap_or(1), value) + 1
        }
        View::Text => host.code_points(value).count() as u64 + 1,
        View::Sequence(count) => count as u64,
        View::Mapping if H::LENIENT => {
            let plan = super::plan_new(host, shape, Some(value))?;
            let memory = take(host, scratch, shape, plan.size, plan.align)?;
            // SAFETY: there is room for the record.
            unsafe { store(host, target, memory, plan.size, value) }?;
            return Ok(memory);
        }
        _ => {
            return match host.other_pointer(target, value)? {
                Some(address) => Ok(address),
                None => Err(wrong()),
            };
        }
    };
    let layout = match layout_of(types, target.ty) {
        Ok(layout) if layout.size > 0 => layout,
        _ => return Err(wrong()),
    };
    let bytes = items_size(types, layout.size, count)?;
    let memory = take(host, scratch, shape, bytes.max(1), layout.align)?;
    // SAFETY: there is room for `count` items.
    unsafe { store_array(host, shape, target, Some(count), memory, bytes, value) }?;
    Ok(memory)
}

/// Text as UTF-8, which ends at its first NUL for C.
fn utf8<H: Host>(
    host: &H,
    shape: &Shape,
    value: H::Ref<'_>,
    scratch: &Scratch,
) -> Result<*mut u8, H::Error> {
    let units = text::units(host, 1, value);
    let memory = take(host, scratch, shape, units + 1, 1)?;
    // SAFETY: there is room for the text, and a zero after it.
    let written = unsafe {
        text::write(host, 1, value, memory, units)?;
        std::slice::from_raw_parts(memory, units as usize)
    };
    match written.iter().position(|&byte| byte == 0) {
        None => Ok(memory),
        Some(at) => Err(Error::EmbeddedNul {
            ty: host.types().spelling(shape.ty),
            at,
            place: Default::default(),
        }
        .into()),
    }
}

fn take<H: Host>(
    host: &H,
    scratch: &Scratch,
    shape: &Shape,
    size: u64,
    align: u64,
) -> Result<*mut u8, H::Error> {
    scratch.take(size, align).ok_or_else(|| {
        Error::Memory {
            bytes: size,
            ty: host.types().spelling(shape.ty),
        }
        .into()
    })
}
