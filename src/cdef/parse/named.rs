//! Type names: the user's typedefs and the predefined ones.

use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::posix;
use crate::cdef::predefined::{self, Predefined};
use crate::cdef::{CdefErrorKind, CdefOptions, Declaration, Declarations, Tag, Typedef};
use crate::ctype::{CType, DeferredKind, RecordId, RecordKind, TypeId, TypeSource};

impl Parser<'_> {
    /// The type that an identifier names, if it names one.
    pub(super) fn type_named(&mut self, token: Token) -> Parsed<Option<Typedef>> {
        let name = self.text_of(token);
        match self.draft.name(name) {
            Some(Declaration::Typedef(typedef)) => return Ok(Some(*typedef)),
            Some(_) => return Ok(None),
            None => {}
        }
        let table = self.table();
        let plain = |ty| {
            Ok(Some(Typedef {
                ty,
                constant: false,
            }))
        };
        let windows_names = self.options.windows_names;
        match predefined::find(name, table.model(), windows_names) {
            None => Ok(None),
            Some(Predefined::Primitive(primitive)) => plain(table.primitive(primitive)),
            Some(Predefined::Opaque) => plain(self.opaque(name)),
            Some(Predefined::VaList) => plain(self.va_list()),
            Some(Predefined::Record(body)) => plain(self.predefined_record(name, body)),
            Some(Predefined::Text(text)) => plain(self.nested(|p| p.predefined_type(token, text))?),
        }
    }

    /// A structure that has no members here and is the same for all declarations of the table.
    fn opaque(&mut self, name: &str) -> TypeId {
        let table = self.table();
        table.shared(name, || {
            let record = table.record(table.new_record(RecordKind::Struct, &format!("${name}")));
            table.name_by_typedef(record.type_id(), name);
            record.type_id()
        })
    }

    /// The structure that POSIX has under a tag, unless the text defines one itself.
    pub(super) fn posix_structure(&mut self, kind: RecordKind, tag: &str) -> Option<RecordId> {
        let table = self.table();
        let body = posix::structure(tag).filter(|_| kind == RecordKind::Struct)?;
        if table.model().is_windows() || self.text_defines(tag) {
            return None;
        }
        let name = posix_key(tag);
        let pointer =
            self.shared_typedef(&name, || format!("typedef struct {tag} {body} *{name};"));
        let CType::Pointer(target) = table.get(pointer) else {
            return None;
        };
        let CType::Record(id) = table.get(target) else {
            return None;
        };
        self.draft.declare_tag(tag, Tag::Record(id));
        Some(id)
    }

    /// Whether a record is one of those that nobody declared: a definition makes another one.
    pub(super) fn is_posix_structure(&self, id: RecordId) -> bool {
        let table = self.table();
        let record = table.record(id);
        posix::structure(&record.tag).is_some()
            && table.find_shared(&posix_key(&record.tag)) == Some(table.pointer(record.type_id()))
    }

    fn text_defines(&self, tag: &str) -> bool {
        self.tokens.windows(2).any(|pair| {
            pair[0].kind == TokenKind::Identifier
                && pair[1].kind == TokenKind::BraceOpen
                && self.text_of(pair[0]) == tag
        })
    }

    fn va_list(&self) -> TypeId {
        const NAME: &str = "__builtin_va_list";
        self.shared_typedef(NAME, || predefined::va_list(self.table().model()).into())
    }

    fn predefined_record(&mut self, name: &str, body: &str) -> TypeId {
        if self.options.windows_names {
            self.draft.note_windows_names();
        }
        self.shared_typedef(name, || format!("typedef {body} {name};"))
    }

    /// The predefined record with a tag that the user did not declare.
    pub(super) fn predefined_tag(&mut self, kind: RecordKind, tag: &str) -> Option<RecordId> {
        let model = self.table().model();
        let keyword = kind.keyword();
        let (name, body) = predefined::tagged(keyword, tag, model, self.options.windows_names)?;
        let ty = self.predefined_record(name, body);
        match self.table().get(ty) {
            CType::Record(id) => Some(id),
            _ => None,
        }
    }

    /// The type that a text of its own gives a name, the same for all declarations of the table.
    fn shared_typedef(&self, name: &str, text: impl FnOnce() -> String) -> TypeId {
        let table = self.table();
        table.shared(name, || {
            let mut declarations = Declarations::new(self.draft.base.types().clone());
            let options = CdefOptions {
                windows_names: true,
                ..CdefOptions::default()
            };
            let parsed = declarations.parse(&text(), &options);
            debug_assert!(parsed.is_ok(), "{name}: {parsed:?}");
            declarations
                .typedef(name)
                .unwrap_or(table.pointer(table.void()))
        })
    }

    /// A predefined name that is spelled in terms of others.
    fn predefined_type(&mut self, at: Token, text: &str) -> Parsed<TypeId> {
        let windows_names = self.options.windows_names;
        if windows_names {
            self.draft.note_windows_names();
        }
        super::type_name(self.draft.base, text, windows_names)
            .map_err(|_| self.fail_at(at, CdefErrorKind::UnknownType(self.text_of(at).into())))
    }
}

impl Parser<'_> {
    /// How cffi's `typedef ... name;` and its kin were written; nothing for other types.
    pub(super) fn deferred_typedef_text(&self, name: &str, ty: TypeId) -> Option<String> {
        let table = self.table();
        let partial = |id| self.draft.record_is_partial(id);
        let tag_is = |id, tag: String| *table.record(id).tag == *tag && partial(id);
        match table.get(table.plain(ty)) {
            CType::Record(id) => {
                tag_is(id, format!("${name}")).then(|| format!("typedef ... {name}"))
            }
            CType::Pointer(target) => match table.get(target) {
                CType::Record(id) => {
                    tag_is(id, format!("$${name}")).then(|| format!("typedef ... *{name}"))
                }
                _ => None,
            },
            CType::Deferred(id) => match table.deferred(id).kind {
                DeferredKind::Integer => Some(format!("typedef int... {name}")),
                DeferredKind::Float => Some(format!("typedef double... {name}")),
                DeferredKind::Array { .. } => None,
            },
            _ => None,
        }
    }
}

/// The name under which a table keeps the pointer to such a structure.
fn posix_key(tag: &str) -> String {
    format!("__posix_{tag}")
}
