//! What a text declares, kept apart until all of it is known to be right.

use hashbrown::{HashMap, HashSet};
use indexmap::IndexMap;

use super::recycled::Recycled;
use crate::cdef::{Declaration, Declarations, Tag};
use crate::ctype::{
    CType, Completions, DeclaredMember, Deferred, EnumBody, EnumId, Made, Passing, RecordBody,
    RecordId, RecordKind, TypeId, TypeSource, TypeTable,
};

type Names<T> = IndexMap<Box<str>, T, hashbrown::DefaultHashBuilder>;

/// New declarations on top of earlier ones. Looking up sees both.
pub(super) struct Draft<'a> {
    pub(super) table: &'a TypeTable,
    pub(super) base: &'a Declarations,
    staged: Staged,
    /// The types whose braces are open.
    open: Vec<Tag>,
}

/// The new declarations alone.
pub(super) struct Staged {
    names: Names<Declaration>,
    /// Which constants are macros.
    macros: HashSet<Box<str>>,
    /// Macros that are more than one operand.
    open_macros: HashSet<Box<str>>,
    /// Macros, of earlier texts or of this one, that were undefined since.
    undefined: HashSet<Box<str>>,
    tags: Names<Tag>,
    bodies: Completions,
    /// The records, enumerations and deferred types made for the text.
    made: Vec<TypeId>,
    recycled: Option<Recycled>,
    /// Where the braces of these began, in bytes from the start.
    places: HashMap<Tag, u32>,
    typedef_names: Vec<(TypeId, Box<str>)>,
    anonymous: u32,
    windows_names: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(base: &'a Declarations) -> Draft<'a> {
        let staged = Staged {
            names: Names::default(),
            macros: HashSet::new(),
            open_macros: HashSet::new(),
            undefined: HashSet::new(),
            tags: Names::default(),
            bodies: Completions::default(),
            made: Vec::new(),
            recycled: None,
            places: HashMap::new(),
            typedef_names: Vec::new(),
            anonymous: base.anonymous,
            windows_names: false,
        };
        Draft {
            table: &base.table,
            base,
            staged,
            open: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Staged {
        self.staged
    }

    /// Has the text get the types that it has made before. What they were is looked at by [`Staged::is_as_before`] alone.
    pub(super) fn recycle(&mut self, made: &Made) {
        self.staged.recycled = Some(Recycled::new(made));
    }

    pub(super) fn new_record(&mut self, kind: RecordKind, tag: &str) -> RecordId {
        let table = self.table;
        let same = |ty| match table.get(ty) {
            CType::Record(id) => {
                let record = table.record(id);
                (record.kind == kind && &*record.tag == tag).then_some(id)
            }
            _ => None,
        };
        if let Some(id) = self.staged.next_recycled(same) {
            return id;
        }
        let id = self.table.new_record(kind, tag);
        self.staged.made.push(self.table.record(id).type_id());
        id
    }

    pub(super) fn new_enumeration(&mut self, tag: &str) -> EnumId {
        let table = self.table;
        let same = |ty| match table.get(ty) {
            CType::Enum(id) => (&*table.enumeration(id).tag == tag).then_some(id),
            _ => None,
        };
        if let Some(id) = self.staged.next_recycled(same) {
            return id;
        }
        let id = self.table.new_enumeration(tag);
        self.staged.made.push(self.table.enumeration(id).type_id());
        id
    }

    pub(super) fn new_deferred(&mut self, deferred: Deferred) -> TypeId {
        let table = self.table;
        let same = |ty| match table.get(ty) {
            CType::Deferred(id) => (*table.deferred(id) == deferred).then_some(ty),
            _ => None,
        };
        if let Some(ty) = self.staged.next_recycled(same) {
            return ty;
        }
        let ty = self.table.new_deferred(deferred);
        self.staged.made.push(ty);
        ty
    }

    pub(super) fn name(&self, name: &str) -> Option<&Declaration> {
        if self.staged.is_undefined(name) {
            return None;
        }
        self.staged
            .names
            .get(name)
            .or_else(|| self.base.names.get(name))
    }

    pub(super) fn declare(&mut self, name: &str, declaration: Declaration) {
        if self.staged.undefined.remove(name) {
            self.staged.macros.remove(name);
            self.staged.open_macros.remove(name);
        }
        self.staged.names.insert(name.into(), declaration);
    }

    /// Notes that a constant is a macro, and whether its tokens may bind to what stands beside it.
    pub(super) fn note_macro(&mut self, name: &str, open: bool) {
        self.staged.macros.insert(name.into());
        if open {
            self.staged.open_macros.insert(name.into());
        }
    }

    /// Whether a macro of an earlier text is more than one operand.
    pub(super) fn is_open_macro(&self, name: &str) -> bool {
        !self.staged.names.contains_key(name) && self.base.open_macros.contains(name)
    }

    /// Forgets a macro; other names stay what they are.
    pub(super) fn undefine(&mut self, name: &str) {
        if self.staged.macros.contains(name) || self.base.macros.contains(name) {
            self.staged.undefined.insert(name.into());
        }
    }

    /// What a tag means behind a keyword. What type names alone mentioned counts with their keyword only: a question must not
    /// decide what a later text may declare.
    pub(super) fn tag(&mut self, keyword: &str, tag: &str) -> Option<Tag> {
        if let Some(&known) = self
            .staged
            .tags
            .get(tag)
            .or_else(|| self.base.tags.get(tag))
        {
            return Some(known);
        }
        let mentioned = self.base.known_tag(keyword, tag)?;
        self.declare_tag(tag, mentioned);
        Some(mentioned)
    }

    pub(super) fn declare_tag(&mut self, tag: &str, meaning: Tag) {
        self.staged.tags.insert(tag.into(), meaning);
    }

    /// What stands for the tag of a record or an enumeration without one.
    pub(super) fn anonymous_tag(&mut self) -> String {
        self.staged.anonymous += 1;
        format!("${}", self.staged.anonymous)
    }

    /// Notes that a type's braces open. They nest no deeper than the parser goes.
    pub(super) fn begin_body(&mut self, tag: Tag, offset: u32) {
        self.open.push(tag);
        self.staged.places.insert(tag, offset);
    }

    pub(super) fn end_body(&mut self, tag: Tag) {
        self.open.retain(|&open| open != tag);
    }

    pub(super) fn is_in_body(&self, tag: Tag) -> bool {
        self.open.contains(&tag)
    }

    /// The first body stays: types made since may have been laid out by it.
    pub(super) fn complete_record(&mut self, id: RecordId, body: RecordBody) {
        let id = self.table.record_id(id);
        self.staged.bodies.records.entry(id).or_insert(body);
    }

    /// Changes how a union of this text is passed.
    pub(super) fn pass_as(&mut self, id: RecordId, passing: Passing) {
        let id = self.table.record_id(id);
        if let Some(body) = self.staged.bodies.records.get_mut(&id) {
            body.passing = passing;
        }
    }

    /// Notes that only a compiler could lay a record out, and the members that are known.
    pub(super) fn mark_partial(&mut self, id: RecordId, members: Box<[DeclaredMember]>) {
        let id = self.table.record_id(id);
        self.staged.bodies.partial.entry(id).or_insert(members);
    }

    /// The constants may follow a body that has only the underlying type.
    pub(super) fn complete_enumeration(&mut self, id: EnumId, body: EnumBody) {
        let enums = &mut self.staged.bodies.enums;
        if !enums.get(&id).is_some_and(EnumBody::is_definition) {
            enums.insert(id, body);
        }
    }

    pub(super) fn name_by_typedef(&mut self, ty: TypeId, name: &str) {
        self.staged.typedef_names.push((ty, name.into()));
    }

    /// As [`Draft::name_by_typedef`], for a type that nobody else knows, whose name messages say.
    pub(super) fn name_at_once(&mut self, ty: TypeId, name: &str) {
        self.table.name_by_typedef(ty, name);
        self.name_by_typedef(ty, name);
    }

    /// Whether what the table says of a type is what it was when the text was read before.
    fn hides(&self, ty: TypeId) -> bool {
        let recycled = self.staged.recycled.as_ref();
        recycled.is_some_and(|recycled| recycled.has_given(ty))
    }

    pub(super) fn note_windows_names(&mut self) {
        self.staged.windows_names = true;
    }
}

impl Staged {
    fn is_undefined(&self, name: &str) -> bool {
        !self.undefined.is_empty() && self.undefined.contains(name)
    }

    /// The next type that was made before, if it is what the text makes now.
    fn next_recycled<T>(&mut self, same: impl FnOnce(TypeId) -> Option<T>) -> Option<T> {
        self.recycled.as_mut()?.next(same)
    }

    /// Whether the types that were made before say what this text says. It need not be said again then.
    pub(super) fn is_as_before(&mut self, table: &TypeTable) -> bool {
        let Some(recycled) = &self.recycled else {
            return true;
        };
        recycled.are_as_before(table, &mut self.bodies, &self.typedef_names)
    }

    /// Makes everything part of the declarations, or nothing if another thread has completed one of the types meanwhile.
    pub(super) fn commit(mut self, declarations: &mut Declarations, key: u64) -> Result<(), Lost> {
        self.complete_types(&declarations.table)?;
        let made: Made = match self.recycled {
            Some(recycled) => recycled.into_made(),
            None => self.made.into(),
        };
        if !made.is_empty() {
            declarations.made.push((key, made));
        }
        if !self.undefined.is_empty() {
            self.names.retain(|name, _| !self.undefined.contains(name));
            declarations
                .names
                .retain(|name, _| !self.undefined.contains(name));
        }
        declarations
            .macros
            .retain(|name| !self.undefined.contains(name) && !self.names.contains_key(name));
        declarations
            .open_macros
            .retain(|name| !self.undefined.contains(name) && !self.names.contains_key(name));
        self.macros.retain(|name| !self.undefined.contains(name));
        add(&mut declarations.names, self.names);
        self.open_macros.retain(|name| self.macros.contains(name));
        declarations.open_macros.extend(self.open_macros);
        declarations.macros.extend(self.macros);
        declarations.share_tags(&self.tags);
        add(&mut declarations.tags, self.tags);
        declarations.anonymous = self.anonymous;
        declarations.windows_names |= self.windows_names;
        Ok(())
    }

    /// Keeps what a type name mentions: `struct s *` may stand before any declaration of `struct s`, and the same tag
    /// means the same type from then on.
    pub(super) fn commit_mentioned(mut self, declarations: &Declarations) -> Result<(), Lost> {
        self.complete_types(&declarations.table)?;
        declarations.share_tags(&self.tags);
        Ok(())
    }

    /// Gives back the types of a text that is wrong.
    pub(super) fn abandon(self, table: &TypeTable) {
        table.abandon(self.made);
    }

    fn complete_types(&mut self, table: &TypeTable) -> Result<(), Lost> {
        if let Err(ty) = table.complete(std::mem::take(&mut self.bodies)) {
            table.abandon(std::mem::take(&mut self.made));
            let tag = match table.get(ty) {
                CType::Record(id) => Some(Tag::Record(id)),
                CType::Enum(id) => Some(Tag::Enum(id)),
                _ => None,
            };
            let offset = tag.and_then(|tag| self.places.get(&tag).copied());
            return Err(Lost {
                ty,
                offset: offset.unwrap_or(0),
            });
        }
        for (ty, name) in self.typedef_names.drain(..) {
            table.name_by_typedef(ty, &name);
        }
        Ok(())
    }
}

/// A type that another thread completed while the text was read.
pub(super) struct Lost {
    pub(super) ty: TypeId,
    /// Where the text defines it.
    pub(super) offset: u32,
}

/// The first text's names need not be inserted once more.
fn add<T>(names: &mut Names<T>, new: Names<T>) {
    if names.is_empty() {
        *names = new
    } else {
        names.extend(new)
    }
}

impl TypeSource for Draft<'_> {
    fn table(&self) -> &TypeTable {
        self.table
    }

    fn record_body(&self, id: RecordId) -> Option<&RecordBody> {
        let bodies = &self.staged.bodies.records;
        bodies
            .get(&id)
            .or_else(|| bodies.get(&self.table.record_id(id)))
            .or_else(|| {
                let record = self.table.record(id);
                record.body().filter(|_| !self.hides(record.type_id()))
            })
    }

    fn record_is_partial(&self, id: RecordId) -> bool {
        self.staged
            .bodies
            .partial
            .contains_key(&self.table.record_id(id))
            || {
                let record = self.table.record(id);
                record.is_partial() && !self.hides(record.type_id())
            }
    }

    fn enum_body(&self, id: EnumId) -> Option<&EnumBody> {
        self.staged.bodies.enums.get(&id).or_else(|| {
            let enumeration = self.table.enumeration(id);
            let body = enumeration.body();
            body.filter(|_| !self.hides(enumeration.type_id()))
        })
    }
}
