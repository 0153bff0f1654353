//! Tokens and keywords.

/// A token and its place in the spliced text ([`Source`](super::Source)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

macro_rules! tokens {
    (
        plain { $($plain:ident),* }
        punctuation { $($punct:ident $punct_text:literal),* }
        keywords { $($keyword:ident $($keyword_text:literal)+;)* }
    ) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub(crate) enum TokenKind { $($plain,)* $($punct,)* $($keyword,)* }

        impl TokenKind {
            /// The keyword that an identifier is, in any of its spellings.
            pub(super) fn keyword(text: &str) -> Option<TokenKind> {
                Some(match text {
                    $($($keyword_text)|+ => TokenKind::$keyword,)*
                    _ => return None,
                })
            }

            /// How the token is shown in an error message.
            pub(crate) fn describe(self) -> &'static str {
                match self {
                    TokenKind::Identifier => "a name",
                    TokenKind::Number => "a number",
                    TokenKind::Character => "a character constant",
                    TokenKind::String => "a string",
                    TokenKind::End => "the end of the text",
                    TokenKind::Stray => "a stray character",
                    $(TokenKind::$punct => concat!("'", $punct_text, "'"),)*
                    $(TokenKind::$keyword => "a keyword",)*
                }
            }
        }
    };
}

tokens! {
    plain { Identifier, Number, Character, String, Stray, End }
    punctuation {
        ParenOpen "(", ParenClose ")", BraceOpen "{", BraceClose "}", BracketOpen "[", BracketClose "]",
        Semicolon ";", Comma ",", Colon ":", Question "?", Assign "=", Dot ".", Ellipsis "...", Arrow "->",
        Star "*", Plus "+", Minus "-", Slash "/", Percent "%", Ampersand "&", Pipe "|", Caret "^", Tilde "~",
        Bang "!", Less "<", Greater ">", LessEqual "<=", GreaterEqual ">=", Equal "==", NotEqual "!=",
        AndAnd "&&", OrOr "||", ShiftLeft "<<", ShiftRight ">>", Operator "an operator"
    }
    keywords {
        Typedef "typedef";
        Extern "extern";
        Static "static";
        Inline "inline" "__inline" "__inline__" "__forceinline";
        Noreturn "_Noreturn";
        Register "register";
        Auto "auto";
        ThreadLocal "_Thread_local" "__thread" "thread_local";
        Const "const" "__const" "__const__";
        Volatile "volatile" "__volatile" "__volatile__";
        Restrict "restrict" "__restrict" "__restrict__";
        IgnoredQualifier "_Nonnull" "_Nullable" "_Null_unspecified" "__ptr32" "__ptr64" "__w64" "__unaligned"
            "_unaligned" "__unaligned__";
        Atomic "_Atomic";
        Void "void";
        Char "char";
        Short "short";
        Int "int";
        Long "long";
        Float "float";
        Double "double";
        Signed "signed" "__signed" "__signed__";
        Unsigned "unsigned" "__unsigned" "__unsigned__";
        Bool "_Bool";
        Complex "_Complex" "__complex" "__complex__";
        Imaginary "_Imaginary";
        Int128 "__int128";
        Int8 "__int8" "_int8";
        Int16 "__int16" "_int16";
        Int32 "__int32" "_int32";
        Int64 "__int64" "_int64";
        Float16 "_Float16";
        Float32 "_Float32";
        Float64 "_Float64";
        Float128 "_Float128" "__float128";
        Float32x "_Float32x";
        Float64x "_Float64x" "__float80";
        BitInt "_BitInt";
        Struct "struct";
        Union "union";
        Enum "enum";
        Typeof "typeof" "__typeof" "__typeof__" "typeof_unqual";
        Alignas "_Alignas" "alignas";
        Alignof "_Alignof" "alignof" "__alignof" "__alignof__";
        Sizeof "sizeof";
        Offsetof "__builtin_offsetof" "offsetof";
        Generic "_Generic";
        ChooseExpression "__builtin_choose_expr";
        TypesCompatible "__builtin_types_compatible_p";
        ConstantP "__builtin_constant_p";
        StaticAssert "_Static_assert" "static_assert";
        Extension "__extension__" "__extension";
        Attribute "__attribute__" "__attribute";
        Declspec "__declspec" "_declspec";
        Asm "asm" "__asm" "__asm__";
        Constexpr "constexpr";
        Statement "if" "else" "switch" "case" "default" "while" "do" "for" "goto" "continue" "break" "return";
        Stdcall "__stdcall" "_stdcall" "WINAPI" "CALLBACK" "APIENTRY" "PASCAL" "STDAPICALLTYPE" "WSAAPI"
            "STDMETHODCALLTYPE";
        Cdecl "__cdecl" "_cdecl" "WINAPIV";
        Fastcall "__fastcall" "_fastcall";
        Thiscall "__thiscall" "_thiscall";
        Vectorcall "__vectorcall" "_vectorcall";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_have_all_their_spellings() {
        assert_eq!(TokenKind::keyword("__restrict"), Some(TokenKind::Restrict));
        assert_eq!(TokenKind::keyword("WINAPI"), Some(TokenKind::Stdcall));
        assert_eq!(TokenKind::keyword("bool"), None);
    }
}
