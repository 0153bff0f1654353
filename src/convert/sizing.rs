//! How much memory an initialiser asks for.

use std::sync::Arc;

use super::store::{positional, text_units};
use super::wrong_kind;
use crate::ctype::{CType, TypeId, TypeTable};
use crate::layout::{LayoutError, layout_of};
use crate::{Error, Value};

/// Size and alignment in bytes of memory for `value` as type `ty`, whose length may follow from the value: `T[]`,
/// or a record that ends in one.
pub(crate) fn size_for(
    types: &Arc<TypeTable>,
    ty: TypeId,
    value: &Value,
) -> Result<(u64, u64), Error> {
    let too_large = || Error::from(LayoutError::TooLarge(types.spelling(ty)));
    match types.get(types.plain(ty)) {
        CType::Array {
            element,
            length: None,
        } => {
            let layout = layout_of(&**types, element)?;
            let count = match (text_units(types, element, value), value) {
                (Some(units), _) => units.len() as u64 + 1,
                (None, Value::List(items)) => items.len() as u64,
                (None, Value::Int(count)) => u64::try_from(*count).map_err(|_| Error::Range {
                    value: count.to_string(),
                    ty: types.spelling(ty),
                    place: Default::default(),
                })?,
                (None, Value::CData(cdata)) => cdata.len()?,
                _ => return Err(wrong_kind(types, ty, "a list, a text or a length", value)),
            };
            Ok((
                layout.size.checked_mul(count).ok_or_else(too_large)?,
                layout.align,
            ))
        }
        CType::Record(id) => {
            let layout = layout_of(&**types, ty)?;
            let Some(body) = types.record(id).body().filter(|body| body.flexible) else {
                return Ok((layout.size, layout.align));
            };
            let last = body.fields.last().expect("a flexible array is a member");
            let items = match (value, &last.name) {
                (Value::List(values), _) => values.get(positional(body).len() - 1),
                (Value::Map(members), Some(name)) => members
                    .iter()
                    .find(|(member, _)| **member == **name)
                    .map(|(_, value)| value),
                _ => None,
            };
            let tail = match items {
                Some(items) => size_for(types, last.ty, items)?.0,
                None => 0,
            };
            Ok((
                layout
                    .size
                    .max(last.offset.checked_add(tail).ok_or_else(too_large)?),
                layout.align,
            ))
        }
        _ => layout_of(&**types, ty)
            .map(|layout| (layout.size, layout.align))
            .map_err(Error::from),
    }
}
