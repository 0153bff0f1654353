//! The names that texts declared so far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{HashMap, HashSet};
use indexmap::IndexMap;

use super::{CdefErrors, CdefOptions, Constant, Declaration, Function, Tag, Variable};
use crate::ctype::{Made, TypeId, TypeTable};

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
    pub(super) known: Arc<KnownTags>,
    /// The types that each text has made, by what stands for the text.
    pub(super) made: Vec<(u64, Made)>,
    type_texts: Mutex<HashMap<Box<str>, TypeId>>,
}

/// What is shared by the states of declarations that follow each other: a type name that is read with an earlier one and
/// mentions a tag means the record that a later text declares.
#[derive(Debug, Default)]
pub(super) struct KnownTags {
    /// The tags that type names mentioned or texts declared, with their keyword: `struct s`. Declared ones count only where they are not declared yet.
    tags: Mutex<HashMap<Box<str>, Tag>>,
    /// Held while a text is read: two threads that come upon a new tag must mean the same record.
    pub(super) reading: Mutex<()>,
    /// Whether other declarations have types of these, or these of others.
    pub(super) mingled: AtomicBool,
}

impl Clone for Declarations {
    /// A clone goes its own way: what either of the two declares from then on, or mentions in type names, the other does not
    /// know.
    fn clone(&self) -> Declarations {
        let tags = Mutex::new(self.known_tags().clone());
        self.known.mingled.store(true, Ordering::Relaxed);
        let known = KnownTags {
            tags,
            mingled: AtomicBool::new(true),
            ..KnownTags::default()
        };
        Declarations {
            known: Arc::new(known),
            ..self.successor()
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
            known: Arc::default(),
            made: Vec::new(),
            type_texts: Mutex::default(),
        }
    }

    /// The same declarations, to take the place of these once there are more of them.
    pub(crate) fn successor(&self) -> Declarations {
        let type_texts = Mutex::new(self.type_texts().clone());
        Declarations {
            table: Arc::clone(&self.table),
            names: self.names.clone(),
            macros: self.macros.clone(),
            open_macros: self.open_macros.clone(),
            tags: self.tags.clone(),
            anonymous: self.anonymous,
            windows_names: self.windows_names,
            known: Arc::clone(&self.known),
            made: self.made.clone(),
            type_texts,
        }
    }

    /// Gives the types back to the table: the same text may have them, read again. There may be values of them still, but
    /// nobody asks these declarations any more.
    pub(crate) fn retire(&mut self) {
        let is_last = Arc::get_mut(&mut self.known).is_some_and(|known| !*known.mingled.get_mut());
        for (key, made) in std::mem::take(&mut self.made) {
            if is_last {
                self.table.retire(key, made);
            }
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
        let known = Arc::clone(&self.known);
        let _reading = known.reading.lock().unwrap_or_else(PoisonError::into_inner);
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
        let reading = self.known.reading.lock();
        let _reading = reading.unwrap_or_else(PoisonError::into_inner);
        let ty = super::parse::type_name(self, text, self.windows_names)?;
        self.type_texts().insert(text.into(), ty);
        Ok(ty)
    }

    /// Whether a name is a macro, and no enumeration's or variable's.
    ///
    /// ```
    /// let mut ffi = farcall::Ffi::new();
    /// ffi.cdef("#define SIZE 8\nenum { ONE = 1 };")?;
    /// let declarations = ffi.declarations();
    /// assert!(declarations.is_macro("SIZE") && !declarations.is_macro("ONE"));
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn is_macro(&self, name: &str) -> bool {
        self.macros.contains(name)
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

    /// A tag that this state does not declare, but a type name mentioned or a later state declares.
    pub(super) fn known_tag(&self, keyword: &str, tag: &str) -> Option<Tag> {
        self.known_tags().get(&*format!("{keyword} {tag}")).copied()
    }

    /// Lets earlier and later states know of tags.
    pub(super) fn share_tags<'a>(&self, tags: impl IntoIterator<Item = (&'a Box<str>, &'a Tag)>) {
        let tags = tags
            .into_iter()
            .map(|(tag, &meaning)| (format!("{} {tag}", self.keyword(meaning)).into(), meaning));
        self.known_tags().extend(tags);
    }

    /// `struct`, `union` or `enum`.
    pub(super) fn keyword(&self, meaning: Tag) -> &'static str {
        match meaning {
            Tag::Record(id) => self.table.record(id).kind.keyword(),
            Tag::Enum(_) => "enum",
        }
    }

    pub(super) fn known_tags(&self) -> MutexGuard<'_, HashMap<Box<str>, Tag>> {
        self.known
            .tags
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn type_texts(&self) -> MutexGuard<'_, HashMap<Box<str>, TypeId>> {
        self.type_texts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
