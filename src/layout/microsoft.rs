//! Microsoft's record layout, as its compiler has it for C and clang documents it in code
//! (`MicrosoftRecordLayoutBuilder`); Microsoft publishes the rules only in part ("Padding and Alignment of Structure
//! Members", "C Bit Fields").
//!
//! ```text
//!   struct { char a:3; char b:4; int c:8; int d:20; }
//!
//!   byte 0       1           4        5        6        7
//!        aaabbbb. (padding)  cccccccc dddddddd dddddddd dddd....     lowest bit first
//!   b shares a's unit, a char; c's type has another size, so it begins a unit of its own, aligned like an int
//! ```

use super::DataModel;
use super::record::{MemberSpec, Mode, Place, RecordLayout, RecordSpec, round_up};
use crate::ctype::RecordKind;

/// A structure without members has this size in C.
const EMPTY_SIZE: u64 = 4;

/// A record while it grows. All in bytes, but `free_bits`.
pub(super) struct Microsoft {
    union: bool,
    max_align: Option<u64>,
    size: u64,
    align: u64,
    required_align: u64,
    /// The unit that the last member, a bit-field, was put into, if it was one.
    unit: Option<Unit>,
    places: Vec<Place>,
}

/// A bit-field's storage.
#[derive(Clone, Copy)]
struct Unit {
    offset: u64,
    size: u64,
    free_bits: u64,
}

impl Microsoft {
    pub(super) fn lay_out(model: &DataModel, spec: &RecordSpec) -> Option<RecordLayout> {
        // `ms_struct` asks for what holds anyway, and `gcc_struct` is gcc's alone: clang passes over it here.
        // A packing above the pointer size is ignored.
        let pack = spec.pack.filter(|&pack| pack <= model.pointer_size);
        let mut record = Microsoft {
            union: spec.kind == RecordKind::Union,
            max_align: if spec.packed { Some(1) } else { pack },
            size: 0,
            align: 1,
            required_align: 1,
            unit: None,
            places: Vec::with_capacity(spec.members.len()),
        };
        for member in &spec.members {
            let place = match member.bit_width {
                None => record.member(member)?,
                Some(0) => record.zero_width(member)?,
                Some(width) => record.bit_field(member, width)?,
            };
            record.places.push(place);
        }
        record.finish(spec)
    }

    fn member(&mut self, member: &MemberSpec) -> Option<Place> {
        self.unit = None;
        let required = member.required_align.max(member.aligned.unwrap_or(1));
        self.required_align = self.required_align.max(required);
        let align = self.limited(member.microsoft_align, member).max(required);
        self.align = self.align.max(align);
        let offset = self.place(align)?;
        self.grow(offset, member.layout.size)?;
        Some(Place::byte(offset))
    }

    fn bit_field(&mut self, member: &MemberSpec, width: u32) -> Option<Place> {
        let size = member.layout.size;
        if let Some(unit) = &mut self.unit
            && !self.union
            && unit.size == size
            && u64::from(width) <= unit.free_bits
        {
            let end = unit.offset.checked_add(unit.size)?.checked_mul(8)?;
            let position = end - unit.free_bits;
            unit.free_bits -= u64::from(width);
            return Some(in_unit(unit.offset, position, width));
        }
        let align = self.bit_field_align(member);
        let offset = if self.union {
            0
        } else {
            round_up(self.size, align)?
        };
        if !self.union {
            self.align = self.align.max(align);
        }
        self.grow(offset, size)?;
        self.unit = Some(Unit {
            offset,
            size,
            free_bits: 8 * size - u64::from(width),
        });
        Some(in_unit(offset, offset.checked_mul(8)?, width))
    }

    /// `int : 0` ends the unit of a bit-field before it and means nothing elsewhere.
    fn zero_width(&mut self, member: &MemberSpec) -> Option<Place> {
        if self.unit.take().is_none() {
            let offset = if self.union { 0 } else { self.size };
            return Some(in_unit(offset, offset.checked_mul(8)?, 0));
        }
        if self.union {
            self.grow(0, member.layout.size)?;
            return Some(in_unit(0, 0, 0));
        }
        let align = self.bit_field_align(member);
        let offset = round_up(self.size, align)?;
        self.size = offset;
        self.align = self.align.max(align);
        Some(in_unit(offset, offset.checked_mul(8)?, 0))
    }

    fn bit_field_align(&self, member: &MemberSpec) -> u64 {
        let own = member.required_align.max(member.aligned.unwrap_or(1));
        self.limited(member.microsoft_align, member).max(own)
    }

    /// The alignment under the packing in force.
    fn limited(&self, align: u64, member: &MemberSpec) -> u64 {
        if member.packed {
            1
        } else {
            self.max_align.map_or(align, |max| align.min(max))
        }
    }

    fn place(&self, align: u64) -> Option<u64> {
        if self.union {
            Some(0)
        } else {
            round_up(self.size, align)
        }
    }

    fn grow(&mut self, offset: u64, size: u64) -> Option<()> {
        self.size = self.size.max(offset.checked_add(size)?);
        Some(())
    }

    fn finish(mut self, spec: &RecordSpec) -> Option<RecordLayout> {
        let natural_align = self.align;
        self.size = round_up(self.size, self.align)?;
        self.required_align = self.required_align.max(spec.aligned.unwrap_or(1));
        self.align = self.align.max(self.required_align);
        let rounding = self
            .max_align
            .map_or(self.align, |max| self.align.min(max))
            .max(self.required_align);
        self.size = round_up(self.size, rounding)?;
        if self.size == 0 {
            self.size = if self.required_align >= EMPTY_SIZE {
                self.align
            } else {
                EMPTY_SIZE
            };
        }
        // A record with an alignment of its own hands all of its alignment on.
        let required_align = if spec.aligned.is_some() {
            self.align
        } else {
            self.required_align
        };
        Some(RecordLayout {
            size: self.size,
            align: self.align,
            natural_align,
            required_align,
            user_align: spec.aligned.is_some(),
            mode: Mode::Block,
            places: self.places,
        })
    }
}

/// A bit-field at a bit of the record, counted from the start of its unit.
fn in_unit(offset: u64, position: u64, width: u32) -> Place {
    let shift = (position - 8 * offset) as u32;
    Place {
        offset,
        bits: Some(crate::ctype::Bits { shift, width }),
    }
}
