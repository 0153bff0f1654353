//! Text to declarations.

use super::{CdefError, CdefErrorKind, CdefErrors, CdefOptions, Declarations};
use crate::ctype::TypeId;

pub(super) fn declarations(
    _: &mut Declarations,
    _: &str,
    _: &CdefOptions,
) -> Result<(), CdefErrors> {
    Err(unsupported())
}

pub(super) fn type_name(_: &Declarations, _: &str) -> Result<TypeId, CdefErrors> {
    Err(unsupported())
}

fn unsupported() -> CdefErrors {
    CdefErrors(vec![CdefError {
        kind: CdefErrorKind::Unsupported("this".into()),
        line: 1,
        column: 1,
        source_line: "".into(),
        origin: None,
    }])
}
