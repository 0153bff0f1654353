//! C data: a C type with the value or the memory that goes with it.

#![allow(unsafe_code)]

mod access;
mod compare;
mod operate;
mod print;
mod scope;

use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;

use crate::Error;
use crate::ctype::{CType, RecordKind, TypeId, TypeTable};
use crate::host::CDataRef;
use crate::layout::layout_of;
use crate::memory::{Allocation, Extent, Guard};
use crate::object::Object;

pub(crate) use print::Typed;

/// Something with a C type: memory that is owned (from [`Ffi::alloc`](crate::Ffi::alloc) or a struct returned by
/// value), a reference into it, a pointer, a function, or a number that was cast to its type.
///
/// Memory is only followed where it is known to be valid. A pointer that C gave is a number until
/// [`CData::trust`] says what is there.
///
/// ```
/// use farcall::Ffi;
///
/// let ffi = Ffi::new();
/// ffi.cdef("struct point { int x, y; };")?;
/// let points = ffi.alloc("struct point[2]", [[1, 2], [3, 4]])?;
/// points.item(1)?.cdata()?.set_field("y", 40)?;
/// assert_eq!(points.to_string(), "[{x: 1, y: 2}, {x: 3, y: 40}]");
/// assert!(points.item(2).is_err());
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone)]
pub struct CData {
    types: Arc<TypeTable>,
    ty: TypeId,
    data: Data,
    /// Number of items of a `T[]`.
    length: Option<u64>,
    /// Bytes that this very cdata owns: as `Ffi::alloc` made it, or a call returned it.
    owned: Option<u64>,
    /// A destructor that waits for this to go.
    guard: Option<Rc<Guard>>,
}

#[derive(Clone)]
enum Data {
    /// The bytes of a number.
    Scalar(Scalar),
    /// Where an array or a record lies, or where a pointer points, and what is known to be valid there.
    Address {
        address: *mut u8,
        extent: Option<Extent>,
    },
}

/// Room for the largest number, a `_Complex long double`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(align(16))]
pub(crate) struct Scalar(pub(crate) [u8; 32]);

impl CData {
    /// The memory of `extent` at `address` as an array or a record, or as what a pointer points to.
    pub(crate) fn at(
        types: &Arc<TypeTable>,
        ty: TypeId,
        address: *mut u8,
        extent: Option<Extent>,
    ) -> CData {
        CData {
            types: Arc::clone(types),
            ty,
            data: Data::Address { address, extent },
            length: None,
            owned: None,
            guard: None,
        }
    }

    /// The same as a `T[]` of so many items.
    pub(crate) fn with_length(mut self, length: u64) -> CData {
        self.length = Some(length);
        self
    }

    /// What a conversion of types of the table `types` sees of it.
    pub(crate) fn as_ref_in(&self, types: &Arc<TypeTable>) -> CDataRef {
        let ty = self.type_in(types);
        CDataRef {
            ty,
            address: match &self.data {
                Data::Scalar(scalar) => scalar.0.as_ptr().cast_mut(),
                Data::Address { address, .. } => *address,
            },
            length: match self.types.get(self.types.plain(self.ty)) {
                CType::Array { length: None, .. } => self.len().unwrap_or(0),
                _ => 0,
            },
        }
    }

    /// New zeroed memory of `size` bytes; errors name its type and uses after a release are some if `checked`.
    pub(crate) fn allocate(
        types: &Arc<TypeTable>,
        ty: TypeId,
        size: u64,
        align: u64,
        checked: bool,
    ) -> Result<CData, Error> {
        let allocation = Allocation::new(size, align).ok_or_else(|| Error::Memory {
            bytes: size,
            ty: types.spelling(ty),
        })?;
        let mut extent = Extent::owned(Arc::clone(&allocation), size);
        if checked {
            extent = extent.checked(types, ty);
        }
        let mut memory = CData::at(types, ty, allocation.start(), Some(extent));
        memory.owned = Some(size);
        Ok(memory)
    }

    /// A view of it as the operations see it.
    pub(crate) fn object(&self) -> Object {
        let cdata = self.as_ref_in(&self.types);
        Object {
            owned: self.owned,
            ..Object::new(&self.types, cdata)
        }
    }

    pub(crate) fn scalar(types: &Arc<TypeTable>, ty: TypeId, scalar: Scalar) -> CData {
        CData {
            types: Arc::clone(types),
            ty,
            data: Data::Scalar(scalar),
            length: None,
            owned: None,
            guard: None,
        }
    }

    /// The same memory as another pointer type, as a cast makes it.
    pub(crate) fn reinterpreted(
        &self,
        types: &Arc<TypeTable>,
        ty: TypeId,
        address: *mut u8,
    ) -> CData {
        CData::at(types, ty, address, self.extent().cloned())
    }

    /// What is known of the memory.
    pub(crate) fn extent(&self) -> Option<&Extent> {
        match &self.data {
            Data::Address { extent, .. } => extent.as_ref(),
            Data::Scalar(_) => None,
        }
    }

    /// The C type.
    pub fn type_id(&self) -> TypeId {
        self.ty
    }

    /// The table of the C type.
    pub fn types(&self) -> &Arc<TypeTable> {
        &self.types
    }

    /// The C type, spelled out.
    pub fn type_name(&self) -> String {
        self.types.spelling(self.ty)
    }

    /// The address of an array, a record or a function, or the one a pointer holds; `None` for a number.
    pub fn address(&self) -> Option<*mut c_void> {
        match &self.data {
            Data::Address { address, .. } => Some(address.cast()),
            Data::Scalar(_) => None,
        }
    }

    /// Whether this is a NULL pointer.
    pub fn is_null(&self) -> bool {
        self.address().is_some_and(|address| address.is_null())
    }

    /// Whether this keeps memory alive.
    pub fn is_owning(&self) -> bool {
        self.extent().is_some_and(Extent::is_owned)
    }

    /// The first `size` bytes of a number, an array or a record.
    pub(crate) fn bytes(&self, size: usize) -> Result<*const u8, Error> {
        match &self.data {
            Data::Scalar(scalar) if size <= scalar.0.len() => Ok(scalar.0.as_ptr()),
            Data::Scalar(_) => Err(self.operation("is a number, not memory")),
            Data::Address { address, .. } => self
                .known(*address, size as u64, || "a copy".into())
                .map(|_| address.cast_const()),
        }
    }

    /// Declares the memory that a pointer from C points to, or that an array or a record of a library is, as valid and
    /// writable, for `count` items of its type.
    ///
    /// ```
    /// use farcall::Ffi;
    ///
    /// let ffi = Ffi::new();
    /// ffi.cdef("char *getenv(const char *name);")?;
    /// // SAFETY: getenv is declared as the C library defines it, and nothing here changes the environment.
    /// let path = unsafe { ffi.process()?.call("getenv", ("PATH",)) }?;
    /// // SAFETY: the value of a variable is a C string, so at least one byte.
    /// let first = unsafe { path.cdata()?.trust(1) };
    /// assert_eq!(first.item(0)?.to_string(), "\"/\"");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// The memory stays readable (and writable, if it is written to) and is not changed by another thread,
    /// while the returned value or anything that comes from it is used.
    pub unsafe fn trust(&self, count: u64) -> CData {
        let Data::Address { address, .. } = self.data else {
            return self.clone();
        };
        let item = self.target().unwrap_or(self.ty);
        let size = layout_of(&*self.types, item).map_or(1, |layout| layout.size);
        let mut extent = Extent::trusted(self.extent(), address, size.saturating_mul(count));
        if let (None, Some(guard)) = (self.extent(), &self.guard) {
            extent = extent.guarded(guard);
        }
        let mut trusted = CData::at(&self.types, self.ty, address, Some(extent));
        trusted.guard.clone_from(&self.guard);
        trusted
    }

    /// What a pointer points to as memory of so many bytes, and of another type, which keeps the pointer's cdata.
    ///
    /// # Safety
    ///
    /// As [`CData::trust`], for so many bytes and as long as that cdata lives.
    pub(crate) unsafe fn trust_bytes(&self, ty: TypeId, size: u64) -> CData {
        let address = self.address().unwrap_or_default().cast();
        let extent = Extent::of_objects(Rc::new(self.clone()), address, size);
        CData::at(&self.types, ty, address, Some(extent))
    }

    /// Lets it own so many bytes.
    pub(crate) fn own(&mut self, size: u64) {
        self.owned = Some(size);
    }

    /// The type as the table `types` knows it: its own types, and those that every table has. All others are one type there,
    /// of which nothing is known, and pointers to it.
    pub(crate) fn type_in(&self, types: &Arc<TypeTable>) -> TypeId {
        if Arc::ptr_eq(types, &self.types) {
            return self.ty;
        }
        match self.types.get(self.types.plain(self.ty)) {
            CType::Pointer(target)
            | CType::Array {
                element: target, ..
            } => types.pointer(self.everybodys(types, target)),
            CType::Function(_) => types.pointer(types.void()),
            _ => self.everybodys(types, self.ty),
        }
    }

    fn everybodys(&self, types: &TypeTable, ty: TypeId) -> TypeId {
        match self.types.get(self.types.plain(ty)) {
            CType::Void => types.void(),
            CType::Primitive(primitive) => types.primitive(primitive),
            _ => types.shared("(of another Ffi)", || {
                let id = types.new_record(RecordKind::Struct, "(of another Ffi)");
                types.record(id).type_id()
            }),
        }
    }

    /// Whether it is a pointer or a function, so that its address outlives it.
    pub(crate) fn is_pointer(&self) -> bool {
        let ty = self.types.get(self.types.plain(self.ty));
        matches!(ty, CType::Pointer(_) | CType::Function(_))
    }

    /// What a pointer points to, or an array's items are.
    pub(crate) fn target(&self) -> Option<TypeId> {
        match self.types.get(self.types.plain(self.ty)) {
            CType::Pointer(target) => Some(target),
            CType::Array { element, .. } => Some(element),
            _ => None,
        }
    }

    fn operation(&self, problem: &'static str) -> Error {
        Error::Operation {
            ty: self.type_name(),
            problem,
        }
    }
}
