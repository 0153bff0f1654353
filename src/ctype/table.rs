//! The table that owns all types: append-only, read without a lock.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::reuse::{Abandoned, Key, Retired};
use super::{
    CType, Deferred, DeferredId, EnumBody, EnumId, Enumeration, FunctionId, FunctionType,
    Primitive, Record, RecordBody, RecordId, RecordKind, TypeId,
};
use crate::layout::DataModel;

/// All types of one target that one or more [`Declarations`](crate::cdef::Declarations) speak of.
///
/// Nothing is ever removed or changed, except that a record or an enumeration is completed, once. Reading takes no
/// lock; making a type takes a short one. What a text made that turned out wrong stays, some hundred bytes for each type,
/// and serves the next text that asks for a type of the same tag; it goes with the table. So do types of declarations that are
/// gone, which serve the same text when it is read again.
pub struct TypeTable {
    model: DataModel,
    nodes: boxcar::Vec<CType>,
    functions: boxcar::Vec<FunctionType>,
    records: boxcar::Vec<Record>,
    enums: boxcar::Vec<Enumeration>,
    deferred: boxcar::Vec<Deferred>,
    interner: Mutex<Interner>,
}

#[derive(Default)]
pub(super) struct Interner {
    pub(super) hasher: DefaultHashBuilder,
    nodes: HashTable<TypeId>,
    functions: HashTable<FunctionId>,
    shared: HashMap<Box<str>, TypeId>,
    pub(super) abandoned: Abandoned,
    pub(super) retired: Retired,
}

/// Where the bodies of records and enumerations are looked up: a [`TypeTable`], or a draft on top of one.
pub trait TypeSource {
    /// The table behind it.
    fn table(&self) -> &TypeTable;
    /// Members and layout of a record, if it is complete.
    fn record_body(&self, id: RecordId) -> Option<&RecordBody>;
    /// Whether only a compiler could complete a record.
    fn record_is_partial(&self, id: RecordId) -> bool;
    /// Representation and constants of an enumeration, if it is complete.
    fn enum_body(&self, id: EnumId) -> Option<&EnumBody>;
}

impl TypeTable {
    /// A table with the predefined types alone, for one target.
    pub fn new(model: DataModel) -> TypeTable {
        let table = TypeTable {
            model,
            nodes: boxcar::Vec::with_capacity(1 << 10),
            functions: boxcar::Vec::new(),
            records: boxcar::Vec::new(),
            enums: boxcar::Vec::new(),
            deferred: boxcar::Vec::new(),
            interner: Mutex::default(),
        };
        table.intern(CType::Void);
        for &primitive in Primitive::ALL {
            table.intern(CType::Primitive(primitive));
        }
        table
    }

    /// The target whose sizes hold.
    pub fn model(&self) -> &DataModel {
        &self.model
    }

    /// All types that there are now, also those of texts that failed.
    pub fn ids(&self) -> impl Iterator<Item = TypeId> + use<> {
        // Under the lock none is half made.
        let _lock = self.lock();
        (0..index(self.nodes.count())).map(TypeId)
    }

    /// The type behind an id of this table.
    ///
    /// # Panics
    ///
    /// If the id is of another table and out of range here, as for the other look-ups by id. In range it means another type:
    /// [`TypeTable::has`].
    pub fn get(&self, id: TypeId) -> CType {
        self.nodes[id.index()]
    }

    /// Whether there is a type of this id. One of another table may be one here as well.
    pub fn has(&self, id: TypeId) -> bool {
        id.index() < self.nodes.count()
    }

    /// Result and parameters of a function type.
    pub fn function(&self, id: FunctionId) -> &FunctionType {
        &self.functions[id.index()]
    }

    /// A structure or union. An id may be one of several of the same record.
    pub fn record(&self, id: RecordId) -> &Record {
        let mut record = &self.records[id.index()];
        while let Some(other) = record.same_as.get() {
            record = &self.records[other.index()];
        }
        record
    }

    pub(super) fn record_by_its_own_id(&self, id: RecordId) -> &Record {
        &self.records[id.index()]
    }

    /// An enumeration.
    pub fn enumeration(&self, id: EnumId) -> &Enumeration {
        &self.enums[id.index()]
    }

    /// A type that a compiler would have to complete.
    pub fn deferred(&self, id: DeferredId) -> &Deferred {
        &self.deferred[id.index()]
    }

    /// `void`.
    pub const fn void(&self) -> TypeId {
        TypeId(0)
    }

    /// A predefined type.
    pub const fn primitive(&self, primitive: Primitive) -> TypeId {
        TypeId(1 + primitive as u32)
    }

    /// The pointer to a type.
    pub fn pointer(&self, target: TypeId) -> TypeId {
        self.intern(CType::Pointer(target))
    }

    /// The array of a type; `T[]` without a length.
    pub fn array(&self, element: TypeId, length: Option<u64>) -> TypeId {
        self.intern(CType::Array { element, length })
    }

    /// The SIMD vector of `lanes` elements.
    pub fn vector(&self, element: TypeId, lanes: u32) -> TypeId {
        self.intern(CType::Vector { element, lanes })
    }

    /// The type with another alignment in bytes, as a typedef's attribute gives it.
    pub fn aligned(&self, ty: TypeId, align: u32) -> TypeId {
        self.intern(CType::Aligned {
            ty: self.plain(ty),
            align,
            atomic: false,
        })
    }

    /// The type with the alignment in bytes that `_Atomic` gives it.
    pub fn atomic(&self, ty: TypeId, align: u32) -> TypeId {
        self.intern(CType::Aligned {
            ty: self.plain(ty),
            align,
            atomic: true,
        })
    }

    /// The type without an alignment of its own.
    pub fn plain(&self, ty: TypeId) -> TypeId {
        match self.get(ty) {
            CType::Aligned { ty, .. } => ty,
            _ => ty,
        }
    }

    /// A function type.
    pub fn function_type(&self, function: FunctionType) -> TypeId {
        let mut interner = self.lock();
        let Interner {
            hasher, functions, ..
        } = &mut *interner;
        let hash = hasher.hash_one(&function);
        let found = functions
            .find(hash, |&id| self.functions[id.index()] == function)
            .copied();
        let id = found.unwrap_or_else(|| {
            let id = FunctionId(index(self.functions.push(function)));
            functions.insert_unique(hash, id, |id| hasher.hash_one(&self.functions[id.index()]));
            id
        });
        self.intern_locked(&mut interner, CType::Function(id))
    }

    /// A new structure or union, without members yet.
    pub fn new_record(&self, kind: RecordKind, tag: &str) -> RecordId {
        // Under the lock the next index is known before the record is made.
        let mut interner = self.lock();
        let waiting = interner.abandoned.take(|| Key::Record(kind, tag.into()));
        if let Some(CType::Record(id)) = waiting.map(|ty| self.get(ty)) {
            return id;
        }
        let id = RecordId(index(self.records.count()));
        let ty = self.push(CType::Record(id));
        self.records.push(Record {
            kind,
            tag: tag.into(),
            ty,
            typedef_name: OnceLock::new(),
            body: OnceLock::new(),
            partial: OnceLock::new(),
            same_as: OnceLock::new(),
            slots: OnceLock::new(),
        });
        id
    }

    /// A new enumeration, without constants yet.
    pub fn new_enumeration(&self, tag: &str) -> EnumId {
        let mut interner = self.lock();
        let waiting = interner.abandoned.take(|| Key::Enum(tag.into()));
        if let Some(CType::Enum(id)) = waiting.map(|ty| self.get(ty)) {
            return id;
        }
        let id = EnumId(index(self.enums.count()));
        let ty = self.push(CType::Enum(id));
        self.enums.push(Enumeration {
            tag: tag.into(),
            ty,
            typedef_name: OnceLock::new(),
            declared: OnceLock::new(),
            body: OnceLock::new(),
        });
        id
    }

    /// A new type that a compiler would have to complete.
    pub fn new_deferred(&self, deferred: Deferred) -> TypeId {
        let key = || Key::Deferred(deferred.name.clone(), deferred.kind);
        let mut interner = self.lock();
        let waiting = interner.abandoned.take(key);
        waiting.unwrap_or_else(|| {
            let id = DeferredId(index(self.deferred.push(deferred)));
            self.push(CType::Deferred(id))
        })
    }

    /// The type that all declarations of this table share under a name: made on first use.
    pub(crate) fn shared(&self, name: &str, make: impl FnOnce() -> TypeId) -> TypeId {
        if let Some(&ty) = self.lock().shared.get(name) {
            return ty;
        }
        let ty = make();
        *self.lock().shared.entry(name.into()).or_insert(ty)
    }

    /// The type that [`TypeTable::shared`] keeps under this name, if it was made.
    pub(crate) fn find_shared(&self, name: &str) -> Option<TypeId> {
        self.lock().shared.get(name).copied()
    }

    /// Lets a record or an enumeration go by a typedef's name, if it has none yet.
    pub(crate) fn name_by_typedef(&self, ty: TypeId, name: &str) {
        let slot = match self.get(ty) {
            CType::Record(id) => &self.record(id).typedef_name,
            CType::Enum(id) => &self.enumeration(id).typedef_name,
            _ => return,
        };
        slot.get_or_init(|| name.into());
    }

    fn intern(&self, node: CType) -> TypeId {
        self.intern_locked(&mut self.lock(), node)
    }

    fn intern_locked(&self, interner: &mut Interner, node: CType) -> TypeId {
        let Interner { hasher, nodes, .. } = interner;
        let hash = hasher.hash_one(node);
        if let Some(&id) = nodes.find(hash, |&id| self.get(id) == node) {
            return id;
        }
        let id = self.push(node);
        nodes.insert_unique(hash, id, |&id| hasher.hash_one(self.get(id)));
        id
    }

    /// A new node, for a type that is like no other.
    fn push(&self, node: CType) -> TypeId {
        TypeId(index(self.nodes.push(node)))
    }

    /// The lists are pushed to in one step each, so what a panicking thread left behind is whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, Interner> {
        self.interner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 2^32 types would take over 100 GiB; memory ends before this does.
fn index(position: usize) -> u32 {
    u32::try_from(position).expect("fewer than 2^32 types")
}

impl TypeSource for TypeTable {
    fn table(&self) -> &TypeTable {
        self
    }

    fn record_body(&self, id: RecordId) -> Option<&RecordBody> {
        self.record(id).body()
    }

    fn record_is_partial(&self, id: RecordId) -> bool {
        self.record(id).is_partial()
    }

    fn enum_body(&self, id: EnumId) -> Option<&EnumBody> {
        self.enumeration(id).body()
    }
}

impl std::fmt::Debug for TypeTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypeTable")
            .field("model", &self.model.name)
            .field("types", &self.nodes.count())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predefined_types_have_the_ids_that_the_accessors_compute() {
        let table = TypeTable::new(DataModel::HOST);
        assert_eq!(table.get(table.void()), CType::Void);
        for &primitive in Primitive::ALL {
            assert_eq!(
                table.get(table.primitive(primitive)),
                CType::Primitive(primitive)
            );
        }
    }

    #[test]
    fn equal_derived_types_are_one_and_records_are_not() {
        let table = TypeTable::new(DataModel::HOST);
        let int = table.primitive(Primitive::Int);
        assert_eq!(table.pointer(int), table.pointer(int));
        assert_ne!(table.array(int, Some(3)), table.array(int, Some(4)));
        let function = || FunctionType {
            result: int,
            params: [int, table.pointer(int)].into(),
            variadic: false,
            convention: Default::default(),
        };
        assert_eq!(
            table.function_type(function()),
            table.function_type(function())
        );
        assert_ne!(
            table.new_record(RecordKind::Struct, "s"),
            table.new_record(RecordKind::Struct, "s")
        );
    }

    #[test]
    fn threads_agree_on_the_ids() {
        let table = TypeTable::new(DataModel::HOST);
        let int = table.primitive(Primitive::Int);
        let arrays = || {
            (0..500)
                .map(|n| table.array(int, Some(n)))
                .collect::<Vec<_>>()
        };
        let (here, there) = std::thread::scope(|scope| {
            let other = scope.spawn(arrays);
            (arrays(), other.join().unwrap())
        });
        assert_eq!(here, there);
    }
}
