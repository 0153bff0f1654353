//! How cdata prints: records and arrays with their contents, pointers as addresses, text as text.

#![allow(unsafe_code)]

use std::fmt;

use super::{CData, Data};
use crate::Value;
use crate::convert::{load, wide};
use crate::ctype::{CType, Member, PrimitiveKind, RecordBody, TypeId, TypeTable};
use crate::host::Dynamic;
use crate::layout::layout_of;
use crate::shape::Shape;

/// Longer arrays print their first items and the number of all.
const MAX_ITEMS: u64 = 64;

impl fmt::Display for CData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.types.get(self.types.plain(self.ty)) {
            CType::Record(id) => match self.types.record(id).body() {
                Some(body) => self.fmt_record(body, f),
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
            let item = self.item(index as i64).map_err(|_| fmt::Error)?;
            fmt::Display::fmt(&self.typed(element, &item), f)?;
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
            let value = value.map_err(|_| fmt::Error)?;
            fmt::Display::fmt(&self.typed(element, &value), f)?;
        }
        f.write_str("]")
    }

    fn fmt_record(&self, body: &RecordBody, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, member)) in in_order(&self.types, body).into_iter().enumerate() {
            write!(f, "{}{name}: ", if index > 0 { ", " } else { "" })?;
            match self.field(name) {
                Ok(value) => fmt::Display::fmt(&self.typed(member.ty, &value), f)?,
                Err(_) => f.write_str("?")?,
            }
        }
        f.write_str("}")
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

/// Named members in the order of declaration, those of anonymous members in their place.
fn in_order<'a>(types: &'a TypeTable, body: &'a RecordBody) -> Vec<(&'a str, &'a Member)> {
    let mut names = Vec::new();
    member_names(types, body, &mut names);
    names
        .into_iter()
        .filter_map(|name| Some((name, body.member(name)?)))
        .collect()
}

fn member_names<'a>(types: &'a TypeTable, body: &'a RecordBody, names: &mut Vec<&'a str>) {
    for field in &body.fields {
        match (&field.name, types.get(types.plain(field.ty))) {
            (Some(name), _) => names.push(name),
            (None, CType::Record(id)) if field.bits.is_none() => {
                if let Some(inner) = types.record(id).body() {
                    member_names(types, inner, names);
                }
            }
            (None, _) => {}
        }
    }
}

fn is_char(types: &TypeTable, ty: TypeId) -> bool {
    matches!(types.get(ty), CType::Primitive(primitive) if primitive.kind() == PrimitiveKind::Char)
}
