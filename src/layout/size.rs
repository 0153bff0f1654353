//! `sizeof` and `_Alignof`.

use crate::ctype::{CType, RecordId, TypeId, TypeSource};

/// Size and alignment of a type, both in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// What C's `sizeof` gives.
    pub size: u64,
    /// What C's `_Alignof` gives.
    pub align: u64,
}

/// Why a type has no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A record or an enumeration that was declared and never defined, `void`, or an array without a length.
    #[error("'{0}' is incomplete: its size is not known")]
    Incomplete(String),
    /// A function has no size; a pointer to it does.
    #[error("'{0}' is a function type: it has no size")]
    Function(String),
    /// `...` left the rest to a C compiler.
    #[error(
        "only a C compiler could complete '{0}', which was declared with '...': its size is not known"
    )]
    NeedsCompiler(String),
    /// The size passes half of the target's address space.
    #[error("'{0}' is too large: its size passes the target's limit")]
    TooLarge(String),
}

/// Size and alignment of a type.
///
/// # Errors
///
/// A [`LayoutError`] that names the type without a size.
pub fn layout_of(types: &(impl TypeSource + ?Sized), ty: TypeId) -> Result<Layout, LayoutError> {
    let table = types.table();
    let model = table.model();
    let mut count: u64 = 1;
    let mut inner = ty;
    let mut forced_align = None;
    let layout = loop {
        inner = match table.get(inner) {
            CType::Array { element, length } => {
                let length = length.ok_or_else(|| LayoutError::Incomplete(table.spelling(ty)))?;
                count = count
                    .checked_mul(length)
                    .ok_or_else(|| LayoutError::TooLarge(table.spelling(ty)))?;
                element
            }
            CType::Aligned { ty, align } => {
                forced_align = forced_align.or(Some(align));
                ty
            }
            CType::Primitive(primitive) => break primitive.layout(model),
            CType::Pointer(_) => {
                break Layout {
                    size: model.pointer_size,
                    align: model.pointer_size,
                };
            }
            CType::Vector { element, lanes } => {
                let size = layout_of(types, element)?.size.saturating_mul(lanes.into());
                break Layout { size, align: size };
            }
            CType::Record(id) => break record_layout(types, id)?,
            CType::Enum(id) => match types.enum_body(id) {
                Some(body) => break body.underlying.layout(model),
                None => return Err(LayoutError::Incomplete(table.spelling(inner))),
            },
            CType::Void => return Err(LayoutError::Incomplete("void".into())),
            CType::Function(_) => return Err(LayoutError::Function(table.spelling(inner))),
            CType::Deferred(_) => return Err(LayoutError::NeedsCompiler(table.spelling(inner))),
        }
    };
    let size = layout
        .size
        .checked_mul(count)
        .filter(|&size| size <= model.max_size());
    Ok(Layout {
        size: size.ok_or_else(|| LayoutError::TooLarge(table.spelling(ty)))?,
        align: forced_align.map_or(layout.align, u64::from),
    })
}

fn record_layout(types: &(impl TypeSource + ?Sized), id: RecordId) -> Result<Layout, LayoutError> {
    match types.record_body(id) {
        Some(body) => Ok(Layout {
            size: body.size,
            align: body.align,
        }),
        None if types.record_is_partial(id) => Err(LayoutError::NeedsCompiler(
            types.table().record(id).spelling(),
        )),
        None => Err(LayoutError::Incomplete(types.table().record(id).spelling())),
    }
}
