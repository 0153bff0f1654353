//! Shared libraries: their functions, variables and constants.

#![allow(unsafe_code)]

mod handle;
mod search;

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;

use crate::cdata::CData;
use crate::cdef::{self, Declaration, Origin};
use crate::convert;
use crate::ctype::{CType, TypeId};
use crate::function::{Arguments, Function};
use crate::host::Dynamic;
use crate::layout::layout_of;
use crate::memory::Extent;
use crate::shape::Shape;
use crate::typed::{self, CFunction};
use crate::{Error, Ffi, Value};

pub(crate) use handle::Handle;
pub use handle::OpenFlags;

/// A library that was opened for the declarations of an [`Ffi`]. It is closed when nothing of it is in use.
///
/// ```
/// use std::ffi::c_int;
///
/// use farcall::Ffi;
///
/// let ffi = Ffi::new();
/// ffi.cdef("int abs(int); char **environ;")?;
/// // SAFETY: these are the declarations of the C library.
/// let lib = unsafe { ffi.dlopen("libc.so.6")? };
/// let result = unsafe { lib.call("abs", (-3,))? };
/// assert_eq!(i32::try_from(result)?, 3);
///
/// let abs = lib.func::<unsafe extern "C" fn(c_int) -> c_int>("abs")?;
/// assert_eq!(unsafe { abs(-4) }, 4);
/// assert!(!lib.get("environ")?.cdata()?.is_null());
/// # Ok::<(), farcall::Error>(())
/// ```
pub struct Library {
    ffi: Ffi,
    name: String,
    /// None once it was closed.
    handle: RwLock<Option<Arc<Handle>>>,
    functions: RwLock<HashMap<String, Arc<Function>>>,
}

impl Library {
    /// # Safety
    ///
    /// As [`Ffi::dlopen`].
    pub(crate) unsafe fn open(ffi: &Ffi, name: &str, flags: OpenFlags) -> Result<Library, Error> {
        let mut attempts = Vec::new();
        if name.is_empty() {
            attempts.push((String::new(), "the name is empty".into()));
            return Err(Error::Library {
                name: name.into(),
                attempts,
            });
        }
        for candidate in search::candidates(name) {
            // SAFETY: the caller's promise.
            match unsafe { handle::open(&candidate, flags) } {
                Ok(library) => return Ok(Library::new(ffi, Handle::new(library, candidate))),
                Err(error) => attempts.push((candidate, reason(&error))),
            }
        }
        attempts.extend(search::searched(name));
        Err(Error::Library {
            name: name.into(),
            attempts,
        })
    }

    pub(crate) fn process(ffi: &Ffi) -> Result<Library, Error> {
        #[cfg(unix)]
        let this = libloading::os::unix::Library::this();
        #[cfg(windows)]
        let this = libloading::os::windows::Library::this().map_err(|error| Error::Library {
            name: "(process)".into(),
            attempts: vec![("".into(), reason(&error))],
        })?;
        let handle = Handle::new(this.into(), "(process)".into());
        Ok(Library::new(ffi, handle))
    }

    /// # Safety
    ///
    /// As [`Ffi::dlopen_handle`].
    pub(crate) unsafe fn from_handle(ffi: &Ffi, handle: *mut c_void) -> Library {
        // SAFETY: the caller's promise.
        Library::new(ffi, unsafe { Handle::borrowed(handle) })
    }

    fn new(ffi: &Ffi, handle: Handle) -> Library {
        Library {
            ffi: ffi.clone(),
            name: handle.name.clone(),
            handle: RwLock::new(Some(Arc::new(handle))),
            functions: RwLock::default(),
        }
    }

    /// Closes the library: from now on no function or variable of it is to be had; constants and `extern "host"` functions, which
    /// are not its own, stay. What was taken out of it before, functions and references to
    /// variables, stays good: the system closes it when the last of that is gone.
    ///
    /// ```
    /// # let ffi = farcall::Ffi::new();
    /// ffi.cdef("int abs(int);")?;
    /// // SAFETY: this is the declaration of the C library.
    /// let lib = unsafe { ffi.process()? };
    /// lib.close();
    /// let error = lib.function("abs").unwrap_err();
    /// assert_eq!(error.to_string(), "library '(process)' has already been closed");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    pub fn close(&self) {
        let handle = self.handle.write();
        let handle = handle.unwrap_or_else(PoisonError::into_inner).take();
        self.functions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        drop(handle);
    }

    /// The names of all functions, variables and constants that the library is asked for: those that are declared.
    pub fn names(&self) -> Vec<String> {
        let declarations = self.ffi.declarations();
        let names = declarations.iter().filter_map(|(name, declaration)| {
            let is_type = matches!(declaration, Declaration::Typedef(_));
            (!is_type).then(|| name.to_owned())
        });
        names.collect()
    }

    /// The address of a symbol, declared or not.
    ///
    /// # Errors
    ///
    /// [`Error::Symbol`], [`Error::Closed`].
    pub fn symbol(&self, symbol: &str) -> Result<*mut c_void, Error> {
        self.handle()?.symbol(symbol)
    }

    fn handle(&self) -> Result<Arc<Handle>, Error> {
        let handle = self.handle.read().unwrap_or_else(PoisonError::into_inner);
        handle.clone().ok_or_else(|| Error::Closed {
            library: self.name.clone(),
        })
    }

    /// The name that the library was found by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls the function `name`, as [`Function::call`].
    ///
    /// # Errors
    ///
    /// Those of [`Library::function`] and of [`Function::call`].
    ///
    /// # Safety
    ///
    /// As [`Function::call`].
    pub unsafe fn call(&self, name: &str, arguments: impl Arguments) -> Result<Value, Error> {
        match self.function(name) {
            // SAFETY: the caller's promise.
            Ok(function) => unsafe { function.call(arguments) },
            Err(error) => Err(error),
        }
    }

    /// The function `name`, looked up once.
    ///
    /// # Errors
    ///
    /// [`Error::Undeclared`], [`Error::WrongDeclaration`], [`Error::Symbol`], and where the type cannot be called
    /// [`Error::Layout`], [`Error::Convention`] or [`Error::Engine`].
    pub fn function(&self, name: &str) -> Result<Arc<Function>, Error> {
        if let Some(function) = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
        {
            return Ok(Arc::clone(function));
        }
        let declared = self.declared_function(name)?;
        let (address, library) = self.function_address(name, &declared)?;
        let library = library.map(|library| library as Arc<dyn Any + Send + Sync>);
        let function = Function::new(&self.ffi, name, declared.ty, address, library)?;
        let function = Arc::new(function);
        // Held meanwhile: what is kept after `close` has emptied the cache would stay in it.
        let handle = self.handle.read().unwrap_or_else(PoisonError::into_inner);
        if handle.is_some() {
            let functions = self.functions.write();
            let mut functions = functions.unwrap_or_else(PoisonError::into_inner);
            functions.insert(name.into(), Arc::clone(&function));
        }
        Ok(function)
    }

    /// The function `name` as a Rust function pointer of type `F`. The Rust type is compared with the declaration,
    /// once; calls are then direct.
    ///
    /// The pointer is good as long as the library is open: keep the [`Library`], which its caller promises by
    /// calling an unsafe function.
    ///
    /// # Errors
    ///
    /// Those of [`Library::function`], and [`Error::TypedFunction`] where the types differ.
    pub fn func<F: CFunction>(&self, name: &str) -> Result<F, Error> {
        let declared = self.declared_function(name)?;
        typed::check::<F>(self.ffi.types(), name, declared.ty)?;
        let (address, _) = self.function_address(name, &declared)?;
        // SAFETY: a function of the declared type, which was just compared with `F`.
        Ok(unsafe { F::from_address(address) })
    }

    /// The value of a constant, an enumerator or a global variable; a function as cdata. Arrays and structs come
    /// as references to the variable itself, which keep the library open and which only unsafe code writes to.
    ///
    /// That no thread writes to the variable meanwhile is part of what the caller of [`Ffi::dlopen`] promises.
    ///
    /// # Errors
    ///
    /// [`Error::Undeclared`], [`Error::WrongDeclaration`] for a type, [`Error::Symbol`], [`Error::Layout`].
    pub fn get(&self, name: &str) -> Result<Value, Error> {
        let declaration = self.declaration(name)?;
        match declaration {
            Declaration::Constant(constant) => match constant.value {
                cdef::Value::Integer(value) => Ok(Value::Int(value)),
                cdef::Value::Float(value) => Ok(Value::Float(value)),
                _ => Err(wrong(
                    name,
                    &Declaration::Constant(constant),
                    "a constant whose value is known",
                )),
            },
            Declaration::Function(_) => Ok(Value::CData(self.function(name)?.cdata())),
            Declaration::Variable(variable) => {
                let (address, extent) = self.variable(name, &variable)?;
                let types = self.ffi.types();
                let (host, shape) = (Dynamic::new(types), Shape::of(types, variable.ty));
                // SAFETY: the declaration is that of the symbol (the promise of `dlopen`), and the extent is its size.
                unsafe { convert::load(&host, &shape, address, extent.as_ref()) }
            }
            other => Err(wrong(name, &other, "a value")),
        }
    }

    /// Sets a global variable.
    ///
    /// # Errors
    ///
    /// Those of [`Library::get`], [`Error::WrongDeclaration`] for what is not a variable or is constant, and those
    /// of the conversion.
    ///
    /// # Safety
    ///
    /// No other thread uses the variable meanwhile, and the library allows it to have this value.
    pub unsafe fn set(&self, name: &str, value: impl Into<Value>) -> Result<(), Error> {
        match self.declaration(name)? {
            Declaration::Variable(variable) if !variable.constant => {
                let (address, extent) = self.variable(name, &variable)?;
                let room = extent.and_then(|extent| extent.room(address)).unwrap_or(0);
                let types = self.ffi.types();
                let (host, shape) = (Dynamic::new(types), Shape::of(types, variable.ty));
                // SAFETY: the declaration is that of the symbol (the promise of `dlopen`).
                unsafe { convert::store(&host, &shape, address, room, &value.into()) }
                    .map_err(|error| error.within(|| format!("variable '{name}'")))
            }
            other => Err(wrong(name, &other, "a variable that may be set")),
        }
    }

    /// A pointer to a global variable, as `&name` in C; a function as cdata.
    ///
    /// # Errors
    ///
    /// Those of [`Library::get`], [`Error::WrongDeclaration`] for a constant.
    pub fn address_of(&self, name: &str) -> Result<CData, Error> {
        match self.declaration(name)? {
            Declaration::Function(_) => Ok(self.function(name)?.cdata()),
            Declaration::Variable(variable) => {
                let (address, extent) = self.variable(name, &variable)?;
                let types = self.ffi.types();
                Ok(CData::at(
                    types,
                    types.pointer(variable.ty),
                    address,
                    extent,
                ))
            }
            other => Err(wrong(name, &other, "a function or a variable")),
        }
    }

    fn declaration(&self, name: &str) -> Result<Declaration, Error> {
        let declarations = self.ffi.declarations();
        declarations
            .get(name)
            .cloned()
            .ok_or_else(|| Error::Undeclared { name: name.into() })
    }

    fn declared_function(&self, name: &str) -> Result<cdef::Function, Error> {
        match self.declaration(name)? {
            Declaration::Function(function) => Ok(function),
            other => Err(wrong(name, &other, "a function of a library")),
        }
    }

    /// Where a function is, and the library that must stay open for it. Those of the host are in none.
    fn function_address(
        &self,
        name: &str,
        declared: &cdef::Function,
    ) -> Result<(*mut c_void, Option<Arc<Handle>>), Error> {
        if declared.origin != Origin::Library {
            let function = self.ffi.extern_function(name)?;
            return Ok((function.code().cast_mut(), None));
        }
        let handle = self.handle()?;
        let address = handle.symbol(declared.symbol.as_deref().unwrap_or(name))?;
        Ok((address, Some(handle)))
    }

    /// Where a variable is. Of `extern T name[];` nobody but [`CData::trust`]'s caller knows the length.
    fn variable(
        &self,
        name: &str,
        variable: &cdef::Variable,
    ) -> Result<(*mut u8, Option<Extent>), Error> {
        let handle = self.handle()?;
        let address = handle
            .symbol(variable.symbol.as_deref().unwrap_or(name))?
            .cast();
        let types = self.ffi.types();
        if let CType::Array { length: None, .. } = types.get(types.plain(variable.ty)) {
            return Ok((address, None));
        }
        let size = self.size(variable.ty);
        let size = size.map_err(|error| error.within(|| format!("variable '{name}'")))?;
        Ok((address, Some(Extent::of_library(handle, address, size))))
    }

    fn size(&self, ty: TypeId) -> Result<u64, Error> {
        Ok(layout_of(&**self.ffi.types(), ty)?.size)
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

pub(crate) fn wrong(name: &str, declaration: &Declaration, expected: &'static str) -> Error {
    let found = match declaration {
        Declaration::Function(function) if function.origin != Origin::Library => {
            "a function of the host"
        }
        Declaration::Function(_) => "a function",
        Declaration::Variable(variable) if variable.constant => "a constant variable",
        Declaration::Variable(_) => "a variable",
        Declaration::Constant(_) => "a constant",
        Declaration::Typedef(_) => "a type",
    };
    Error::WrongDeclaration {
        name: name.into(),
        found,
        expected,
    }
}

/// What the system's loader said, which `libloading` keeps as the error's source.
fn reason(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
