//! Random types.

use crate::ctype::{Bits, CType, Field, Record};
use crate::dice::Dice;
use crate::features::{Feature, Features};
use crate::scalar::{Scalar, Shape};
use crate::target::Target;

/// How deep records nest.
const DEPTH: u32 = 3;

/// Bytes that the members of one record may have, and those of an array's element.
const RECORD: u32 = 6 << 10;
const ELEMENT: u32 = 40;

/// A source of random types, and the records that it has defined.
pub(super) struct Types<'d> {
    pub(super) dice: &'d mut Dice,
    pub(super) features: Features,
    pub(super) records: Vec<Record>,
    /// Bytes that further parameters may take.
    pub(super) room: u32,
    target: &'static Target,
    /// Those that the signature is made of.
    pub(super) scalars: Vec<Scalar>,
}

/// What the members of one record lean to: homogeneous aggregates are rare by chance.
#[derive(Clone, Copy)]
enum Taste {
    Anything,
    One(Scalar),
    Tiny,
}

impl<'d> Types<'d> {
    pub(super) fn new(
        target: &'static Target,
        features: Features,
        dice: &'d mut Dice,
        room: u32,
    ) -> Types<'d> {
        let mut scalars: Vec<Scalar> = Scalar::allowed(features).collect();
        if target.mmx {
            // What uses MMX registers must execute `emms` before it uses the x87's, and no compiler does that.
            let mmx = dice.percent(25);
            scalars.retain(|scalar| {
                let shape = scalar.shape(target);
                match shape {
                    Shape::Vector { .. } if shape.size(target) == 8 => mmx,
                    shape => !mmx || shape.prim().is_integer(),
                }
            });
        }
        Types {
            dice,
            features,
            records: Vec::new(),
            room,
            target,
            scalars,
        }
    }

    pub(super) fn scalar(&mut self) -> Scalar {
        self.dice.pick(&self.scalars)
    }

    pub(super) fn may_have_records(&self) -> bool {
        self.features.has(Feature::Structs) || self.features.has(Feature::Unions)
    }

    /// A new record, or one that was used before.
    pub(super) fn record_or_known(&mut self) -> CType {
        if !self.records.is_empty() && self.dice.percent(25) {
            return CType::Record(self.dice.below(self.records.len() as u32) as usize);
        }
        self.record(0)
    }

    /// About how many bytes a type takes; what alignment adds is not counted.
    pub(super) fn size(&self, ty: &CType) -> u32 {
        match ty {
            CType::Scalar(scalar) => scalar.size(self.target),
            CType::Array(element, count) => count * self.size(element),
            CType::Flexible(_) => 0,
            CType::Record(id) => {
                let record = &self.records[*id];
                let sizes = record
                    .fields
                    .iter()
                    .map(|field| self.size(&field.ty).max(field.align.unwrap_or(0)));
                let size = if record.union {
                    sizes.max()
                } else {
                    Some(sizes.sum())
                };
                size.unwrap_or(0).max(record.align.unwrap_or(0))
            }
        }
    }

    /// Whether its alignment may be 16 bytes or more.
    pub(super) fn is_aligned(&self, ty: &CType) -> bool {
        let asks = |align: Option<u32>| align.is_some_and(|align| align >= 16);
        match ty {
            CType::Scalar(scalar) => scalar.size(self.target) >= 16,
            CType::Array(element, _) | CType::Flexible(element) => self.is_aligned(element),
            CType::Record(id) => {
                let record = &self.records[*id];
                let mut fields = record.fields.iter();
                asks(record.align)
                    || fields.any(|field| asks(field.align) || self.is_aligned(&field.ty))
            }
        }
    }

    fn record(&mut self, depth: u32) -> CType {
        let mut record = Record {
            fields: self.fields(depth),
            ..Record::default()
        };
        while record
            .fields
            .iter()
            .map(|field| self.size(&field.ty))
            .sum::<u32>()
            > RECORD
        {
            record.fields.pop();
        }
        record.union = self.union(record.fields.len());
        record.packed = self.chance(Feature::Packed, 12);
        record.align = self
            .chance(Feature::Aligned, 10)
            .then(|| self.dice.pick(&[1, 2, 4, 8, 16, 32, 64]));
        let last = record.fields.len() as u32;
        let named = |field: &Field| field.bits.is_none_or(|bits| bits.named);
        if !record.union && record.fields.iter().any(named) && self.chance(Feature::Flexible, 10) {
            let element = CType::Scalar(self.scalar());
            record
                .fields
                .push(Field::plain(CType::Flexible(Box::new(element))));
        }
        record.active = if last > 0 {
            self.dice.below(last) as usize
        } else {
            0
        };
        self.records.push(record);
        CType::Record(self.records.len() - 1)
    }

    fn union(&mut self, members: usize) -> bool {
        let (structs, unions) = (
            self.features.has(Feature::Structs),
            self.features.has(Feature::Unions),
        );
        unions && (!structs || self.dice.percent(if members > 1 { 22 } else { 8 }))
    }

    fn fields(&mut self, depth: u32) -> Vec<Field> {
        let least = u32::from(!self.chance(Feature::Empty, 4));
        let count = match self.dice.below(100) {
            _ if least == 0 => 0,
            0..65 => self.dice.between(1, 4),
            65..92 => self.dice.between(1, 8),
            _ => self.dice.between(4, 16),
        };
        let taste = match self.dice.below(10) {
            0..3 => Taste::One(self.scalar()),
            3 | 4 => Taste::Tiny,
            _ => Taste::Anything,
        };
        let mut fields: Vec<Field> = (0..count).map(|_| self.field(taste, depth)).collect();
        if depth == 0 && self.chance(Feature::Big, 4) && self.features.has(Feature::Arrays) {
            fields.push(self.bulk());
        }
        fields
    }

    fn bulk(&mut self) -> Field {
        let bytes = if self.dice.percent(20) {
            self.dice.between(300, 5000)
        } else {
            self.dice.between(60, 300)
        };
        let scalar = self.scalar();
        let count = bytes.div_ceil(scalar.size(self.target));
        Field::plain(CType::Array(Box::new(CType::Scalar(scalar)), count))
    }

    fn field(&mut self, taste: Taste, depth: u32) -> Field {
        if self.chance(Feature::Bitfields, 18) {
            return self.bit_field();
        }
        let mut ty = self.member(taste, depth);
        if self.size(&ty) <= ELEMENT && self.chance(Feature::Arrays, 18) {
            ty = CType::Array(Box::new(ty), self.elements());
            if self.dice.percent(10) {
                ty = CType::Array(Box::new(ty), self.dice.between(1, 2));
            }
        }
        let align = self
            .chance(Feature::Aligned, 4)
            .then(|| self.dice.pick(&[1, 2, 4, 8, 16, 32]));
        Field {
            align,
            packed: self.chance(Feature::Packed, 3),
            ..Field::plain(ty)
        }
    }

    fn elements(&mut self) -> u32 {
        match self.dice.below(100) {
            0..5 if self.features.has(Feature::ZeroArrays) => 0,
            0..85 => self.dice.between(1, 4),
            _ => self.dice.between(5, 12),
        }
    }

    fn member(&mut self, taste: Taste, depth: u32) -> CType {
        if depth + 1 < DEPTH && self.chance(Feature::Nested, 18) {
            return self.record(depth + 1);
        }
        match taste {
            Taste::One(scalar) if self.dice.percent(85) => CType::Scalar(scalar),
            Taste::Tiny => {
                let tiny: Vec<Scalar> = self
                    .scalars
                    .iter()
                    .copied()
                    .filter(|scalar| scalar.size(self.target) <= 4)
                    .collect();
                CType::Scalar(self.dice.pick(&tiny))
            }
            _ => CType::Scalar(self.scalar()),
        }
    }

    fn bit_field(&mut self) -> Field {
        let kinds: Vec<Scalar> = self
            .scalars
            .iter()
            .copied()
            .filter(|scalar| scalar.may_be_bits())
            .collect();
        let scalar = self.dice.pick(&kinds);
        let most = if scalar.spelling() == "_Bool" {
            1
        } else {
            8 * scalar.size(self.target)
        };
        let named = !self.chance(Feature::Unnamed, 15);
        let width = match self.dice.below(100) {
            0..30 if !named => 0,
            0..60 => self.dice.between(1, most.min(9)),
            _ => self.dice.between(1, most),
        };
        let bits = Some(Bits { width, named });
        Field {
            bits,
            packed: self.chance(Feature::Packed, 3),
            ..Field::plain(CType::Scalar(scalar))
        }
    }

    fn chance(&mut self, feature: Feature, percent: u32) -> bool {
        self.features.has(feature) && self.dice.percent(percent)
    }
}
