//! Type names: the user's typedefs and the predefined ones.

use super::{Parsed, Parser};
use crate::cdef::lex::Token;
use crate::cdef::predefined::{self, Predefined};
use crate::cdef::{CdefErrorKind, CdefOptions, Declaration, Declarations, Typedef};
use crate::ctype::{CType, RecordId, RecordKind, TypeId};

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
