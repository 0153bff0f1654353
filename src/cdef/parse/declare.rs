//! Names and what they come to mean: functions, variables, constants, typedefs, macros.

use super::arithmetic::TOO_LARGE;
use super::attribute::Attributes;
use super::declarator::Declarator;
use super::specifiers::{Specifiers, Storage};
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{
    CdefErrorKind, Constant, Declaration, Function, Origin, Typedef, Value, Variable,
};
use crate::ctype::{CType, Primitive, TypeId};
use crate::layout::layout_of;

impl Parser<'_> {
    /// Declares what one declarator names. The answer says whether a function's body ended the declaration.
    pub(super) fn declare(
        &mut self,
        specifiers: &Specifiers,
        declarator: Declarator,
        mut attributes: Attributes,
    ) -> Parsed<bool> {
        let Some(name) = declarator.name else {
            return Err(self.expected("a name"));
        };
        attributes.merge(&specifiers.attributes);
        let typedef = specifiers.storage == Storage::Typedef;
        if typedef {
            self.no_alignas(&attributes, "a typedef")?;
        }
        let (ty, constant) = self.declared_type(specifiers, &declarator, &attributes, name)?;
        let text = self.text_of(name);
        // glibc's headers mark unions by their typedefs.
        let ty = if typedef && attributes.transparent_union {
            self.transparent_typedef(ty, specifiers.has_tag, name)?
        } else {
            ty
        };
        if typedef {
            self.reserve(name, Declaration::Typedef(Typedef { ty, constant }))?;
            self.name_by_typedef(specifiers, &declarator, ty, text);
            return Ok(false);
        }
        let symbol = attributes.symbol.clone();
        self.check_storage(specifiers, name, ty, symbol.is_some())?;
        if let CType::Function(_) = self.table().get(ty) {
            self.no_alignas(&attributes, "a function")?;
            let ty = self.agreed_without_prototype(name, ty);
            self.check_named_parameter(name, ty)?;
            let function = Function {
                ty,
                symbol,
                origin: self.origin,
            };
            self.reserve(name, Declaration::Function(function))?;
            let body = self.peek() == TokenKind::BraceOpen;
            if body {
                self.define_function(specifiers, name)?;
            } else if self.peek() == TokenKind::Assign {
                return Err(self.expected("',' or ';'"));
            }
            return Ok(body);
        }
        if self.origin != Origin::Library {
            return Err(self.invalid(
                name,
                format!("'{text}': only functions may be declared in extern \"Python\""),
            ));
        }
        self.check_alignas(&attributes, ty)?;
        let mut declaration = self.variable(specifiers, name, ty, constant, symbol)?;
        if let Declaration::Variable(variable) = &mut declaration {
            variable.align = attributes.aligned;
        }
        self.reserve(name, declaration)?;
        Ok(false)
    }

    /// cffi has C11's rule, that something stands before `...` (6.7.6.3 §9).
    fn check_named_parameter(&self, name: Token, ty: TypeId) -> Parsed<()> {
        let CType::Function(id) = self.table().get(ty) else {
            return Ok(());
        };
        let function = self.table().function(id);
        if !self.options.cffi || !function.variadic || !function.params.is_empty() {
            return Ok(());
        }
        let what = "a function with only '(...)' as argument is not correct C";
        Err(self.invalid(name, format!("{}: {what}", self.text_of(name))))
    }

    /// Skips a function's body, of which there may be one. An `extern inline` one may stand beside the function itself.
    fn define_function(&mut self, specifiers: &Specifiers, name: Token) -> Parsed<()> {
        let text = self.text_of(name);
        let visible = specifiers.storage != Storage::Static && !specifiers.inline;
        if self.options.cffi && visible {
            let what = "unexpected <FuncDef>: this construct is valid C but not valid in cdef()";
            return Err(self.invalid(name, what));
        }
        let inline = specifiers.inline && specifiers.storage != Storage::Static;
        if !inline && !self.bodies.insert(text) && !self.options.replace {
            return Err(self.fail_at(name, CdefErrorKind::Redefined(text.into())));
        }
        self.skip_group()
    }

    /// A variable, or a constant if its value stands here.
    fn variable(
        &mut self,
        specifiers: &Specifiers,
        name: Token,
        ty: TypeId,
        constant: bool,
        symbol: Option<Box<str>>,
    ) -> Parsed<Declaration> {
        let is_void = ty == self.table().void();
        if is_void {
            return Err(self.invalid(
                name,
                format!("variable '{}' has type void", self.text_of(name)),
            ));
        }
        let constant = constant || specifiers.storage == Storage::Constexpr;
        let number = self.arithmetic_type(ty);
        if self.eat(TokenKind::Assign) {
            if let (true, Some(primitive)) = (constant, number) {
                let value = self.initial_value(primitive)?;
                return Ok(Declaration::Constant(Constant { ty, value }));
            }
            if !self.bodies.insert(self.text_of(name)) && !self.options.replace {
                return Err(self.fail_at(name, CdefErrorKind::Redefined(self.text_of(name).into())));
            }
            self.check_initializer(ty)?;
            let ty = self.initialized(ty)?;
            return Ok(Declaration::Variable(Variable {
                ty,
                constant,
                symbol,
                align: None,
            }));
        } else if constant && number.is_some() && specifiers.storage == Storage::Static {
            return Ok(Declaration::Constant(Constant {
                ty,
                value: Value::Deferred,
            }));
        }
        Ok(Declaration::Variable(Variable {
            ty,
            constant,
            symbol,
            align: None,
        }))
    }

    /// Reads an initialiser. It tells how long an array is, unless it names what is not declared here: then the library knows.
    #[inline(never)]
    fn initialized(&mut self, ty: TypeId) -> Parsed<TypeId> {
        let table = self.table();
        let place = self.place();
        let CType::Array {
            element,
            length: None,
        } = table.get(ty)
        else {
            self.skip_initializer()?;
            return Ok(ty);
        };
        let (errors, last_reported) = (self.errors.len(), self.last_reported);
        let length = self.unevaluated(|p| p.initial_length(element));
        self.errors.truncate(errors);
        self.last_reported = last_reported;
        self.go_back(place);
        self.skip_initializer()?;
        let array = length.map(|length| table.array(element, Some(length)));
        Ok(match array {
            Ok(array) if layout_of(&self.draft, array).is_ok() => array,
            _ => ty,
        })
    }

    /// Refuses storage classes that make no sense outside of functions, and a name that is `static` only at times (C11 6.2.2 §7).
    #[inline(never)]
    fn check_storage(
        &mut self,
        specifiers: &Specifiers,
        name: Token,
        ty: TypeId,
        labelled: bool,
    ) -> Parsed<()> {
        let class = specifiers.storage_class.map(|class| class.kind);
        let function = matches!(self.table().get(ty), CType::Function(_));
        let text = self.text_of(name);
        let local = match class {
            Some(TokenKind::Auto) => true,
            Some(TokenKind::Register) => (function || !labelled) && !self.options.cffi,
            _ => false,
        };
        if local {
            return Err(self.invalid(name, format!("'{text}' is not inside a function")));
        }
        let is_static = class == Some(TokenKind::Static);
        let follows = function || class == Some(TokenKind::Extern);
        let before = *self.linkages.entry(text).or_insert(is_static);
        let differs = before != is_static && !(before && follows);
        if differs && !self.options.replace {
            let (before, now) = if before { ("", "not ") } else { ("not ", "") };
            let what = format!("'{text}' was {before}'static' before and is {now}'static' here");
            return Err(self.invalid(name, what));
        }
        Ok(())
    }

    /// The value of a constant's initialiser, converted to its type.
    fn initial_value(&mut self, ty: Primitive) -> Parsed<Value> {
        let at = self.token();
        let braced = self.eat(TokenKind::BraceOpen);
        let value = self.constant_expression()?;
        if braced {
            self.expect(TokenKind::BraceClose)?;
        }
        match self.convert(value.value, ty) {
            Some(value) => Ok(value.into()),
            None => Err(self.fail_at(at, CdefErrorKind::Unsupported(TOO_LARGE.into()))),
        }
    }

    /// Skips a variable's initialiser. The length of `T x[] = {...}` stays open: the library knows it.
    fn skip_initializer(&mut self) -> Parsed<()> {
        if let TokenKind::Comma | TokenKind::Semicolon = self.peek() {
            return Err(self.expected("an initializer"));
        }
        loop {
            match self.peek() {
                TokenKind::Comma | TokenKind::Semicolon => return Ok(()),
                TokenKind::ParenOpen | TokenKind::BraceOpen | TokenKind::BracketOpen => {
                    self.skip_group()?
                }
                TokenKind::End
                | TokenKind::ParenClose
                | TokenKind::BraceClose
                | TokenKind::BracketClose => {
                    return Err(self.expected("',' or ';'"));
                }
                _ => {
                    self.bump();
                }
            }
        }
    }

    /// Declares a name unless it means something else already.
    pub(super) fn reserve(&mut self, name: Token, new: Declaration) -> Parsed<()> {
        let text = self.text_of(name);
        let new = match self.draft.name(text) {
            Some(old) if !self.options.replace => match self.merge(old, new) {
                Some(merged) => merged,
                None => {
                    let kind = CdefErrorKind::Redeclared {
                        name: text.into(),
                        before: self.describe(text, old),
                    };
                    return Err(self.fail_at(name, kind));
                }
            },
            _ => new,
        };
        self.draft.declare(text, new);
        Ok(())
    }

    /// Both declarations as one, if they agree (C11 6.2.7 §4, 6.7 §3).
    fn merge(&self, old: &Declaration, new: Declaration) -> Option<Declaration> {
        match (old, new) {
            (Declaration::Function(old), Declaration::Function(new))
                if self.same_for_c(old.ty, new.ty) =>
            {
                let symbol = new.symbol.or_else(|| old.symbol.clone());
                let origin = if old.origin == Origin::Library {
                    new.origin
                } else {
                    old.origin
                };
                Some(Declaration::Function(Function {
                    ty: new.ty,
                    symbol,
                    origin,
                }))
            }
            (Declaration::Variable(old), Declaration::Variable(new))
                if old.constant == new.constant =>
            {
                let ty = self.composite(old.ty, new.ty)?;
                let symbol = new.symbol.or_else(|| old.symbol.clone());
                Some(Declaration::Variable(Variable {
                    ty,
                    symbol,
                    constant: new.constant,
                    align: old.align.max(new.align),
                }))
            }
            (Declaration::Typedef(old), Declaration::Typedef(new))
                if old.constant == new.constant && self.same_type(old.ty, new.ty) =>
            {
                Some(Declaration::Typedef(*old))
            }
            (Declaration::Constant(old), Declaration::Constant(new)) if old.ty == new.ty => {
                match (old.value, new.value) {
                    (Value::Deferred, _) => Some(Declaration::Constant(new)),
                    // `static const int x = 1; static const int x;`
                    (_, Value::Deferred) => Some(Declaration::Constant(*old)),
                    _ if self.options.cffi && old.value == new.value => {
                        Some(Declaration::Constant(*old))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// An array without a length agrees with one that has it.
    fn composite(&self, old: TypeId, new: TypeId) -> Option<TypeId> {
        let table = self.table();
        match (table.get(old), table.get(new)) {
            _ if old == new => Some(new),
            (
                CType::Array {
                    element: a,
                    length: None,
                },
                CType::Array { element: b, .. },
            ) if a == b => Some(new),
            (
                CType::Array { element: a, .. },
                CType::Array {
                    element: b,
                    length: None,
                },
            ) if a == b => Some(old),
            _ => self.same_for_c(old, new).then_some(new),
        }
    }

    fn describe(&self, name: &str, declaration: &Declaration) -> String {
        let table = self.table();
        match declaration {
            Declaration::Function(function) => {
                format!("'{}'", table.declaration(function.ty, name))
            }
            Declaration::Variable(variable) => {
                format!("'{}'", table.declaration(variable.ty, name))
            }
            Declaration::Typedef(typedef)
                if let Some(text) = self.deferred_typedef_text(name, typedef.ty) =>
            {
                format!("'{text}'")
            }
            Declaration::Typedef(typedef) => {
                let constant = if typedef.constant { "const " } else { "" };
                format!(
                    "'typedef {constant}{}'",
                    table.declaration(typedef.ty, name)
                )
            }
            Declaration::Constant(Constant {
                value: Value::Integer(value),
                ..
            }) => format!("the constant {value}"),
            Declaration::Constant(Constant {
                value: Value::Float(value),
                ..
            }) => format!("the constant {value}"),
            Declaration::Constant(_) => "a constant".into(),
        }
    }

    /// The first typedef that names a record or enumeration directly names it for good, as in cffi.
    fn name_by_typedef(
        &mut self,
        specifiers: &Specifiers,
        declarator: &Declarator,
        ty: TypeId,
        name: &str,
    ) {
        if declarator.is_plain() && specifiers.takes_name {
            self.draft.name_by_typedef(self.table().plain(ty), name);
        }
    }
}
