//! The names that texts declared so far.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};
use indexmap::IndexMap;

use super::{
    CdefErrorKind, CdefErrors, CdefOptions, Constant, Declaration, Function, Tag, Variable,
};
use crate::ctype::{TypeId, TypeTable};

/// The names that one or more C texts declared, in the order of their declaration.
///
/// ```
/// use std::sync::Arc;
/// use farcall::{cdef::{CdefOptions, Declarations}, ctype::TypeTable, layout::DataModel};
///
/// let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
/// declarations.parse("int printf(const char *format, ...);", &CdefOptions::default())?;
/// let printf = declarations.function("printf").unwrap();
/// assert_eq!(declarations.types().spelling_with(printf.ty, "printf"), "int printf(char *, ...)");
/// # Ok::<(), farcall::cdef::CdefErrors>(())
/// ```
#[derive(Debug)]
pub struct Declarations {
    pub(super) table: Arc<TypeTable>,
    pub(super) names: IndexMap<Box<str>, Declaration, hashbrown::DefaultHashBuilder>,
    pub(super) tags: IndexMap<Box<str>, Tag, hashbrown::DefaultHashBuilder>,
    /// Which of the names are macros: those an `#undef` takes away again.
    pub(super) macros: HashSet<Box<str>>,
    /// Which of the macros are more than one operand: `#define N 1 + 2`.
    pub(super) open_macros: HashSet<Box<str>>,
    /// How many records and enumerations without a name there were: they are named `$1`, `$2`, ... as in cffi.
    pub(super) anonymous: u32,
    /// Whether a text asked for the Windows type names; type names may use them from then on.
    pub(super) windows_names: bool,
    /// Tags that type names mentioned and no text declared.
    mentioned: Mutex<HashMap<Box<str>, Tag>>,
    type_texts: Mutex<HashMap<Box<str>, TypeId>>,
    /// Held while a type name is parsed: two threads that mention a new tag must mean the same record.
    parsing: Mutex<()>,
}

impl Clone for Declarations {
    fn clone(&self) -> Declarations {
        let type_texts = Mutex::new(self.type_texts().clone());
        Declarations {
            table: Arc::clone(&self.table),
            names: self.names.clone(),
            macros: self.macros.clone(),
            open_macros: self.open_macros.clone(),
            tags: self.tags.clone(),
            anonymous: self.anonymous,
            windows_names: self.windows_names,
            mentioned: Mutex::new(self.mentioned_tags().clone()),
            type_texts,
            parsing: Mutex::default(),
        }
    }
}

impl Declarations {
    /// No declarations yet, for the target of `table`. Declarations that share a table share their types.
    pub fn new(table: Arc<TypeTable>) -> Declarations {
        Declarations {
            table,
            names: IndexMap::default(),
            macros: HashSet::default(),
            open_macros: HashSet::default(),
            tags: IndexMap::default(),
            anonymous: 0,
            windows_names: false,
            mentioned: Mutex::default(),
            type_texts: Mutex::default(),
            parsing: Mutex::default(),
        }
    }

    /// The types behind the names.
    pub fn types(&self) -> &Arc<TypeTable> {
        &self.table
    }

    /// Adds what a C text declares.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, as far as one error does not follow from another. Then nothing of it is
    /// added.
    pub fn parse(&mut self, text: &str, options: &CdefOptions) -> Result<(), CdefErrors> {
        super::parse::declarations(self, text, options)?;
        self.type_texts
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        Ok(())
    }

    /// The type that a C type name such as `int(*)(char *, ...)` stands for. Each text is parsed once.
    ///
    /// # Errors
    ///
    /// What is wrong with the text: not a type, an unknown name.
    pub fn type_of(&self, text: &str) -> Result<TypeId, CdefErrors> {
        if let Some(&ty) = self.type_texts().get(text) {
            return Ok(ty);
        }
        let _parsing = self.parsing.lock().unwrap_or_else(PoisonError::into_inner);
        let ty = super::parse::type_name(self, text, self.windows_names)?;
        self.type_texts().insert(text.into(), ty);
        Ok(ty)
    }

    /// Adds the types and constants that `other` declared, as C's `#include` would; its functions and variables stay with
    /// its own libraries.
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
        let included = |declaration: &Declaration| {
            matches!(
                declaration,
                Declaration::Typedef(_) | Declaration::Constant(_)
            )
        };
        let names = || {
            other
                .names
                .iter()
                .filter(|(_, declaration)| included(declaration))
        };
        let clash = |name: &str| CdefErrorKind::Redeclared {
            name: name.into(),
            before: "something else".into(),
        };
        if let Some((name, _)) =
            names().find(|(name, new)| self.names.get(*name).is_some_and(|old| old != *new))
        {
            return Err(clash(name));
        }
        let mut tags = other.tags.iter();
        if let Some((tag, _)) =
            tags.find(|(tag, new)| self.tags.get(*tag).is_some_and(|old| old != *new))
        {
            return Err(clash(tag));
        }
        self.names
            .extend(names().map(|(name, declaration)| (name.clone(), declaration.clone())));
        self.tags.extend(
            other
                .tags
                .iter()
                .map(|(tag, meaning)| (tag.clone(), *meaning)),
        );
        self.macros.extend(other.macros.iter().cloned());
        self.open_macros.extend(other.open_macros.iter().cloned());
        self.include_mentioned(other);
        self.anonymous = self.anonymous.max(other.anonymous);
        self.windows_names |= other.windows_names;
        self.type_texts().clear();
        Ok(())
    }

    /// Tags that only type names of `other` mentioned mean the same here, unless they mean something already.
    fn include_mentioned(&mut self, other: &Declarations) {
        let theirs = other.mentioned_tags().clone();
        let mut ours = self.mentioned_tags();
        for (tag, meaning) in theirs {
            if !self.tags.contains_key(&tag) {
                ours.entry(tag).or_insert(meaning);
            }
        }
    }

    /// What a name was declared as.
    pub fn get(&self, name: &str) -> Option<&Declaration> {
        self.names.get(name)
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        match self.names.get(name) {
            Some(Declaration::Function(function)) => Some(function),
            _ => None,
        }
    }

    /// The global variable of this name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        match self.names.get(name) {
            Some(Declaration::Variable(variable)) => Some(variable),
            _ => None,
        }
    }

    /// The constant of this name.
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        match self.names.get(name) {
            Some(Declaration::Constant(constant)) => Some(constant),
            _ => None,
        }
    }

    /// The type that a typedef name stands for.
    pub fn typedef(&self, name: &str) -> Option<TypeId> {
        match self.names.get(name) {
            Some(Declaration::Typedef(typedef)) => Some(typedef.ty),
            _ => None,
        }
    }

    /// What a `struct`, `union` or `enum` tag was declared as.
    pub fn tag(&self, tag: &str) -> Option<Tag> {
        self.tags.get(tag).copied()
    }

    /// All ordinary names in the order of their declaration.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Declaration)> {
        self.names
            .iter()
            .map(|(name, declaration)| (&**name, declaration))
    }

    /// All tags in the order of their declaration.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = (&str, Tag)> {
        self.tags.iter().map(|(name, tag)| (&**name, *tag))
    }

    pub(super) fn mentioned_tags(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Tag>> {
        self.mentioned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn type_texts(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, TypeId>> {
        self.type_texts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
