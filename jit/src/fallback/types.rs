//! Machine types as libffi wants them.

use libffi::low::{self, ffi_type, type_tag};

use crate::{Abi, Float, Int, Piece, Reg, ResultPlace, Signature, Type};

/// A type that libffi may keep a pointer to as long as the value lives.
pub(super) struct FfiType {
    pointer: *mut ffi_type,
    /// Whether `pointer` is a synthetic struct of [`FfiType::synthetic`], not one of libffi's own types.
    owned: bool,
}

/// Of a synthetic struct: those of a homogeneous aggregate on AArch64.
const MAX_ELEMENTS: usize = 4;

/// A synthetic struct and its elements, none of which libffi looks at twice.
#[repr(C)]
struct Synthetic {
    ty: ffi_type,
    elements: [*mut ffi_type; MAX_ELEMENTS + 1],
}

impl Drop for FfiType {
    fn drop(&mut self) {
        if self.owned {
            // SAFETY: `synthetic` leaked this very box, whose first member `pointer` is.
            drop(unsafe { Box::from_raw(self.pointer.cast::<Synthetic>()) });
        }
    }
}

impl FfiType {
    pub(super) fn void() -> FfiType {
        FfiType::of_static(&raw mut low::types::void)
    }

    /// The type of an argument or result; the error names what libffi lacks.
    pub(super) fn of(ty: &Type) -> Result<FfiType, &'static str> {
        match ty {
            // libffi's structs of 16 bytes go elsewhere than gcc's `__int128` does, but for System V x86-64.
            Type::Int(Int::I128 | Int::U128) if Abi::HOST != Abi::SysV64 => Err("__int128"),
            Type::Int(Int::I128 | Int::U128) => Ok(FfiType::synthetic(
                16,
                16,
                &[&raw mut low::types::uint64; 2],
            )),
            Type::Int(int) => Ok(FfiType::of_static(int_type(*int))),
            Type::Float(float) => match float {
                Float::F32 => Ok(FfiType::of_static(&raw mut low::types::float)),
                Float::F64 => Ok(FfiType::of_static(&raw mut low::types::double)),
                Float::F80 | Float::F80In12 => {
                    Ok(FfiType::of_static(&raw mut low::types::longdouble))
                }
                Float::F16 | Float::F128 => Err("_Float16 and _Float128"),
            },
            Type::Complex(Float::F16 | Float::F128) => Err("complex _Float16 and _Float128"),
            Type::Complex(float) => Ok(complex(*float)),
            Type::Vector(_) => Err("SIMD vectors"),
            Type::Array(_) => Err("arrays by value"),
            Type::Record(_) if ty.size() == 0 => Err("empty records"),
            Type::Record(_) => record(ty),
        }
    }

    pub(super) fn as_ptr(&self) -> *mut ffi_type {
        self.pointer
    }

    fn of_static(pointer: *mut ffi_type) -> FfiType {
        FfiType {
            pointer,
            owned: false,
        }
    }

    /// A struct with the given size and alignment, whose elements only tell how it is classified.
    /// libffi lays a struct out by itself only when its size is zero.
    fn synthetic(size: u64, align: u64, elements: &[*mut ffi_type]) -> FfiType {
        let mut all = [std::ptr::null_mut(); MAX_ELEMENTS + 1];
        all[..elements.len()].copy_from_slice(elements);
        let ty = ffi_type {
            size: size as usize,
            alignment: align as u16,
            type_: type_tag::STRUCT,
            elements: std::ptr::null_mut(),
        };
        let synthetic = Box::into_raw(Box::new(Synthetic { ty, elements: all }));
        // SAFETY: the box was just leaked.
        unsafe { (*synthetic).ty.elements = (&raw mut (*synthetic).elements).cast() };
        FfiType {
            pointer: synthetic.cast(),
            owned: true,
        }
    }
}

#[cfg(not(windows))]
fn complex(float: Float) -> FfiType {
    FfiType::of_static(match float {
        Float::F32 => &raw mut low::types::complex_float,
        Float::F64 => &raw mut low::types::complex_double,
        _ => &raw mut low::types::complex_longdouble,
    })
}

/// libffi has no complex types there, and gcc passes them as records of two.
#[cfg(windows)]
fn complex(float: Float) -> FfiType {
    let part = match float {
        Float::F32 => &raw mut low::types::float,
        Float::F64 => &raw mut low::types::double,
        _ => &raw mut low::types::longdouble,
    };
    let ty = Type::Complex(float);
    FfiType::synthetic(ty.size(), ty.align(), &[part; 2])
}

/// A synthetic struct that libffi classifies as the ABI's file does.
fn record(ty: &Type) -> Result<FfiType, &'static str> {
    // On 32-bit x86 and AArch64 libffi aligns by the record, gcc by its members.
    if ty.align() > 16 || (ty.align() == 16 && Abi::HOST != Abi::SysV64) {
        return Err("over-aligned records");
    }
    let assignment = Abi::HOST.assign(&Signature::new([], Some(ty.clone())));
    match assignment.map_err(|_| "wide vectors")?.result {
        // A struct of one floating-point number comes back as the number does, and goes to memory as it does.
        ResultPlace::Pieces(pieces)
            if matches!(
                pieces[..],
                [Piece {
                    reg: Reg::X87(_),
                    ..
                }]
            ) =>
        {
            Ok(FfiType::of_static(match pieces[0].size {
                4 => &raw mut low::types::float,
                8 => &raw mut low::types::double,
                _ => &raw mut low::types::longdouble,
            }))
        }
        ResultPlace::Pieces(pieces) => {
            let elements: Option<Vec<_>> = pieces.iter().map(element).collect();
            let elements = elements.ok_or("records of 16-byte vectors")?;
            Ok(FfiType::synthetic(ty.size(), ty.align(), &elements))
        }
        // libffi goes by the size alone there, gcc by the mode.
        _ if Abi::HOST == Abi::MingwCdecl && matches!(ty.size(), 1 | 2 | 4 | 8) => {
            Err("small records of several kinds")
        }
        // On System V x86-64 more than two eightbytes of INTEGER are MEMORY; libffi has no way to say it of fewer.
        // Elsewhere only the size counts.
        _ if ty.size() > 16 || Abi::HOST != Abi::SysV64 => Ok(FfiType::synthetic(
            ty.size(),
            ty.align(),
            &[&raw mut low::types::uint64],
        )),
        _ => Err("packed records"),
    }
}

fn element(piece: &Piece) -> Option<*mut ffi_type> {
    match (piece.reg, piece.size) {
        (Reg::Vector(_), 9..) => None,
        (Reg::Vector(_), 5..) => Some(&raw mut low::types::double),
        (Reg::Vector(_), _) => Some(&raw mut low::types::float),
        _ => Some(&raw mut low::types::uint64),
    }
}

fn int_type(int: Int) -> *mut ffi_type {
    match int {
        Int::I8 => &raw mut low::types::sint8,
        Int::U8 => &raw mut low::types::uint8,
        Int::I16 => &raw mut low::types::sint16,
        Int::U16 => &raw mut low::types::uint16,
        Int::I32 => &raw mut low::types::sint32,
        Int::U32 => &raw mut low::types::uint32,
        Int::I64 => &raw mut low::types::sint64,
        Int::U64 | Int::I128 | Int::U128 => &raw mut low::types::uint64,
    }
}
