//! Tokens to declarations, by recursive descent in one pass: types are made as they are read.
//!
//! ```text
//!   external        what stands at the top level; how to go on after an error
//!     declare       functions, variables, constants, typedefs (macros: #define)
//!     specifiers    what stands before the declarators (keywords, named, attribute)
//!       record      structures and unions (body: their members' types and layout)
//!       enumeration
//!     declarator    pointers, arrays, parameters around the name (manual: lengths that only people read)
//!       derive      the type that they make (modify: what attributes make of it; parameters)
//!     expression    constant expressions, evaluated as they are read (unary, primary, literal, arithmetic)
//! ```
//!
//! Everything goes to a [`Draft`], which becomes part of the [`Declarations`] only if the whole text is right.

mod alignas;
mod arithmetic;
mod attribute;
mod available;
mod body;
mod builtin;
mod compatible;
mod declarator;
mod declare;
mod derive;
mod draft;
mod enumeration;
mod expression;
mod external;
mod float;
mod hexadecimal;
mod initializer;
mod keywords;
mod literal;
mod macros;
mod manual;
mod mode;
mod modify;
mod named;
mod old_style;
mod operand;
mod parameters;
mod primary;
mod record;
mod recover;
mod recycled;
mod specifiers;
mod string;
mod transparent;
mod unary;
mod unimplemented;

use std::borrow::Cow;

use hashbrown::{HashMap, HashSet};

use self::draft::{Draft, Lost, Staged};
use self::macros::{Frame, Macro};
use super::lex::{Define, Lexed, PackChange, Source, Token, TokenKind, lex};
use super::{CdefError, CdefErrorKind, CdefErrors, CdefOptions, Declarations, Origin};
use crate::ctype::{TypeId, TypeTable};

/// C11 5.2.4.1 asks for 63 levels of parentheses and of structures. Each level takes some kilobytes of stack in debug
/// builds, and threads may have only a megabyte. So that a level takes no more than it must, what it only sometimes does is
/// in functions that are not inlined.
const MAX_DEPTH: u32 = 150;

/// Tokens take several times the memory of their text. The largest preprocessed headers have some megabytes.
const MAX_TEXT: usize = 64 << 20;

/// Parses declarations and adds them to `declarations`, or changes nothing.
pub(super) fn declarations(
    declarations: &mut Declarations,
    text: &str,
    options: &CdefOptions,
) -> Result<(), CdefErrors> {
    let source = source(text)?;
    let lexed = lex(&source);
    let key = declarations.table.text_key(text, options);
    if let Some(made) = declarations.table.recycle(key) {
        let mut parser = Parser::new(&source, &lexed, declarations, *options);
        parser.draft.recycle(&made);
        parser.check_options();
        parser.externals();
        let (mut staged, errors) = parser.finish();
        if errors.is_empty() && staged.is_as_before(&declarations.table) {
            let committed = staged.commit(declarations, key);
            return committed.map_err(|lost| lost_race(&source, &declarations.table, lost));
        }
        staged.abandon(&declarations.table);
        match errors.is_empty() {
            true => declarations.table.never_recycle(key),
            // It may be right elsewhere. What is wrong is said of types that have no past.
            false => declarations.table.retire(key, made),
        }
    }
    let mut parser = Parser::new(&source, &lexed, declarations, *options);
    parser.check_options();
    parser.externals();
    let more = parser.uncollected;
    let (staged, errors) = parser.finish();
    if !errors.is_empty() {
        staged.abandon(&declarations.table);
        return Err(in_order(errors, more));
    }
    let committed = staged.commit(declarations, key);
    committed.map_err(|lost| lost_race(&source, &declarations.table, lost))
}

/// The error that another thread completed a type while the text was read.
fn lost_race(source: &Source, table: &TypeTable, lost: Lost) -> CdefErrors {
    let kind = CdefErrorKind::Redefined(table.spelling(lost.ty));
    in_order(vec![source.error(lost.offset, kind)], 0)
}

/// Parses a type name (C11 6.7.7).
pub(super) fn type_name(
    declarations: &Declarations,
    text: &str,
    windows_names: bool,
) -> Result<TypeId, CdefErrors> {
    let source = source(text)?;
    let lexed = lex(&source);
    let options = CdefOptions {
        windows_names,
        ..CdefOptions::default()
    };
    let mut parser = Parser::new(&source, &lexed, declarations, options);
    let parsed = parser.whole_type_name();
    if let Err(failure) = &parsed {
        parser.report(failure);
    }
    let more = parser.uncollected;
    let (staged, errors) = parser.finish();
    match parsed {
        Ok(ty) if errors.is_empty() => {
            let committed = staged.commit_mentioned(declarations);
            committed.map_err(|lost| lost_race(&source, &declarations.table, lost))?;
            Ok(ty)
        }
        _ => {
            staged.abandon(&declarations.table);
            Err(in_order(errors, more))
        }
    }
}

fn source(text: &str) -> Result<Source<'_>, CdefErrors> {
    if text.len() > MAX_TEXT {
        let kind = CdefErrorKind::Unsupported("a text of more than 64 MiB".into());
        return Err(in_order(vec![Source::new("").error(0, kind)], 0));
    }
    Ok(Source::new(text))
}

fn in_order(mut errors: Vec<CdefError>, more: usize) -> CdefErrors {
    errors.sort_by_key(|error| (error.line, error.column));
    CdefErrors { errors, more }
}

/// What went wrong, and at which byte of the spliced text.
#[derive(Debug)]
struct Failure {
    offset: u32,
    kind: CdefErrorKind,
    /// Whether it is listed among the errors already, so that only what holds it fails.
    reported: bool,
}

impl Failure {
    /// The same, once it is listed.
    fn and_reported(mut self: Box<Self>) -> Box<Failure> {
        self.reported = true;
        self
    }
}

type Parsed<T> = Result<T, Box<Failure>>;

struct Parser<'a> {
    source: &'a Source<'a>,
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    define_tokens: &'a [Token],
    /// The macros not yet evaluated.
    defines: &'a [Define],
    /// Those of this text, as far as their bodies matter.
    macros: HashMap<&'a str, Macro<'a>>,
    /// Those that name what is not declared yet.
    waiting: Vec<&'a Define>,
    /// The bodies that are being read.
    frames: Vec<Frame<'a>>,
    /// How many tokens of bodies were read so far.
    expanded: usize,
    /// Whether there was an `#undef`, so that bodies may have other values by now.
    undefined: bool,
    packs: &'a [PackChange],
    options: CdefOptions,
    draft: Draft<'a>,
    /// Who defines the functions declared here: changed by `extern "Python"`.
    origin: Origin,
    depth: u32,
    /// In operands that are not evaluated (`sizeof`, `0 && x`), what has no value is no error.
    unevaluated: u32,
    /// The last name read that has no value in a constant expression.
    without_value: Option<Token>,
    /// How many names of members the text's records have from anonymous members, counted at every level.
    inherited: usize,
    /// Inside a parameter list, array lengths may be other parameters.
    in_parameters: bool,
    /// The parameters that array lengths may name here.
    parameters: HashMap<&'a str, TypeId>,
    /// The parameters that the innermost list's own hide, and where none was the names alone.
    hidden_parameters: Vec<(&'a str, Option<TypeId>)>,
    /// The functions that were declared by an empty list alone.
    without_prototype: HashSet<&'a str>,
    /// The functions with a body, and the variables with a value.
    bodies: HashSet<&'a str>,
    /// Which functions and variables were declared, and whether as `static`.
    linkages: HashMap<&'a str, bool>,
    errors: Vec<CdefError>,
    /// How many more there are than are collected.
    uncollected: usize,
    /// Where the last of them is.
    last_reported: Option<u32>,
    /// Names inside declarations that failed: that they are unknown later follows from the first error.
    failed_names: HashSet<&'a str>,
    /// The same for structures, unions and enumerations whose bodies failed: that they are incomplete follows.
    failed_types: HashSet<String>,
}

impl<'a> Parser<'a> {
    fn new(
        source: &'a Source<'a>,
        lexed: &'a Lexed,
        base: &'a Declarations,
        options: CdefOptions,
    ) -> Parser<'a> {
        Parser {
            source,
            text: &source.text,
            tokens: &lexed.tokens,
            at: 0,
            define_tokens: &lexed.define_tokens,
            defines: &lexed.defines,
            macros: HashMap::new(),
            waiting: Vec::new(),
            frames: Vec::new(),
            expanded: 0,
            undefined: false,
            packs: &lexed.packs,
            options,
            draft: Draft::new(base),
            origin: Origin::Library,
            depth: 0,
            unevaluated: 0,
            without_value: None,
            inherited: 0,
            in_parameters: false,
            parameters: HashMap::new(),
            hidden_parameters: Vec::new(),
            without_prototype: HashSet::new(),
            bodies: HashSet::new(),
            linkages: HashMap::new(),
            errors: lexed.errors.clone(),
            uncollected: 0,
            last_reported: None,
            failed_names: HashSet::new(),
            failed_types: HashSet::new(),
        }
    }

    fn finish(self) -> (Staged, Vec<CdefError>) {
        (self.draft.finish(), self.errors)
    }

    fn table(&self) -> &'a TypeTable {
        self.draft.table
    }

    fn check_options(&mut self) {
        let valid = |pack: u32| pack.is_power_of_two() && pack <= 1 << 28;
        if let Some(pack) = self.options.pack.filter(|&pack| !valid(pack)) {
            let kind = CdefErrorKind::Invalid(format!("'pack' must be a power of two, not {pack}"));
            self.errors.push(self.source.error(0, kind));
        }
    }

    fn peek(&self) -> TokenKind {
        self.tokens[self.at].kind
    }

    /// The kind of a later token; [`TokenKind::End`] after the last.
    fn peek_at(&self, ahead: usize) -> TokenKind {
        self.tokens
            .get(self.at + ahead)
            .map_or(TokenKind::End, |token| token.kind)
    }

    fn token(&self) -> Token {
        self.tokens[self.at]
    }

    fn text_of(&self, token: Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    /// Takes the next token; [`TokenKind::End`] stays.
    fn bump(&mut self) -> Token {
        let token = self.tokens[self.at];
        if token.kind != TokenKind::End {
            self.at += 1;
            if !self.frames.is_empty() {
                self.leave_macros();
            }
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, kind: TokenKind) -> Parsed<Token> {
        if self.peek() == kind {
            Ok(self.bump())
        } else {
            Err(self.expected(kind.describe()))
        }
    }

    /// The failure that the next token is not what could stand here.
    fn expected(&self, expected: impl Into<Cow<'static, str>>) -> Box<Failure> {
        let token = self.token();
        let found = match token.kind {
            TokenKind::End => token.kind.describe().to_string(),
            _ => {
                let text: String = self.text_of(token).chars().take(60).collect();
                format!("'{text}'")
            }
        };
        let kind = CdefErrorKind::Syntax {
            expected: expected.into(),
            found,
        };
        let mut failure = self.fail_at(token, kind);
        // The end of the text may be an empty line.
        if let (TokenKind::End, Some(last)) = (token.kind, self.at.checked_sub(1)) {
            failure.offset = self.tokens[last].end;
        }
        failure
    }

    fn fail_at(&self, token: Token, kind: CdefErrorKind) -> Box<Failure> {
        Box::new(Failure {
            offset: token.start,
            kind,
            reported: false,
        })
    }

    fn invalid(&self, token: Token, what: impl Into<String>) -> Box<Failure> {
        self.fail_at(token, CdefErrorKind::Invalid(what.into()))
    }

    /// Runs `parse` one level of nesting deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.fail_at(self.token(), CdefErrorKind::TooDeep(MAX_DEPTH)));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// The packing in force at the next token.
    fn pack(&self) -> Option<u32> {
        let at = self.outer_at();
        let before = self.packs.partition_point(|change| change.position <= at);
        match before.checked_sub(1).map(|i| self.packs[i].pack) {
            Some(Some(pack)) => Some(pack),
            _ => self.options.pack,
        }
    }

    /// Skips a bracketed group, whose opening token is next.
    fn skip_group(&mut self) -> Parsed<()> {
        let open = self.token();
        let mut depth = 0u32;
        loop {
            match self.peek() {
                TokenKind::ParenOpen | TokenKind::BraceOpen | TokenKind::BracketOpen => depth += 1,
                TokenKind::ParenClose | TokenKind::BraceClose | TokenKind::BracketClose => {
                    depth -= 1
                }
                TokenKind::End => {
                    return Err(self.unclosed(open));
                }
                _ => {}
            }
            self.bump();
            if depth == 0 {
                return Ok(());
            }
        }
    }
}
