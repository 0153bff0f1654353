//! The members of a record, each with the shape of its type, found by name or in order.

use hashbrown::HashMap;

use super::{Form, Shape};
use crate::ctype::{CType, Member, RecordBody, RecordId, RecordKind, TypeId, TypeTable};

/// The named members of a complete record, those inside anonymous members among them in their place.
///
/// ```
/// use farcall::Ffi;
/// use farcall::ctype::CType;
///
/// let ffi = Ffi::new();
/// ffi.cdef("struct s { int a; union { int b; float c; }; int d; };")?;
/// let CType::Record(id) = ffi.types().get(ffi.type_of("struct s")?) else { unreachable!() };
/// let slots = ffi.types().slots(id).unwrap();
/// assert_eq!(slots.get("c").unwrap().member.offset, 4);
/// // An initialiser in order has no place for `c`, which is where `b` is.
/// assert!(slots.positional().map(|slot| &*slot.name).eq(["a", "b", "d"]));
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Debug)]
pub struct Slots {
    list: Box<[Slot]>,
    names: HashMap<Box<str>, u32>,
    flexible: bool,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: Box<str>,
    /// Where it lies.
    pub member: Member,
    /// Its type; the declared one of a bit-field.
    pub shape: Shape,
    /// Whether an initialiser in order has a value for it: of a union only the first member counts.
    pub positional: bool,
}

impl Slot {
    /// Whether it is an array whose length is not part of the type.
    pub fn is_flexible(&self) -> bool {
        matches!(self.shape.form, Form::Array { length: None, .. })
    }
}

impl Slots {
    /// The member of this name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Slot> {
        self.names
            .get(name)
            .map(|&index| &self.list[index as usize])
    }

    /// Whether the record ends in an array without a length, perhaps inside of its last member.
    #[inline]
    pub fn is_flexible(&self) -> bool {
        self.flexible
    }

    /// All members in the order of declaration.
    pub fn iter(&self) -> std::slice::Iter<'_, Slot> {
        self.list.iter()
    }

    /// The members that an initialiser in order has values for.
    pub fn positional(&self) -> impl Iterator<Item = &Slot> {
        self.list.iter().filter(|slot| slot.positional)
    }
}

impl TypeTable {
    /// The members of a record, once it is complete.
    pub fn slots(&self, id: RecordId) -> Option<&Slots> {
        let record = self.record(id);
        if let Some(slots) = record.slots.get() {
            return Some(slots);
        }
        let body = record.body()?;
        Some(record.slots.get_or_init(|| {
            let mut list = Vec::new();
            collect(self, body, record.kind, true, body, &mut list);
            let names = list
                .iter()
                .zip(0..)
                .map(|(slot, index)| (slot.name.clone(), index))
                .collect();
            // Of the last member, at whatever depth.
            let flexible = body.flexible
                || body
                    .fields
                    .last()
                    .is_some_and(|last| match Shape::of(self, last.ty).form {
                        Form::Record(id) => self.slots(id).is_some_and(Slots::is_flexible),
                        _ => false,
                    });
            Slots {
                list: list.into(),
                names,
                flexible,
            }
        }))
    }

    /// The members of a record type, or of what a pointer points to.
    pub fn slots_of(&self, shape: &Shape) -> Option<&Slots> {
        match shape.form {
            Form::Record(id) => self.slots(id),
            Form::Pointer(target) => match self.get(self.plain(target)) {
                CType::Record(id) => self.slots(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// As [`TypeTable::slots_of`], for a type whose shape nobody has at hand.
    pub(crate) fn slots_behind(&self, ty: TypeId) -> Option<&Slots> {
        let record = match self.get(self.plain(ty)) {
            CType::Pointer(target) => target,
            _ => ty,
        };
        match self.get(self.plain(record)) {
            CType::Record(id) => self.slots(id),
            _ => None,
        }
    }

    /// The pointer to a type as conversions see it.
    pub fn pointer_shape(&self, target: TypeId) -> Shape {
        Shape::of(self, self.pointer(target))
    }
}

/// Adds the members of `body`, which is `outermost` or an anonymous member inside of it.
fn collect(
    types: &TypeTable,
    outermost: &RecordBody,
    kind: RecordKind,
    positional: bool,
    body: &RecordBody,
    list: &mut Vec<Slot>,
) {
    for (index, field) in body.fields.iter().enumerate() {
        let positional = positional && (kind == RecordKind::Struct || index == 0);
        let shape = Shape::of(types, field.ty);
        match (&field.name, shape.form) {
            (Some(name), _) => list.extend(outermost.member(name).map(|&member| Slot {
                name: name.clone(),
                member,
                shape,
                positional,
            })),
            (None, Form::Record(id)) if field.bits.is_none() => {
                let record = types.record(id);
                if let Some(inner) = record.body() {
                    collect(types, outermost, record.kind, positional, inner, list);
                }
            }
            (None, _) => {}
        }
    }
}
