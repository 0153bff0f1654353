//! How cdata prints: records and arrays with their contents, pointers as addresses, text as text.

#![allow(unsafe_code)]

use std::fmt;

use super::{CData, Data};
use crate::convert::{load, wide};
use crate::ctype::{CType, PrimitiveKind, TypeId, TypeTable};
use crate::host::Dynamic;
use crate::layout::layout_of;
use crate::shape::{Shape, Slots};
use crate::{Error, Value};

/// Longer arrays print their first items and the number of all.
const MAX_ITEMS: u64 = 64;

impl fmt::Display for CData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_known = match self.known_memory() {
            Err(Error::Released { .. }) => return f.write_str("(released)"),
            known => known.is_ok(),
        };
        match self.types.get(self.types.plain(self.ty)) {
            CType::Record(_) | CType::Array { .. } if !is_known => self.fmt_address(f),
            CType::Record(id) => match self.types.slots(id) {
                Some(slots) => self.fmt_record(slots, f),
                None => self.fmt_address(f),
            },
            CType::Array { element, .. } if is_char(&self.types, element) => match self.string() {
                Ok(bytes) => fmt::Display::fmt(&Value::Bytes(bytes), f),
                Err(_) => self.fmt_address(f),
            },
            CType::Array { element, .. } => self.fmt_items(element, f),
            _ => match &self.data {
                Data::Address { .. } => self.fmt_address(f),
                Data::Scalar(scalar) => match self.value() {
                    _ if let CType::Vector { element, lanes } =
                        self.types.get(self.types.plain(self.ty)) =>
                    {
                        self.fmt_lanes(&scalar.0, element, lanes, f)
                    }
                    // Formats that no host number holds.
                    Value::CData(_) => f.write_str(&wide::print(&self.types, self.ty, &scalar.0)),
                    value => fmt::Display::fmt(&self.typed(self.ty, &value), f),
                },
            },
        }
    }
}

impl fmt::Debug for CData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<cdata '{}' {self}>", self.type_name())
    }
}

impl CData {
    fn typed<'a>(&'a self, ty: TypeId, value: &'a Value) -> Typed<'a> {
        Typed {
            types: &self.types,
            ty,
            value,
        }
    }

    fn fmt_address(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) if !address.is_null() => write!(f, "{address:p}"),
            _ => f.write_str("NULL"),
        }
    }

    fn fmt_items(&self, element: TypeId, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(len) = self.len() else {
            return self.fmt_address(f);
        };
        f.write_str("[")?;
        for index in 0..len.min(MAX_ITEMS) {
            f.write_str(if index > 0 { ", " } else { "" })?;
            self.fmt_part(element, self.item(index as i64), f)?;
        }
        if len > MAX_ITEMS {
            write!(f, ", ... {len} in all")?;
        }
        f.write_str("]")
    }

    fn fmt_lanes(
        &self,
        bytes: &[u8],
        element: TypeId,
        lanes: u32,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let size = layout_of(&*self.types, element).map_or(1, |layout| layout.size.max(1)) as usize;
        f.write_str("[")?;
        for (index, lane) in bytes.chunks_exact(size).take(lanes as usize).enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            let (host, shape) = (Dynamic::new(&self.types), Shape::of(&self.types, element));
            // SAFETY: a chunk has the size of the lane's type.
            let value = unsafe { load(&host, &shape, lane.as_ptr(), None) };
            self.fmt_part(element, value, f)?;
        }
        f.write_str("]")
    }

    fn fmt_record(&self, slots: &Slots, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, slot) in slots.iter().enumerate() {
            write!(f, "{}{}: ", if index > 0 { ", " } else { "" }, slot.name)?;
            self.fmt_part(slot.member.ty, self.field(&slot.name), f)?;
        }
        f.write_str("}")
    }

    /// What memory does not hold as a value of the type, or what lies beyond it, is a question mark.
    fn fmt_part(
        &self,
        ty: TypeId,
        value: Result<Value, Error>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match value {
            Ok(value) => fmt::Display::fmt(&self.typed(ty, &value), f),
            Err(_) => f.write_str("?"),
        }
    }
}

/// A value with the type that it was read as.
pub(crate) struct Typed<'a> {
    pub(crate) types: &'a TypeTable,
    pub(crate) ty: TypeId,
    pub(crate) value: &'a Value,
}

impl fmt::Display for Typed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.types.has(self.ty) {
            return self.value.fmt(f);
        }
        match (self.types.get(self.types.plain(self.ty)), self.value) {
            (CType::Enum(id), Value::Int(int)) => {
                let body = self.types.enumeration(id).body();
                match body.and_then(|body| body.name_of(*int)) {
                    Some(name) => f.write_str(name),
                    None => int.fmt(f),
                }
            }
            (CType::Primitive(primitive), Value::Float(float)) => {
                fmt_float(*float, primitive.layout(self.types.model()).size, f)
            }
            (_, Value::Float(float)) => fmt_float(*float, 8, f),
            (_, value) => value.fmt(f),
        }
    }
}

/// The shortest digits that tell the number from its neighbours of the same size in bytes.
pub(crate) fn fmt_float(float: f64, size: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let plain = float == 0.0 || !float.is_finite() || (1e-5..1e17).contains(&float.abs());
    match (size < 8, plain) {
        (true, true) => write!(f, "{}", float as f32),
        (true, false) => write!(f, "{:e}", float as f32),
        (false, true) => write!(f, "{float}"),
        (false, false) => write!(f, "{float:e}"),
    }
}

fn is_char(types: &TypeTable, ty: TypeId) -> bool {
    matches!(types.get(ty), CType::Primitive(primitive) if primitive.kind() == PrimitiveKind::Char)
}
