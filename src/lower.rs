//! C types to machine types: what remains of a function type when only its calls matter.

use std::sync::{Arc, Mutex, PoisonError};

use farcall_jit as jit;
use hashbrown::HashMap;

use crate::Error;
use crate::ctype::{
    Bits, CType, Convention, FunctionType, Passing, Primitive, PrimitiveKind, RecordId, RecordKind,
    TypeId, TypeTable,
};
use crate::layout::{Arch, DataModel, LongDoubleFormat, RecordRules, layout_of};

/// Lowers the types of one table. Each record is lowered once.
#[derive(Debug)]
pub struct Lowering {
    types: Arc<TypeTable>,
    records: Mutex<HashMap<RecordId, jit::Type>>,
}

impl Lowering {
    /// Nothing lowered yet.
    pub fn new(types: Arc<TypeTable>) -> Lowering {
        Lowering {
            types,
            records: Mutex::default(),
        }
    }

    /// The table of the types.
    pub fn types(&self) -> &Arc<TypeTable> {
        &self.types
    }

    /// The machine signature of a call of the function `name` with variable arguments of the given types (none
    /// unless it is variadic).
    ///
    /// ```
    /// use farcall::Ffi;
    /// use farcall::ctype::CType;
    ///
    /// let ffi = Ffi::new();
    /// ffi.cdef("double ldexp(double, int);")?;
    /// let ty = ffi.declarations().function("ldexp").unwrap().ty;
    /// let CType::Function(id) = ffi.types().get(ty) else { unreachable!() };
    /// let signature = ffi.lowering().signature("ldexp", ffi.types().function(id), &[])?;
    /// assert_eq!(signature.frame().offsets(), [0, 8]);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Layout`] where a type by value is incomplete, [`Error::Convention`], [`Error::TooManyParameters`].
    pub fn signature(
        &self,
        name: &str,
        function: &FunctionType,
        variable: &[TypeId],
    ) -> Result<jit::Signature, Error> {
        let abi = self.abi(function.convention);
        let abi = abi.ok_or_else(|| Error::Convention {
            function: name.into(),
            convention: function.convention.keyword(),
        })?;
        let lower = |(index, &ty): (usize, &TypeId)| {
            let place = || format!("argument {} of '{name}'", index + 1);
            self.argument_type(ty).map_err(|error| error.within(place))
        };
        let params = function
            .params
            .iter()
            .chain(variable)
            .enumerate()
            .map(lower);
        let params = params.collect::<Result<Vec<_>, _>>()?;
        let result = match self.types.get(self.types.plain(function.result)) {
            CType::Void => None,
            _ => {
                let place = || format!("result of '{name}'");
                let result = self.machine_type(function.result);
                Some(result.map_err(|error| error.within(place))?)
            }
        };
        let signature = jit::Signature {
            abi,
            ..jit::Signature::new(params, result)
        };
        if !function.variadic {
            return Ok(signature);
        }
        let fixed = u16::try_from(function.params.len());
        let fixed = fixed.map_err(|_| Error::TooManyParameters {
            function: name.into(),
        })?;
        Ok(signature.variadic(fixed))
    }

    /// The ABI of a convention on the types' target; none where it has no such convention, or nothing here knows it.
    fn abi(&self, convention: Convention) -> Option<jit::Abi> {
        let model = self.types.model();
        let default = default_abi(model);
        let x86 = |convention| default.with_convention(convention);
        match convention {
            Convention::Default => Some(default),
            Convention::Stdcall => x86(jit::X86Convention::Stdcall),
            Convention::Fastcall => x86(jit::X86Convention::Fastcall),
            Convention::Thiscall => x86(jit::X86Convention::Thiscall),
            Convention::MsAbi if model.arch == Arch::X86_64 => Some(jit::Abi::Win64),
            Convention::SysvAbi if model.arch == Arch::X86_64 => Some(jit::Abi::SysV64),
            _ => None,
        }
    }

    /// The machine type of an argument. A transparent union goes as its first member would; results and members do not.
    fn argument_type(&self, ty: TypeId) -> Result<jit::Type, Error> {
        let types = &*self.types;
        if let CType::Record(id) = types.get(types.plain(ty))
            && let Some(body) = types.record(id).body()
            && let (Passing::AsFirstMember, Some(first)) = (body.passing, body.fields.first())
        {
            return self.machine_type(first.ty);
        }
        self.machine_type(ty)
    }

    /// The machine type of a C type by value.
    ///
    /// # Errors
    ///
    /// [`Error::Layout`] if its size is not known.
    pub fn machine_type(&self, ty: TypeId) -> Result<jit::Type, Error> {
        let types = &*self.types;
        let layout = layout_of(types, ty)?;
        Ok(match types.get(types.plain(ty)) {
            CType::Primitive(primitive) => primitive_type(types, primitive),
            CType::Pointer(_) => integer(layout.size, false).into(),
            CType::Enum(id) => {
                let body = types.enumeration(id).body();
                let signed = body.is_some_and(|body| body.underlying.is_signed(types.model()));
                integer(layout.size, signed).into()
            }
            CType::Array { element, length } => {
                jit::Type::array(self.machine_type(element)?, length.unwrap_or(0))
            }
            CType::Vector { element, lanes } => vector(types, element, lanes, layout.size),
            CType::Record(id) => self.record(id)?,
            CType::Void | CType::Function(_) | CType::Aligned { .. } | CType::Deferred(_) => {
                unreachable!("these have no layout, or were taken off")
            }
        })
    }

    fn record(&self, id: RecordId) -> Result<jit::Type, Error> {
        let known = || self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lowered) = known().get(&id) {
            return Ok(lowered.clone());
        }
        let lowered = self.new_record(id)?;
        known().insert(id, lowered.clone());
        Ok(lowered)
    }

    fn new_record(&self, id: RecordId) -> Result<jit::Type, Error> {
        let record = self.types.record(id);
        let body = record.body().expect("a record with a layout has a body");
        let fields = body.fields.iter().map(|field| {
            let ty = match self.types.get(field.ty) {
                // Nothing but the array itself has the layout of one of unknown length.
                CType::Array {
                    element,
                    length: None,
                } => jit::Type::flexible_array(self.machine_type(element)?),
                _ => self.machine_type(field.ty)?,
            };
            Ok(match field.bits {
                None => jit::Field::new(field.offset, ty),
                Some(Bits { shift, width }) => {
                    let named = field.name.is_some();
                    jit::Field::bits(
                        field.offset,
                        ty,
                        jit::Bits {
                            shift,
                            width,
                            named,
                        },
                    )
                }
            })
        });
        let fields = fields.collect::<Result<Vec<_>, Error>>()?;
        let record = match record.kind {
            RecordKind::Struct => jit::Record::structure(body.size, body.align, fields),
            RecordKind::Union => jit::Record::union(body.size, body.align, fields),
        };
        Ok(record.naturally_aligned(body.natural_align).into())
    }
}

/// What a target's C compilers use where nothing is said. Systems whose ABI differs from the named targets' are known
/// as hosts.
fn default_abi(model: &DataModel) -> jit::Abi {
    if *model == DataModel::HOST {
        return jit::Abi::HOST;
    }
    match (model.arch, model.rules) {
        (Arch::X86_64, RecordRules::SysV) => jit::Abi::SysV64,
        (Arch::X86_64, RecordRules::Mingw | RecordRules::Msvc) => jit::Abi::Win64,
        (Arch::Aarch64, _) => jit::Abi::Aapcs64,
        (Arch::X86, RecordRules::SysV) => jit::Abi::X86Cdecl,
        (Arch::X86, RecordRules::Mingw) => jit::Abi::MingwCdecl,
        (Arch::X86, RecordRules::Msvc) => jit::Abi::MsvcCdecl,
    }
}

fn vector(types: &TypeTable, element: TypeId, lanes: u32, size: u64) -> jit::Type {
    let float =
        matches!(types.get(element), CType::Primitive(p) if p.kind() == PrimitiveKind::Float);
    // What does not fit is no vector that a machine has, and is refused as such.
    let lane = size.checked_div(lanes.into()).unwrap_or(0);
    let small = |size: u64| u8::try_from(size).unwrap_or(u8::MAX);
    jit::Vector {
        size: small(size),
        lane: small(lane),
        float,
    }
    .into()
}

fn primitive_type(types: &TypeTable, primitive: Primitive) -> jit::Type {
    let size = primitive.layout(types.model()).size;
    match primitive.kind() {
        PrimitiveKind::Float => float(types, primitive, size).into(),
        PrimitiveKind::Complex => jit::Type::Complex(float(types, primitive, size / 2)),
        _ => integer(size, primitive.is_signed(types.model())).into(),
    }
}

/// The formats of `long double` and its aliases are the target's; all others follow from the size.
fn float(types: &TypeTable, primitive: Primitive, size: u64) -> jit::Float {
    let component = primitive.component().unwrap_or(primitive);
    match (component, types.model().long_double.format) {
        (Primitive::LongDouble | Primitive::Float64x, LongDoubleFormat::X87) => match size {
            12 => jit::Float::F80In12,
            _ => jit::Float::F80,
        },
        _ => match size {
            2 => jit::Float::F16,
            4 => jit::Float::F32,
            8 => jit::Float::F64,
            _ => jit::Float::F128,
        },
    }
}

fn integer(size: u64, signed: bool) -> jit::Int {
    match (size, signed) {
        (1, true) => jit::Int::I8,
        (1, false) => jit::Int::U8,
        (2, true) => jit::Int::I16,
        (2, false) => jit::Int::U16,
        (4, true) => jit::Int::I32,
        (4, false) => jit::Int::U32,
        (8, true) => jit::Int::I64,
        (8, false) => jit::Int::U64,
        (_, true) => jit::Int::I128,
        (_, false) => jit::Int::U128,
    }
}
