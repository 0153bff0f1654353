//! Text to tokens: comments, line splices and preprocessor lines are dealt with here and nowhere later.
//!
//! Every token keeps its place, so that an error of any later stage points into the user's own text.

mod directive;
mod preprocessor;
mod scan;
mod source;
mod token;

pub(super) use directive::{Define, PackChange};
pub(super) use scan::{Lexed, lex};
pub(super) use source::Source;
pub(super) use token::{Token, TokenKind};
