//! What a signature must be like before anything looks into it: machine types can be put together in ways that no C
//! type has.

use crate::types::{Field, Record, Type};
use crate::{Error, Signature};

/// Scalars that the types of one signature have at most; classification looks at each.
const MAX_LEAVES: u32 = 1 << 16;
/// Levels of records and arrays. C11 5.2.4.1 asks for 63.
const MAX_DEPTH: u32 = 256;
/// As `__attribute__((aligned))` of gcc on ELF targets, less what no stack has.
const MAX_ALIGN: u64 = 1 << 16;
/// Bytes that the arguments or the result may take. A stack holds less, which only the caller can know;
/// displacements in code reach this far.
const MAX_BYTES: u64 = 1 << 30;

/// Refuses what is no C type, and what no stack could hold.
pub(crate) fn check(signature: &Signature) -> Result<(), Error> {
    let count = signature.params.len();
    if signature
        .fixed
        .is_some_and(|fixed| usize::from(fixed) > count)
    {
        return Err(Error::NotC {
            problem: "more fixed parameters than parameters",
        });
    }
    let types = || signature.params.iter().chain(&signature.result);
    let leaves = types().fold(0u32, |sum, ty| sum.saturating_add(ty.extent().leaves));
    if leaves > MAX_LEAVES || types().any(|ty| ty.extent().depth > MAX_DEPTH) {
        return Err(Error::NotC {
            problem: "types of too many members or levels",
        });
    }
    for ty in types() {
        if matches!(ty, Type::Array(_)) {
            return Err(Error::NotC {
                problem: "an array by value",
            });
        }
        check_type(ty)?;
    }
    let bytes = types()
        .map(Type::size)
        .fold(signature.frame().size(), u64::max);
    if bytes > MAX_BYTES {
        return Err(Error::TooLarge {
            bytes,
            limit: MAX_BYTES,
        });
    }
    Ok(())
}

fn check_type(ty: &Type) -> Result<(), Error> {
    match ty {
        Type::Vector(vector) => {
            let sizes = [vector.size, vector.lane];
            let whole = sizes.iter().all(|size| size.is_power_of_two());
            if !whole || vector.size > 64 || vector.lane > vector.size.min(16) {
                return Err(Error::NotC {
                    problem: "a vector of such a size",
                });
            }
        }
        Type::Array(array) => check_type(&array.element)?,
        Type::Record(record) => check_record(record)?,
        Type::Int(_) | Type::Float(_) | Type::Complex(_) => {}
    }
    Ok(())
}

fn check_record(record: &Record) -> Result<(), Error> {
    for align in [record.align, record.natural_align] {
        if !align.is_power_of_two() || align > MAX_ALIGN {
            return Err(Error::NotC {
                problem: "a record of such an alignment",
            });
        }
    }
    // C11 6.2.8: arrays of it are aligned in every element.
    if !record.size.is_multiple_of(record.align) {
        return Err(Error::NotC {
            problem: "a record whose size is no multiple of its alignment",
        });
    }
    for field in &record.fields {
        if end(field).is_none_or(|end| end > record.size) {
            return Err(Error::NotC {
                problem: "a record with a member outside of it",
            });
        }
        check_type(&field.ty)?;
    }
    Ok(())
}

/// Where a member ends, in bytes from the start of its record.
fn end(field: &Field) -> Option<u64> {
    match field.bits {
        None => field.offset.checked_add(field.ty.size()),
        // Its width, for a zero-width one may stand at the very end of a record.
        Some(bits) => {
            let bits = u64::from(bits.shift) + u64::from(bits.width);
            field
                .offset
                .checked_add(bits.div_ceil(8))
                .filter(|_| bits <= 1 << 16)
        }
    }
}
