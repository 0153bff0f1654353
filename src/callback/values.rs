//! The arguments of a call from C as values, and a value as its result.

use std::sync::Arc;

use crate::cdata::CData;
use crate::convert;
use crate::ctype::{CType, TypeId, TypeTable};
use crate::host::Dynamic;
use crate::layout::layout_of;
use crate::shape::Shape;
use crate::{Error, Ffi, Value};

/// The argument of type `ty` in `bytes`, which are gone after the call: records are copied.
pub(super) fn load_argument(ffi: &Ffi, ty: TypeId, bytes: &[u8]) -> Result<Value, Error> {
    let types = ffi.types();
    let plain = types.plain(ty);
    let layout = layout_of(&**types, plain)?;
    let lies_in_memory = match types.get(plain) {
        CType::Record(_) => true,
        CType::Vector { .. } => layout.size > 32,
        _ => false,
    };
    if !lies_in_memory {
        let (host, shape) = (Dynamic::new(types), Shape::of(types, plain));
        // SAFETY: the bytes are a value of the type.
        return unsafe { convert::load(&host, &shape, bytes.as_ptr(), None) };
    }
    let memory = CData::allocate(types, plain, layout.size, layout.align, ffi.is_checked())?;
    let to = memory.address().expect("memory has an address");
    // A transparent union has the bytes of its first member.
    let size = bytes.len().min(layout.size as usize);
    // SAFETY: so many bytes are in both.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.cast(), size) };
    Ok(Value::CData(memory))
}

/// Stores the result of type `ty`, which has the bytes `to`. After an error these hold anything.
pub(super) fn store_result(
    types: &Arc<TypeTable>,
    ty: TypeId,
    to: &mut [u8],
    value: &Value,
) -> Result<(), Error> {
    if let (CType::Void, Value::None) = (types.get(types.plain(ty)), value) {
        return Ok(());
    }
    let (host, shape) = (Dynamic::new(types), Shape::of(types, ty));
    let room = to.len() as u64;
    // SAFETY: as many bytes as the type has.
    let stored = unsafe { convert::store(&host, &shape, to.as_mut_ptr(), room, value) };
    stored.map_err(|error| error.within(|| "result".into()))
}
