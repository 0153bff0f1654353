//! Attributes in all their spellings, and the calling-convention keywords.

use super::alignas::Alignas;
use super::mode::Mode;
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::Convention;
use crate::layout::{BitFieldRules, RecordRules};

/// What attributes said about a declaration, a member or a record. Those without an effect on types, symbols or calls
/// are passed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    pub(super) packed: bool,
    /// The strictest alignment asked for, in bytes: that of a member or a variable.
    pub(super) aligned: Option<u32>,
    /// The alignment asked for last, in bytes: that of a record or a typedef for gcc.
    pub(super) last_aligned: Option<u32>,
    /// What `_Alignas` asked for.
    pub(super) alignas: Option<Alignas>,
    pub(super) bit_fields: Option<BitFieldRules>,
    pub(super) transparent_union: bool,
    pub(super) convention: Option<Convention>,
    pub(super) mode: Option<Mode>,
    /// Size in bytes.
    pub(super) vector_size: Option<u32>,
    /// The `asm` label.
    pub(super) symbol: Option<Box<str>>,
}

/// In which brackets attributes stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// `__attribute__((packed))`
    Gnu,
    /// `[[gnu::packed]]`
    Standard,
}

/// An attribute's name, which may stand between double underscores.
fn bare(name: &str) -> &str {
    let inside = name
        .strip_prefix("__")
        .and_then(|name| name.strip_suffix("__"));
    inside.filter(|name| !name.is_empty()).unwrap_or(name)
}

impl Attributes {
    /// Adds what other attributes said.
    pub(super) fn merge(&mut self, other: &Attributes) {
        self.packed |= other.packed;
        self.aligned = self.aligned.max(other.aligned);
        self.last_aligned = other.last_aligned.or(self.last_aligned);
        self.alignas = self.alignas.or(other.alignas);
        self.bit_fields = self.bit_fields.or(other.bit_fields);
        self.transparent_union |= other.transparent_union;
        self.convention = self.convention.or(other.convention);
        self.symbol = self.symbol.take().or_else(|| other.symbol.clone());
    }

    /// Adds what other attributes said, those that change types included.
    pub(super) fn merge_own(&mut self, other: &Attributes) {
        self.merge(other);
        self.mode = self.mode.or(other.mode);
        self.vector_size = self.vector_size.or(other.vector_size);
    }

    pub(super) fn align(&mut self, bytes: u32) {
        self.aligned = self.aligned.max(Some(bytes));
        self.last_aligned = Some(bytes);
    }

    /// Takes the alignment out, as attributes of their own.
    pub(super) fn take_alignment(&mut self) -> Attributes {
        Attributes {
            aligned: self.aligned.take(),
            last_aligned: self.last_aligned.take(),
            ..Attributes::default()
        }
    }

    /// What a record or a typedef is aligned to by all that was asked.
    pub(super) fn type_align(&self, rules: RecordRules) -> Option<u32> {
        if rules == RecordRules::Msvc {
            self.aligned
        } else {
            self.last_aligned
        }
    }
}

impl Parser<'_> {
    /// Reads all attributes that stand next.
    pub(super) fn attributes(&mut self) -> Parsed<Attributes> {
        let mut attributes = Attributes::default();
        while self.attribute_specifier(&mut attributes)? {}
        Ok(attributes)
    }

    /// Reads the attributes after a record's braces. A `__declspec` there belongs to what is declared after it.
    pub(super) fn attributes_of_body(&mut self) -> Parsed<Attributes> {
        let mut attributes = Attributes::default();
        while !self.at_declspec() && self.attribute_specifier(&mut attributes)? {}
        Ok(attributes)
    }

    /// Reads the attributes and the `asm` label after a declarator.
    #[inline(never)]
    pub(super) fn declarator_attributes(&mut self) -> Parsed<Attributes> {
        let mut attributes = Attributes::default();
        loop {
            if self.peek() == TokenKind::Asm {
                self.asm_label(&mut attributes)?;
            } else if !self.attribute_specifier(&mut attributes)? {
                return Ok(attributes);
            }
        }
    }

    /// Reads one attribute specifier, if one is next.
    #[inline(never)]
    pub(super) fn attribute_specifier(&mut self, found: &mut Attributes) -> Parsed<bool> {
        let convention = match self.peek() {
            TokenKind::Attribute => {
                self.gnu_attributes(found)?;
                return Ok(true);
            }
            TokenKind::Declspec => {
                self.declspec(found)?;
                return Ok(true);
            }
            TokenKind::BracketOpen if self.peek_at(1) == TokenKind::BracketOpen => {
                self.standard_attributes(found)?;
                return Ok(true);
            }
            TokenKind::Stdcall => Convention::Stdcall,
            TokenKind::Cdecl => Convention::Default,
            TokenKind::Fastcall => Convention::Fastcall,
            TokenKind::Thiscall => Convention::Thiscall,
            TokenKind::Vectorcall => Convention::Vectorcall,
            _ => return Ok(false),
        };
        let at = self.bump();
        self.call_convention(convention, at, found)?;
        Ok(true)
    }

    /// Notes a convention, of which a function has but one.
    fn call_convention(
        &self,
        convention: Convention,
        at: Token,
        found: &mut Attributes,
    ) -> Parsed<()> {
        let convention = self.effective(convention);
        match found.convention.replace(convention) {
            None | Some(Convention::Default) => Ok(()),
            Some(earlier) if earlier == convention || convention == Convention::Default => Ok(()),
            Some(earlier) => {
                let (earlier, convention) = (earlier.keyword(), convention.keyword());
                Err(self.invalid(at, format!("'{convention}' contradicts '{earlier}'")))
            }
        }
    }

    fn asm_label(&mut self, found: &mut Attributes) -> Parsed<()> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let mut symbol = String::new();
        loop {
            let token = self.expect(TokenKind::String)?;
            symbol.push_str(self.text_of(token).trim_matches('"'));
            if self.eat(TokenKind::ParenClose) {
                break;
            }
        }
        found.symbol = Some(symbol.into());
        Ok(())
    }

    /// `__attribute__((a, b(1)))`
    fn gnu_attributes(&mut self, found: &mut Attributes) -> Parsed<()> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        self.expect(TokenKind::ParenOpen)?;
        self.attribute_list(found, Syntax::Gnu)?;
        self.expect(TokenKind::ParenClose)?;
        self.expect(TokenKind::ParenClose)?;
        Ok(())
    }

    /// `[[gnu::packed, deprecated("...")]]` (C23 6.7.12)
    fn standard_attributes(&mut self, found: &mut Attributes) -> Parsed<()> {
        self.bump();
        self.bump();
        self.attribute_list(found, Syntax::Standard)?;
        self.expect(TokenKind::BracketClose)?;
        self.expect(TokenKind::BracketClose)?;
        Ok(())
    }

    fn attribute_list(&mut self, found: &mut Attributes, syntax: Syntax) -> Parsed<()> {
        let close = match syntax {
            Syntax::Gnu => TokenKind::ParenClose,
            Syntax::Standard => TokenKind::BracketClose,
        };
        loop {
            if self.peek() == close {
                return Ok(());
            }
            if self.eat(TokenKind::Comma) {
                continue;
            }
            self.attribute(found, syntax)?;
            if self.peek() != close && self.peek() != TokenKind::Comma {
                return Err(self.expected(format!("',' or {}", close.describe())));
            }
        }
    }

    /// One attribute: a name (a keyword such as `const` may be one), perhaps with a scope and arguments.
    fn attribute(&mut self, found: &mut Attributes, syntax: Syntax) -> Parsed<()> {
        let mut name = self.attribute_name()?;
        let mut scope = None;
        while self.peek() == TokenKind::Colon && self.peek_at(1) == TokenKind::Colon {
            self.bump();
            self.bump();
            scope = Some(bare(self.text_of(name)));
            name = self.attribute_name()?;
        }
        // C's own attributes, and those of other compilers, change neither types nor calls (C23 6.7.12.1).
        if matches!(
            (syntax, scope),
            (Syntax::Gnu, None) | (Syntax::Standard, Some("gnu" | "clang" | "_Clang"))
        ) {
            self.apply(name, found)?;
        }
        if self.peek() == TokenKind::ParenOpen {
            self.skip_group()
        } else {
            Ok(())
        }
    }

    /// Notes what an attribute asks for.
    fn apply(&mut self, name: Token, found: &mut Attributes) -> Parsed<()> {
        match bare(self.text_of(name)) {
            "packed" => found.packed = true,
            "aligned" => {
                let align = self
                    .alignment_argument()?
                    .unwrap_or(self.table().model().max_align as u32);
                found.align(align);
            }
            "ms_struct" => found.bit_fields = Some(BitFieldRules::Microsoft),
            "gcc_struct" => found.bit_fields = Some(BitFieldRules::SysV),
            "transparent_union" => found.transparent_union = true,
            "stdcall" => self.call_convention(Convention::Stdcall, name, found)?,
            "cdecl" => self.call_convention(Convention::Default, name, found)?,
            "fastcall" => self.call_convention(Convention::Fastcall, name, found)?,
            "thiscall" => self.call_convention(Convention::Thiscall, name, found)?,
            "vectorcall" => self.call_convention(Convention::Vectorcall, name, found)?,
            "ms_abi" => self.call_convention(Convention::MsAbi, name, found)?,
            "sysv_abi" => self.call_convention(Convention::SysvAbi, name, found)?,
            "regparm" => {
                let count = self.number_argument()?.0.clamp(0, 3) as u8;
                let convention = if count == 0 {
                    Convention::Default
                } else {
                    Convention::Regparm(count)
                };
                self.call_convention(convention, name, found)?;
            }
            "mode" => found.mode = Some(self.mode_argument()?),
            "vector_size" => {
                let (size, at) = self.number_argument()?;
                let size = u32::try_from(size)
                    .ok()
                    .filter(|size| size.is_power_of_two() && *size <= 1 << 16);
                found.vector_size =
                    Some(size.ok_or_else(|| {
                        self.invalid(at, "the vector's size must be a power of two")
                    })?);
            }
            other => return self.check_attribute(name, other),
        }
        Ok(())
    }

    pub(super) fn attribute_name(&mut self) -> Parsed<Token> {
        let token = self.token();
        let is_word = self
            .text_of(token)
            .starts_with(|c: char| c.is_alphabetic() || c == '_');
        if is_word {
            Ok(self.bump())
        } else {
            Err(self.expected("an attribute's name"))
        }
    }

    /// `__declspec(align(8) dllimport)`. gcc for Windows defines `__declspec(x)` as `__attribute__((x))`, and has no attribute
    /// `align`.
    fn declspec(&mut self, found: &mut Attributes) -> Parsed<()> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        while !self.eat(TokenKind::ParenClose) {
            if self.eat(TokenKind::Comma) {
                continue;
            }
            if self.table().model().rules == RecordRules::Mingw {
                self.attribute(found, Syntax::Gnu)?;
                continue;
            }
            let name = self.attribute_name()?;
            if self.text_of(name) == "align" {
                if let Some(align) = self.alignment_argument()? {
                    found.align(align);
                }
            } else if self.peek() == TokenKind::ParenOpen {
                self.skip_group()?;
            }
        }
        Ok(())
    }

    /// Whether the next token is a `__declspec` that has rules of its own, not gcc's other word for attributes.
    pub(super) fn at_declspec(&self) -> bool {
        self.peek() == TokenKind::Declspec && self.table().model().rules != RecordRules::Mingw
    }

    /// `(n)`, if it is there.
    fn alignment_argument(&mut self) -> Parsed<Option<u32>> {
        if self.peek() != TokenKind::ParenOpen || self.peek_at(1) == TokenKind::ParenClose {
            return Ok(None);
        }
        let (value, at) = self.number_argument()?;
        self.alignment(value, at)
    }

    fn number_argument(&mut self) -> Parsed<(i128, Token)> {
        self.expect(TokenKind::ParenOpen)?;
        let at = self.token();
        let number = self.nested(Self::constant_expression)?;
        self.expect(TokenKind::ParenClose)?;
        let value = number.value.integer();
        Ok((
            value.ok_or_else(|| self.invalid(at, "an integer must stand here"))?,
            at,
        ))
    }

    /// gcc limits alignments to 2^28 bytes; no file format has more.
    pub(super) fn alignment(&self, value: i128, at: Token) -> Parsed<Option<u32>> {
        match u32::try_from(value) {
            Ok(0) => Ok(None),
            Ok(align) if align.is_power_of_two() && align <= 1 << 28 => Ok(Some(align)),
            _ => Err(self.invalid(
                at,
                format!("alignment {value} is not a power of two up to 2^28"),
            )),
        }
    }
}
