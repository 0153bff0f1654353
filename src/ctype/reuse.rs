//! Types that are used again, for tables only grow.
//!
//! Those that a text made before it turned out wrong wait for the next text that wants such a type: a text that is mended bit
//! by bit leaves no more behind than its first version did. Those of declarations that are gone wait for the same text: a
//! program that reads one text again and again, and drops what it has declared, does not grow.

use std::hash::BuildHasher;

use hashbrown::HashMap;

use super::{CType, Deferred, DeferredKind, EnumBody, RecordKind, TypeId, TypeTable};
use crate::cdef::CdefOptions;

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

/// The types that a text has made, in the order in which it did.
pub(crate) type Made = Box<[TypeId]>;

/// Types of declarations that are gone, by a number that stands for their text.
#[derive(Default)]
pub(super) struct Retired(HashMap<u64, Text>);

enum Text {
    Waiting(Vec<Made>),
    /// Read once more it made other types: what it means does not depend on it alone.
    Varying,
}

impl TypeTable {
    /// The number that stands for a text and how it is read. Texts that share one by accident make other types.
    pub(crate) fn text_key(&self, text: &str, options: &CdefOptions) -> u64 {
        self.lock().hasher.hash_one((text, options))
    }

    /// Takes back the types of declarations that nobody can ask any more. There may be values of them, whose type must not
    /// change: where another text could complete one, none is used again.
    pub(crate) fn retire(&self, key: u64, made: Made) {
        if !made.iter().all(|&ty| self.is_final(ty)) {
            return self.never_recycle(key);
        }
        let mut interner = self.lock();
        let text = interner.retired.0.entry(key);
        if let Text::Waiting(waiting) = text.or_insert_with(|| Text::Waiting(Vec::new())) {
            waiting.push(made);
        }
    }

    /// The types that a text has made before, if they are nobody's.
    pub(crate) fn recycle(&self, key: u64) -> Option<Made> {
        match self.lock().retired.0.get_mut(&key)? {
            Text::Waiting(waiting) => waiting.pop(),
            Text::Varying => None,
        }
    }

    /// Has no types of a text used again.
    pub(crate) fn never_recycle(&self, key: u64) {
        self.lock().retired.0.insert(key, Text::Varying);
    }

    fn is_final(&self, ty: TypeId) -> bool {
        match self.get(ty) {
            CType::Record(id) => self.record(id).body().is_some(),
            CType::Enum(id) => {
                let body = self.enumeration(id).body();
                body.is_some_and(EnumBody::is_definition)
            }
            _ => true,
        }
    }

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
