//! Which records of a text are shown, and by what name.

use std::collections::HashSet;

use farcall::cdef::{Declaration, Declarations, Tag};
use farcall::ctype::{CType, RecordId, TypeId, TypeTable};
use farcall::layout::layout_of;

/// A record to show.
pub(super) struct Shown {
    pub(super) id: RecordId,
    /// For a record without any name of its own, a declaration that leads to it: `typedef`, its type and its name.
    pub(super) by: Option<(&'static str, TypeId, String)>,
    /// Typedefs of it that have an alignment of their own.
    pub(super) aligned: Vec<(String, TypeId)>,
}

/// The records that the text named by a tag or a typedef, and those without a name that its declarations lead to, in its order.
pub(super) fn records(declarations: &Declarations) -> Vec<Shown> {
    let types = declarations.types();
    let mut found = Found {
        types,
        shown: Vec::new(),
        known: HashSet::new(),
    };
    for (_, tag) in declarations.tags() {
        if let Tag::Record(id) = tag {
            found.add(id, None);
        }
    }
    for (name, declaration) in declarations.iter() {
        if let Declaration::Typedef(typedef) = declaration
            && let CType::Record(id) = types.get(types.plain(typedef.ty))
        {
            found.add(id, None);
            found.note_alignment(id, name, typedef.ty);
        }
    }
    for (name, declaration) in declarations.iter() {
        match declaration {
            Declaration::Typedef(typedef) => found.lead("typedef ", typedef.ty, name),
            Declaration::Variable(variable) => found.lead("", variable.ty, name),
            _ => {}
        }
    }
    found.shown.sort_by_key(|record| record.id.index());
    found.shown
}

struct Found<'a> {
    types: &'a TypeTable,
    shown: Vec<Shown>,
    known: HashSet<RecordId>,
}

impl Found<'_> {
    fn add(&mut self, id: RecordId, by: Option<(&'static str, TypeId, String)>) {
        if self.known.insert(id) {
            let aligned = Vec::new();
            self.shown.push(Shown { id, by, aligned });
        }
    }

    fn note_alignment(&mut self, id: RecordId, name: &str, ty: TypeId) {
        let of_record = self.types.record(id).type_id();
        if layout_of(self.types, ty) != layout_of(self.types, of_record)
            && let Some(shown) = self.shown.iter_mut().find(|shown| shown.id == id)
        {
            shown.aligned.push((name.into(), ty));
        }
    }

    /// Adds the record without a name behind a declaration's pointers and arrays.
    fn lead(&mut self, keyword: &'static str, ty: TypeId, name: &str) {
        if let Some(id) = unnamed_behind(self.types, ty) {
            self.add(id, Some((keyword, ty, name.into())));
        }
    }
}

/// The record behind pointers and arrays, if it has no name to show it under.
pub(super) fn unnamed_behind(types: &TypeTable, mut ty: TypeId) -> Option<RecordId> {
    loop {
        ty = match types.get(types.plain(ty)) {
            CType::Pointer(inner) | CType::Array { element: inner, .. } => inner,
            CType::Record(id) => {
                let record = types.record(id);
                let unnamed =
                    record.tag.starts_with('$') && record.spelling().ends_with(&*record.tag);
                return unnamed.then_some(id);
            }
            _ => return None,
        };
    }
}
