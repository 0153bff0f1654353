//! `sizeof` and `_Alignof`.

use super::RecordRules;
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
    let (mut count, mut inner, mut realigned) = (1u64, ty, false);
    loop {
        inner = match table.get(inner) {
            CType::Array { element, length } => {
                let length = length.ok_or_else(|| LayoutError::Incomplete(table.spelling(ty)))?;
                count = count
                    .checked_mul(length)
                    .ok_or_else(|| LayoutError::TooLarge(table.spelling(ty)))?;
                element
            }
            CType::Aligned { ty, .. } => {
                realigned = true;
                ty
            }
            _ => break,
        };
    }
    let innermost = innermost_layout(types, inner)?;
    // To Microsoft's compiler a structure without members has 4 bytes, whatever its alignment.
    realigned |= !innermost.size.is_multiple_of(innermost.align);
    let layout = match realigned {
        true => realigned_layout(types, ty, innermost),
        false => innermost.size.checked_mul(count).map(|size| Layout {
            size,
            align: innermost.align,
        }),
    };
    let fits = |layout: &Layout| layout.size <= table.model().max_size();
    layout
        .filter(fits)
        .ok_or_else(|| LayoutError::TooLarge(table.spelling(ty)))
}

/// The layout of types with alignments of their own, and of arrays of them.
///
/// Elements may be more aligned than large: gcc refuses such arrays; clang rounds the array's size up, as Microsoft's
/// compiler does on 64-bit targets only. The alignment that `_Atomic` gives is lost in arrays to gcc; to clang for Windows
/// it is a size as well.
fn realigned_layout(
    types: &(impl TypeSource + ?Sized),
    mut ty: TypeId,
    innermost: Layout,
) -> Option<Layout> {
    let table = types.table();
    let model = table.model();
    let msvc = model.rules == RecordRules::Msvc;
    let rounds = !msvc || model.pointer_size == 8;
    let mut unatomic = None;
    let mut levels = Vec::new();
    while let node @ (CType::Array { element: inner, .. } | CType::Aligned { ty: inner, .. }) =
        table.get(ty)
    {
        levels.push(node);
        ty = inner;
    }
    levels
        .into_iter()
        .rev()
        .try_fold(innermost, |layout, node| match node {
            CType::Array { length, .. } => {
                let size = layout.size.checked_mul(length?)?;
                let align = unatomic.take().unwrap_or(layout.align);
                let rounded = if rounds {
                    size.checked_next_multiple_of(align)?
                } else {
                    size
                };
                Some(Layout {
                    size: rounded,
                    align,
                })
            }
            CType::Aligned { align, ty, atomic } => {
                let align = u64::from(align);
                unatomic = (atomic && !msvc).then(|| type_align(types, ty, layout.align));
                let rounds =
                    atomic && msvc && layout.size.checked_next_power_of_two() == Some(align);
                let size = if rounds { align } else { layout.size };
                Some(Layout { size, align })
            }
            _ => None,
        })
}

/// The alignment that gcc has for a type outside of records: the i386 psABI's lower one of 8-byte scalars is for members
/// alone.
pub(crate) fn type_align(types: &(impl TypeSource + ?Sized), ty: TypeId, align: u64) -> u64 {
    let table = types.table();
    let primitive = match table.get(ty) {
        CType::Primitive(primitive) => primitive,
        CType::Enum(id) => match types.enum_body(id) {
            Some(body) => body.underlying,
            None => return align,
        },
        _ => return align,
    };
    let part = primitive.component().unwrap_or(primitive);
    match part.layout(table.model()).size {
        8 => 8,
        _ => align,
    }
}

/// The layout of a type that is neither an array nor aligned by a typedef.
fn innermost_layout(types: &(impl TypeSource + ?Sized), ty: TypeId) -> Result<Layout, LayoutError> {
    let table = types.table();
    let model = table.model();
    match table.get(ty) {
        CType::Primitive(primitive) => Ok(primitive.layout(model)),
        CType::Pointer(_) => Ok(Layout {
            size: model.pointer_size,
            align: model.pointer_size,
        }),
        CType::Vector { element, lanes } => {
            let size = innermost_layout(types, table.plain(element))?
                .size
                .saturating_mul(lanes.into());
            Ok(Layout {
                size,
                align: size.min(model.max_vector_align),
            })
        }
        CType::Record(id) => record_layout(types, id),
        CType::Enum(id) => match types.enum_body(id) {
            // A constant that `...` stands for may need a larger type.
            Some(body) if body.partial => Err(LayoutError::NeedsCompiler(table.spelling(ty))),
            Some(body) => Ok(body.underlying.layout(model)),
            None => Err(LayoutError::Incomplete(table.spelling(ty))),
        },
        CType::Void | CType::Array { .. } | CType::Aligned { .. } => {
            Err(LayoutError::Incomplete(table.spelling(ty)))
        }
        CType::Function(_) => Err(LayoutError::Function(table.spelling(ty))),
        CType::Deferred(_) => Err(LayoutError::NeedsCompiler(table.spelling(ty))),
    }
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
