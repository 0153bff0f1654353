//! Types that a text made before it turned out wrong. Tables only grow, so these wait for the next text that wants such
//! a type: a text that is mended bit by bit leaves no more behind than its first version did.

use hashbrown::HashMap;

use super::{CType, Deferred, DeferredKind, RecordKind, TypeId, TypeTable};

/// What cannot be told from another type of the same key: it has no body, and nothing names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Record(RecordKind, Box<str>),
    Enum(Box<str>),
    Deferred(Box<str>, DeferredKind),
}

/// The types to hand out again.
#[derive(Default)]
pub(super) struct Abandoned(HashMap<Key, Vec<TypeId>>);

impl Abandoned {
    /// One of the kind, if there is any. Most tables never hold one: then no key is made.
    pub(super) fn take(&mut self, key: impl FnOnce() -> Key) -> Option<TypeId> {
        if self.0.is_empty() {
            return None;
        }
        let key = key();
        let waiting = self.0.get_mut(&key)?;
        let ty = waiting.pop();
        if waiting.is_empty() {
            self.0.remove(&key);
        }
        ty
    }
}

impl TypeTable {
    /// Takes back records, enumerations and deferred types that were never completed, and that nothing refers to but
    /// types which only who made them knew.
    pub(crate) fn abandon(&self, types: Vec<TypeId>) {
        let mut interner = self.lock();
        // The one that was made first is handed out first: then the same text makes the same types of them.
        for ty in types.into_iter().rev() {
            if let Some(key) = self.key(ty) {
                interner.abandoned.0.entry(key).or_default().push(ty);
            }
        }
    }

    fn key(&self, ty: TypeId) -> Option<Key> {
        Some(match self.get(ty) {
            CType::Record(id) => Key::Record(self.record(id).kind, self.record(id).tag.clone()),
            CType::Enum(id) => Key::Enum(self.enumeration(id).tag.clone()),
            CType::Deferred(id) => {
                let Deferred { name, kind } = self.deferred(id);
                Key::Deferred(name.clone(), *kind)
            }
            _ => return None,
        })
    }
}
