//! The System V psABIs' record layout as gcc implements it, with Microsoft's bit-fields inside where they are asked for.
//!
//! AMD64 psABI section 3.1.2, i386 psABI section 2.1.2, AAPCS64 sections 5.9 and 10.1.8. What these leave open (attributes,
//! `#pragma pack`, `-mms-bitfields`) is as gcc does it.
//!
//! ```text
//!   struct { char a; int b:20; int c:8; }      byte 0        1        2        3        4
//!                                                   aaaaaaaa bbbbbbbb bbbbbbbb ....bbbb cccccccc
//!   c does not fit what b left of its aligned int (bytes 0-3), so it begins the next
//! ```

use super::record::{BitFieldRules, MemberSpec, Mode, Place, RecordLayout, RecordSpec, round_up};
use super::{Arch, DataModel, RecordRules};
use crate::ctype::RecordKind;

/// A record while it grows. Positions and alignments are in bits.
pub(super) struct Gnu<'a> {
    model: &'a DataModel,
    spec: &'a RecordSpec,
    microsoft: bool,
    pack: Option<u64>,
    position: u64,
    /// Where gcc counts the bits of the member's unit from: see [`Gnu::align_unit`].
    origin: u64,
    align: u64,
    run: Option<Run>,
    /// Bits left in the unit of the last bit-field, by Microsoft's rules.
    remaining: u64,
    places: Vec<Place>,
}

/// The bit-field that began a run of neighbours, by Microsoft's rules.
#[derive(Clone, Copy)]
struct Run {
    type_bits: u64,
    empty: bool,
}

/// What is needed of a member to place it, in bits.
struct Candidate {
    size: u64,
    type_bits: u64,
    type_align: u64,
    microsoft_align: u64,
    /// What the member itself asks for.
    desired: u64,
    packed: bool,
    /// Declared as a bit-field.
    bit_field: bool,
    /// A bit-field that is not simply a whole, aligned integer.
    partial_unit: bool,
}

impl<'a> Gnu<'a> {
    pub(super) fn lay_out(model: &'a DataModel, spec: &'a RecordSpec) -> Option<RecordLayout> {
        // `ms_struct` and `gcc_struct` are attributes of gcc for x86 only.
        let microsoft = match spec.bit_fields {
            Some(rules) if model.arch != Arch::Aarch64 => rules == BitFieldRules::Microsoft,
            _ => model.rules == RecordRules::Mingw,
        };
        let mut record = Gnu {
            model,
            spec,
            microsoft,
            pack: spec.pack.map(|pack| 8 * pack),
            position: 0,
            origin: 0,
            align: 8,
            run: None,
            remaining: 0,
            places: Vec::with_capacity(spec.members.len()),
        };
        for (i, member) in spec.members.iter().enumerate() {
            let last = i + 1 == spec.members.len();
            let place = match spec.kind {
                RecordKind::Union => record.union_member(member)?,
                RecordKind::Struct => record.struct_member(member, last)?,
            };
            record.places.push(place);
        }
        record.finish()
    }

    fn finish(self) -> Option<RecordLayout> {
        let align = self.align.max(8 * self.spec.aligned.unwrap_or(1));
        let size = round_up(self.position, align)?;
        // On a member that is neither packed nor a bit-field, an attribute that asks for less than the type has does not count.
        let counts = |align: u64, member: &MemberSpec| {
            let packed = member.packed || self.spec.packed;
            packed || member.bit_width.is_some() || align >= member.microsoft_align
        };
        // A bit-field hands on what its type's attribute says only where its type aligns the record.
        let by_type =
            |member: &MemberSpec| member.bit_width.is_none() || (member.named && !self.microsoft);
        let asked = |member: &MemberSpec| {
            (member.user_align && by_type(member))
                || member.aligned.is_some_and(|align| counts(align, member))
        };
        let members = &self.spec.members;
        Some(RecordLayout {
            size: size / 8,
            align: align / 8,
            natural_align: self.align / 8,
            required_align: 1,
            user_align: self.spec.aligned.is_some() || members.iter().any(asked),
            mode: self.mode(size / 8),
            places: self.places,
        })
    }

    /// The format in which gcc keeps the whole record: its only member's, or an integer of its size.
    fn mode(&self, size: u64) -> Mode {
        let mut sized = self
            .spec
            .members
            .iter()
            .filter(|member| member.layout.size > 0 && member.bit_width != Some(0));
        let any_block = self
            .spec
            .members
            .iter()
            .any(|member| member.mode == Mode::Block);
        match (sized.next(), sized.next()) {
            _ if any_block || !size.is_power_of_two() => Mode::Block,
            (Some(only), None)
                if self.spec.kind == RecordKind::Struct && only.layout.size == size =>
            {
                only.mode
            }
            _ if size > 8 => Mode::Block,
            _ => Mode::Integer,
        }
    }

    fn union_member(&mut self, member: &MemberSpec) -> Option<Place> {
        let candidate = self.candidate(member, 0)?;
        self.raise_align(member, &candidate);
        self.position = self.position.max(round_up(candidate.size, 8)?);
        Some(place(member, 0))
    }

    fn struct_member(&mut self, member: &MemberSpec, last: bool) -> Option<Place> {
        // The alignment that the position has anyway; none is asked of the start.
        let known = if self.position == 0 {
            0
        } else {
            1 << self.position.trailing_zeros()
        };
        let candidate = self.candidate(member, known)?;
        self.raise_align(member, &candidate);
        self.origin = self.position / self.step() * self.step();
        if known < candidate.desired && (!self.microsoft || self.run.is_none()) {
            self.align_member(candidate.desired)?;
        }
        if self.microsoft {
            self.microsoft_unit(&candidate, known)?;
        } else if candidate.partial_unit && self.crosses_unit(&candidate) {
            self.align_unit(candidate.type_align)?;
        }
        let position = self.position;
        if self.run.is_none() && candidate.bit_field {
            self.run = Some(Run {
                type_bits: candidate.type_bits,
                empty: candidate.size == 0,
            });
        }
        self.position = self.position.checked_add(candidate.size)?;
        if self.microsoft && last && candidate.bit_field && candidate.size != 0 {
            self.position = self.position.checked_add(self.remaining)?;
        }
        Some(place(member, position))
    }

    fn candidate(&self, member: &MemberSpec, known: u64) -> Option<Candidate> {
        let type_align = 8 * adjusted_align(self.model, member);
        let type_bits = member.layout.size.checked_mul(8)?;
        let asked = member.aligned.map(|align| 8 * align);
        let mut packed =
            (member.packed || self.spec.packed) && (member.bit_width.is_some() || type_align > 8);
        let mut pack = self.pack;
        let (size, mut desired, partial_unit) = match member.bit_width {
            None if packed => (type_bits, asked.unwrap_or(8), false),
            None => (type_bits, type_align.max(asked.unwrap_or(1)), false),
            // Neither packing nor a pragma touches `int : 0`.
            Some(0) if !self.microsoft => {
                (packed, pack) = (false, None);
                (0, type_align.max(asked.unwrap_or(1)), false)
            }
            Some(width) => {
                let width = u64::from(width);
                let aligned = known == 0 || known >= width;
                let whole = is_whole_unit(width) && aligned && (width == 8 || !packed);
                // The i386 psABI's lower alignment of integers in records ends where an attribute asks for another.
                let adjusted = width.min(self.model.scalar_align(width / 8) * 8);
                let own = if whole {
                    asked.map_or(adjusted, |_| width)
                } else {
                    1
                };
                (width, own.max(asked.unwrap_or(1)), !whole)
            }
        };
        if packed && asked.is_none() {
            desired = desired.min(8);
        }
        if let Some(pack) = pack {
            desired = desired.min(pack);
        }
        let partial_unit = partial_unit && self.pack.is_none() && !packed;
        Some(Candidate {
            size,
            type_bits,
            type_align,
            microsoft_align: 8 * member.microsoft_align,
            desired,
            packed,
            bit_field: member.bit_width.is_some(),
            partial_unit,
        })
    }

    /// A record is at least as aligned as its members. A bit-field counts with its declared type; on x86 an unnamed
    /// one does not count (AMD64 psABI 3.1.2), on AArch64 it does (AAPCS64 10.1.8.2).
    fn raise_align(&mut self, member: &MemberSpec, candidate: &Candidate) {
        let limit = |align: u64, pack: Option<u64>| pack.map_or(align, |pack| align.min(pack));
        if self.microsoft {
            let counts = match (candidate.bit_field, candidate.size) {
                (false, _) => true,
                (true, 0) => self.run.is_some_and(|run| !run.empty),
                (true, _) => !candidate.packed,
            };
            if counts {
                let own = match candidate.packed && !candidate.bit_field {
                    true => candidate.desired,
                    false => candidate.microsoft_align.max(candidate.desired),
                };
                self.align = self.align.max(limit(own, self.pack));
            }
            return;
        }
        if !candidate.bit_field {
            self.align = self.align.max(candidate.desired);
        } else if member.named || self.model.arch == Arch::Aarch64 {
            let of_type = match candidate.size {
                0 => candidate.type_align,
                _ if self.pack.is_some() => limit(candidate.type_align, self.pack),
                _ if candidate.packed => 8,
                _ => candidate.type_align,
            };
            self.align = self.align.max(candidate.desired).max(of_type);
        }
    }

    /// Whether a bit-field placed here would take part in more aligned units than its type has.
    fn crosses_unit(&self, candidate: &Candidate) -> bool {
        let (size, align) = (candidate.size, candidate.type_align);
        (self.position % align + size).div_ceil(align) > candidate.type_bits / align
    }

    fn align_member(&mut self, align: u64) -> Option<()> {
        self.position = round_up(self.position, align)?;
        if align >= self.step() {
            self.origin = self.position;
        }
        Some(())
    }

    /// Goes on to the next place for a bit-field's unit. gcc counts it from the last multiple of 16 bytes
    /// (`BIGGEST_ALIGNMENT`), or of what the record is aligned to, which shows where a typedef aligns the unit to more.
    fn align_unit(&mut self, align: u64) -> Option<()> {
        let bits = round_up(self.position - self.origin, align)?;
        self.position = self.origin.checked_add(bits)?;
        Some(())
    }

    /// What gcc counts the units of bit-fields from is a multiple of this many bits.
    fn step(&self) -> u64 {
        128.max(8 * self.spec.aligned.unwrap_or(1))
    }

    /// Where Microsoft's rules begin and end the units of bit-fields.
    fn microsoft_unit(&mut self, candidate: &Candidate, known: u64) -> Option<()> {
        let before = self.run;
        let mut run_before = before;
        if let Some(run) = before {
            let mut realign = known < candidate.desired;
            let same_run = candidate.bit_field
                && candidate.size != 0
                && !run.empty
                && run.type_bits == candidate.type_bits;
            if same_run && self.remaining >= candidate.size {
                self.remaining -= candidate.size;
                realign = false;
            } else if same_run {
                self.position = self.position.checked_add(self.remaining)?;
                self.remaining = candidate.type_bits.saturating_sub(candidate.size);
            } else {
                if run.empty {
                    run_before = None;
                } else {
                    self.position = self.position.checked_add(self.remaining)?;
                }
                if !candidate.bit_field || candidate.size == 0 {
                    self.run = None;
                }
            }
            if realign {
                self.align_member(candidate.desired)?;
            }
            self.origin = self.position / self.step() * self.step();
        }
        let begins = match run_before {
            _ if !candidate.bit_field => true,
            Some(run) => run.type_bits != candidate.type_bits,
            None => candidate.size != 0,
        };
        if begins {
            self.remaining = candidate.type_bits.saturating_sub(candidate.size);
            let align = if candidate.packed {
                8
            } else {
                candidate.microsoft_align
            };
            let align = self.pack.map_or(align, |pack| align.min(pack));
            self.align_unit(align)?;
            self.run = None;
        }
        Some(())
    }
}

/// gcc keeps a small record in registers where it can, and on i386 aligns it inside other records like the scalar there, even
/// if its own alignment (of a vector, an atomic, or by `ms_struct`) is higher.
fn adjusted_align(model: &DataModel, member: &MemberSpec) -> u64 {
    let on_i386 = model.align_of_8 < 8;
    if on_i386 && member.record_in_registers && !member.user_align {
        member.layout.align.min(model.scalar_align(8))
    } else {
        member.layout.align
    }
}

/// Widths for which the machine has an integer.
fn is_whole_unit(width: u64) -> bool {
    matches!(width, 8 | 16 | 32 | 64 | 128)
}

fn place(member: &MemberSpec, position: u64) -> Place {
    match member.bit_width {
        None => Place::byte(position / 8),
        Some(width) => Place::bit_field(position, width, member.layout.size),
    }
}
