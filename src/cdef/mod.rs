//! C declarations: from text to types and names.

mod compiler;
mod declaration;
mod declarations;
mod error;
mod include;
mod lex;
mod parse;
mod posix;
mod predefined;
mod windows;

pub use declaration::{
    CdefOptions, Constant, Declaration, Function, Origin, Tag, Typedef, Value, Variable,
};
pub use declarations::Declarations;
pub use error::{CdefError, CdefErrorKind, CdefErrors};
