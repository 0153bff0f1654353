//! What a text declares, kept apart until all of it is known to be right.

use hashbrown::{HashMap, HashSet};
use indexmap::IndexMap;

use crate::cdef::{Declaration, Declarations, Tag};
use crate::ctype::{EnumBody, EnumId, RecordBody, RecordId, TypeId, TypeSource, TypeTable};

type Names<T> = IndexMap<Box<str>, T, hashbrown::DefaultHashBuilder>;

/// New declarations on top of earlier ones. Looking up sees both.
pub(super) struct Draft<'a> {
    pub(super) table: &'a TypeTable,
    pub(super) base: &'a Declarations,
    staged: Staged,
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
    bodies: HashMap<RecordId, RecordBody>,
    partial: HashSet<RecordId>,
    enums: HashMap<EnumId, EnumBody>,
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
            bodies: HashMap::new(),
            partial: HashSet::new(),
            enums: HashMap::new(),
            typedef_names: Vec::new(),
            anonymous: base.anonymous,
            windows_names: false,
        };
        Draft {
            table: &base.table,
            base,
            staged,
        }
    }

    pub(super) fn finish(self) -> Staged {
        self.staged
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

    pub(super) fn tag(&mut self, tag: &str) -> Option<Tag> {
        if let Some(&known) = self
            .staged
            .tags
            .get(tag)
            .or_else(|| self.base.tags.get(tag))
        {
            return Some(known);
        }
        let mentioned = self.base.mentioned_tags().get(tag).copied()?;
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

    pub(super) fn complete_record(&mut self, id: RecordId, body: RecordBody) {
        self.staged.bodies.insert(id, body);
    }

    pub(super) fn mark_partial(&mut self, id: RecordId) {
        self.staged.partial.insert(id);
    }

    pub(super) fn complete_enumeration(&mut self, id: EnumId, body: EnumBody) {
        self.staged.enums.insert(id, body);
    }

    pub(super) fn name_by_typedef(&mut self, ty: TypeId, name: &str) {
        self.staged.typedef_names.push((ty, name.into()));
    }

    pub(super) fn note_windows_names(&mut self) {
        self.staged.windows_names = true;
    }
}

impl Staged {
    fn is_undefined(&self, name: &str) -> bool {
        !self.undefined.is_empty() && self.undefined.contains(name)
    }

    /// Makes everything part of the declarations.
    pub(super) fn commit(mut self, declarations: &mut Declarations) {
        self.complete_types(&declarations.table);
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
        add(&mut declarations.tags, self.tags);
        declarations.anonymous = self.anonymous;
        declarations.windows_names |= self.windows_names;
    }

    /// Keeps what a type name mentions: `struct s *` may stand before any declaration of `struct s`, and the same tag
    /// means the same type from then on.
    pub(super) fn commit_mentioned(mut self, declarations: &Declarations) {
        self.complete_types(&declarations.table);
        declarations.mentioned_tags().extend(self.tags);
    }

    fn complete_types(&mut self, table: &TypeTable) {
        for (id, body) in self.bodies.drain() {
            table.complete_record(id, body);
        }
        for id in self.partial.drain() {
            table.mark_partial(id);
        }
        for (id, body) in self.enums.drain() {
            table.complete_enumeration(id, body);
        }
        for (ty, name) in self.typedef_names.drain(..) {
            table.name_by_typedef(ty, &name);
        }
    }
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
        self.staged
            .bodies
            .get(&id)
            .or_else(|| self.table.record(id).body())
    }

    fn record_is_partial(&self, id: RecordId) -> bool {
        self.staged.partial.contains(&id) || self.table.record(id).is_partial()
    }

    fn enum_body(&self, id: EnumId) -> Option<&EnumBody> {
        self.staged
            .enums
            .get(&id)
            .or_else(|| self.table.enumeration(id).body())
    }
}
