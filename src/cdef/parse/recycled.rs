//! Types that the same text made before, for declarations that are gone: handed out in the order in which it made them, and
//! kept if it says the same of all of them.

use hashbrown::HashMap;
use indexmap::IndexSet;

use crate::ctype::{CType, Completions, Made, TypeId, TypeTable};

/// The types, and how far the text has come.
pub(super) struct Recycled {
    /// The next one is the last.
    waiting: Vec<TypeId>,
    given: IndexSet<TypeId, hashbrown::DefaultHashBuilder>,
    /// Whether the text made something else this time.
    differs: bool,
}

impl Recycled {
    pub(super) fn new(made: &Made) -> Recycled {
        Recycled {
            waiting: made.iter().rev().copied().collect(),
            given: IndexSet::default(),
            differs: false,
        }
    }

    /// The next type, if `same` finds in it what the text makes now.
    pub(super) fn next<T>(&mut self, same: impl FnOnce(TypeId) -> Option<T>) -> Option<T> {
        if self.differs {
            return None;
        }
        let found = self.waiting.pop().and_then(|ty| Some((ty, same(ty)?)));
        let Some((ty, found)) = found else {
            self.differs = true;
            return None;
        };
        self.given.insert(ty);
        Some(found)
    }

    pub(super) fn has_given(&self, ty: TypeId) -> bool {
        self.given.contains(&ty)
    }

    /// All that were given, in their order.
    pub(super) fn into_made(self) -> Made {
        self.given.into_iter().collect()
    }

    /// Whether the text has made all of them and no other, and says of each what the table does. That is taken out of `bodies`, for
    /// it need not be said again.
    pub(super) fn are_as_before(
        &self,
        table: &TypeTable,
        bodies: &mut Completions,
        typedef_names: &[(TypeId, Box<str>)],
    ) -> bool {
        // The first one stays.
        let names = typedef_names.iter().rev().map(|(ty, name)| (*ty, &**name));
        let names: HashMap<TypeId, &str> = names.collect();
        let mut same = |ty: TypeId| match table.get(ty) {
            CType::Record(id) => {
                let (body, partial) = (bodies.records.remove(&id), bodies.partial.remove(&id));
                let record = table.record(id);
                record.type_id() == ty
                    && body.as_ref() == record.body()
                    && partial.is_some() == record.is_partial()
                    && partial.is_none_or(|members| *members == *record.declared_members())
                    && names.get(&ty).copied() == record.typedef_name()
            }
            CType::Enum(id) => {
                let enumeration = table.enumeration(id);
                bodies.enums.remove(&id).as_ref() == enumeration.body()
                    && names.get(&ty).copied() == enumeration.typedef_name()
            }
            _ => true,
        };
        !self.differs && self.waiting.is_empty() && self.given.iter().all(|&ty| same(ty))
    }
}
