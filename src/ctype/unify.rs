//! Records that were declared apart and turn out to be one: `struct s;` in two sets of declarations, of which one includes
//! the other.

use super::{CType, FunctionType, RecordId, TypeId, TypeTable};

/// Parameter lists inside each other that are compared; types of more count as different.
const MAX_DEPTH: u32 = 30;

impl TypeTable {
    /// Makes the first record of each pair the second one, or nothing if one of the first has got a body meanwhile: the
    /// error is that one. Both ids stay good, and so do types made of them.
    pub(crate) fn unify(&self, pairs: &[(RecordId, RecordId)]) -> Result<(), TypeId> {
        let _lock = self.lock();
        let differ = |&&(from, to): &&(RecordId, RecordId)| {
            self.record(from).ty != self.record(to).ty && self.record(from).is_defined()
        };
        if let Some(&(from, _)) = pairs.iter().find(differ) {
            return Err(self.record(from).ty);
        }
        for &(from, to) in pairs {
            let (from, to) = (self.record_id(from), self.record_id(to));
            // One that leads to itself would never end.
            if from != to {
                let _ = self.record_by_its_own_id(from).same_as.set(to);
            }
        }
        Ok(())
    }

    /// The id that all ids of one record come to.
    pub(crate) fn record_id(&self, id: RecordId) -> RecordId {
        match self.get(self.record(id).ty) {
            CType::Record(id) => id,
            _ => id,
        }
    }

    /// Whether two types are one, though they may have been made of different ids of a record.
    pub(crate) fn same(&self, a: TypeId, b: TypeId) -> bool {
        self.same_with(&[], a, b)
    }

    /// Whether two types would be one after [`TypeTable::unify`].
    pub(crate) fn same_with(&self, pairs: &[(RecordId, RecordId)], a: TypeId, b: TypeId) -> bool {
        a == b || self.same_within(pairs, a, b, MAX_DEPTH)
    }

    fn same_within(
        &self,
        pairs: &[(RecordId, RecordId)],
        mut a: TypeId,
        mut b: TypeId,
        depth: u32,
    ) -> bool {
        loop {
            (a, b) = match (self.get(a), self.get(b)) {
                _ if a == b => return true,
                (CType::Pointer(a), CType::Pointer(b)) => (a, b),
                (
                    CType::Array { element, length },
                    CType::Array {
                        element: other,
                        length: count,
                    },
                ) if length == count => (element, other),
                (CType::Record(a), CType::Record(b)) => {
                    let (a, b) = (self.record_id(a), self.record_id(b));
                    return a == b || pairs.contains(&(a, b)) || pairs.contains(&(b, a));
                }
                (CType::Function(a), CType::Function(b)) if depth > 0 => {
                    let (a, b) = (self.function(a), self.function(b));
                    return self.same_functions(pairs, a, b, depth - 1);
                }
                _ => return false,
            };
        }
    }

    fn same_functions(
        &self,
        pairs: &[(RecordId, RecordId)],
        a: &FunctionType,
        b: &FunctionType,
        depth: u32,
    ) -> bool {
        let mut params = a.params.iter().zip(&b.params);
        a.params.len() == b.params.len()
            && (a.variadic, a.convention) == (b.variadic, b.convention)
            && self.same_within(pairs, a.result, b.result, depth)
            && params.all(|(&a, &b)| self.same_within(pairs, a, b, depth))
    }
}
