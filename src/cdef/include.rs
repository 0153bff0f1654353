//! `#include` of other declarations.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::{CdefErrorKind, Declaration, Declarations, Tag};
use crate::ctype::{RecordId, TypeSource};

impl Declarations {
    /// Adds the types and constants that `other` declared, as C's `#include` would; its functions and variables stay with
    /// its own libraries, as in cffi. A record that one of the two only declared is the other's from then on.
    ///
    /// # Errors
    ///
    /// If `other` has types of another table, or a name that means something else here. Then nothing is added.
    pub fn include(&mut self, other: &Declarations) -> Result<(), CdefErrorKind> {
        if !Arc::ptr_eq(&self.table, &other.table) {
            return Err(CdefErrorKind::Invalid(
                "declarations with types of another table cannot be included".into(),
            ));
        }
        let known = Arc::clone(&self.known);
        let _reading = known.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut agreeing = Vec::new();
        for (tag, &theirs) in &other.tags {
            let Some(ours) = self
                .tags
                .get(tag)
                .copied()
                .or_else(|| self.known_tag(self.keyword(theirs), tag))
            else {
                continue;
            };
            match self.agreement(ours, theirs) {
                Some(records) => agreeing.extend(records),
                None if self.tags.contains_key(tag) => return Err(clash(tag)),
                None => {}
            }
        }
        for (name, new) in other.names.iter().filter(|(_, new)| is_included(new)) {
            let old = self.names.get(name);
            if old.is_some_and(|old| !self.agree(&agreeing, old, new)) {
                return Err(clash(name));
            }
        }
        self.table
            .unify(&agreeing)
            .map_err(|ty| CdefErrorKind::Redefined(self.table.spelling(ty)))?;
        self.add_included(other);
        Ok(())
    }

    /// What makes two meanings of a tag one: nothing, or that a record that has no body is another one.
    fn agreement(&self, ours: Tag, theirs: Tag) -> Option<Option<(RecordId, RecordId)>> {
        let (Tag::Record(ours), Tag::Record(theirs)) = (ours, theirs) else {
            return (ours == theirs).then_some(None);
        };
        let table = &*self.table;
        let (ours, theirs) = (table.record_id(ours), table.record_id(theirs));
        let is_open = |id| table.record_body(id).is_none() && !table.record_is_partial(id);
        if ours == theirs {
            return Some(None);
        }
        if table.record(ours).kind != table.record(theirs).kind {
            return None;
        }
        match (is_open(ours), is_open(theirs)) {
            (true, _) => Some(Some((ours, theirs))),
            (false, true) => Some(Some((theirs, ours))),
            (false, false) => None,
        }
    }

    /// Whether two declarations are one, given that pairs of records are.
    fn agree(
        &self,
        records: &[(RecordId, RecordId)],
        old: &Declaration,
        new: &Declaration,
    ) -> bool {
        match (old, new) {
            (Declaration::Typedef(old), Declaration::Typedef(new)) => {
                old.constant == new.constant && self.table.same_with(records, old.ty, new.ty)
            }
            _ => old == new,
        }
    }

    fn add_included(&mut self, other: &Declarations) {
        for declarations in [&*self, other] {
            declarations.known.mingled.store(true, Ordering::Relaxed);
        }
        let names = other.names.iter().filter(|(_, new)| is_included(new));
        self.names
            .extend(names.map(|(name, declaration)| (name.clone(), declaration.clone())));
        for (tag, &meaning) in &other.tags {
            self.tags.entry(tag.clone()).or_insert(meaning);
        }
        let macros = other.macros.iter();
        self.macros.extend(
            macros
                .filter(|name| self.names.contains_key(*name))
                .cloned(),
        );
        self.open_macros.extend(other.open_macros.iter().cloned());
        self.share_tags(&self.tags);
        self.include_mentioned(other);
        self.anonymous = self.anonymous.max(other.anonymous);
        self.windows_names |= other.windows_names;
        self.type_texts().clear();
    }

    /// Tags that only type names of `other` mentioned mean the same here, unless they mean something already.
    fn include_mentioned(&self, other: &Declarations) {
        let theirs = other.known_tags().clone();
        let mut ours = self.known_tags();
        for (tag, meaning) in theirs {
            ours.entry(tag).or_insert(meaning);
        }
    }
}

fn is_included(declaration: &Declaration) -> bool {
    matches!(
        declaration,
        Declaration::Typedef(_) | Declaration::Constant(_)
    )
}

fn clash(name: &str) -> CdefErrorKind {
    CdefErrorKind::Redeclared {
        name: name.into(),
        before: "something else".into(),
    }
}
