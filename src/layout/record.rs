//! Records: which rules hold, and what goes in and comes out.

use super::microsoft::Microsoft;
use super::sysv::Gnu;
use super::{DataModel, Layout, RecordRules};
use crate::ctype::{Bits, RecordKind};

/// How bit-fields share units; `ms_struct` and `gcc_struct` choose for one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitFieldRules {
    /// The System V psABIs': bit-fields follow each other, but none crosses the boundary of its type.
    SysV,
    /// Microsoft's: neighbours share a unit only if their types have the same size.
    Microsoft,
}

/// A record to lay out.
#[derive(Clone, Debug)]
pub(crate) struct RecordSpec {
    pub(crate) kind: RecordKind,
    /// `__attribute__((packed))`
    pub(crate) packed: bool,
    /// `__attribute__((aligned(n)))`, in bytes.
    pub(crate) aligned: Option<u64>,
    /// `#pragma pack(n)`, in bytes.
    pub(crate) pack: Option<u64>,
    pub(crate) bit_fields: Option<BitFieldRules>,
    pub(crate) members: Vec<MemberSpec>,
}

/// A member to lay out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemberSpec {
    /// Of its type; an array without a length has no size.
    pub(crate) layout: Layout,
    /// Alignment in bytes of its type under Microsoft's rules, which look at types without the adjustments of the
    /// i386 psABI (in gcc) or of typedefs (in Microsoft's compiler).
    pub(crate) microsoft_align: u64,
    /// The member's own `aligned` attribute, in bytes.
    pub(crate) aligned: Option<u64>,
    /// The member's own `packed` attribute.
    pub(crate) packed: bool,
    /// Whether an attribute, of the type or inside it, took part in the type's alignment.
    pub(crate) user_align: bool,
    /// Whether the type is, or is an array of, a record that gcc keeps as an 8-byte integer or as two `double`s.
    pub(crate) record_in_registers: bool,
    /// How gcc keeps values of the type.
    pub(crate) mode: Mode,
    /// The alignment in bytes that Microsoft's compiler lets no packing lower.
    pub(crate) required_align: u64,
    /// Width of a bit-field.
    pub(crate) bit_width: Option<u32>,
    pub(crate) named: bool,
}

/// The format in which gcc keeps values of a type. On i386 it takes part in the alignment of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// In memory only.
    Block,
    /// As a vector register holds them, or as two `float`s.
    Vector,
    /// As two `double`s.
    Complex,
    /// As a general register holds them, or a floating-point one.
    Integer,
}

/// A record laid out. Sizes and alignments are in bytes.
#[derive(Clone, Debug)]
pub(crate) struct RecordLayout {
    pub(crate) size: u64,
    pub(crate) align: u64,
    pub(crate) natural_align: u64,
    pub(crate) required_align: u64,
    pub(crate) user_align: bool,
    pub(crate) mode: Mode,
    pub(crate) places: Vec<Place>,
}

/// Where a member lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// In bytes; for a bit-field, of the unit that its bits are counted from.
    pub(crate) offset: u64,
    pub(crate) bits: Option<Bits>,
}

/// Lays out a record. Nothing if it is larger than the target's objects may be.
pub(crate) fn lay_out(model: &DataModel, spec: &RecordSpec) -> Option<RecordLayout> {
    let laid_out = match model.rules {
        RecordRules::Msvc => Microsoft::lay_out(model, spec),
        RecordRules::SysV | RecordRules::Mingw => Gnu::lay_out(model, spec),
    }?;
    (laid_out.size <= model.max_size()).then_some(laid_out)
}

impl Place {
    /// A member that is not a bit-field.
    pub(super) fn byte(offset: u64) -> Place {
        Place { offset, bits: None }
    }

    /// A bit-field of a type of `unit` bytes at bit `position` of the record. The unit is the aligned one around the
    /// field; where the field crosses its end, as packed ones may, the byte that the field begins in.
    pub(super) fn bit_field(position: u64, width: u32, unit: u64) -> Place {
        let unit_bits = 8 * unit;
        let crosses = position % unit_bits + u64::from(width) > unit_bits;
        let offset = if crosses {
            position / 8
        } else {
            position / unit_bits * unit
        };
        let shift = (position - 8 * offset) as u32;
        Place {
            offset,
            bits: Some(Bits { shift, width }),
        }
    }
}

/// The next multiple of `align`; nothing where that overflows.
pub(super) fn round_up(position: u64, align: u64) -> Option<u64> {
    position.checked_next_multiple_of(align)
}
