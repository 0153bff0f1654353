//! Types and constant expressions against the host's C compiler.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;

use std::fmt::Write as _;
use std::sync::Arc;

use farcall::cdef::{CdefOptions, Constant, Declaration, Declarations, Value};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;
use fastrand::Rng;

fn declarations() -> Declarations {
    Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)))
}

/// Every form of declaration that C has, without `const`, which types do not keep.
const FORMS: &str = r#"
struct s { int a; }; union u { int a; float b; }; enum e { E0, E1 = 7 }; typedef struct { int x; } t; typedef t *tp;
extern int v0, *v1, **v2, v3[3], *v4[3], (*v5)[3], (*v6)(void), *(*v7)(int), (*v8[2])(int, char *), (*(*v9)(void))[3];
extern int (*(*v10)(int (*)(int)))(char), (*(*v11[3])[4])(void), v12[2][3][4], (*v13)[2][3];
extern unsigned long long int v14; extern long unsigned v15; extern short int signed v16; extern char unsigned v17;
extern long double v18; extern double _Complex v19; extern float _Complex v20; extern __int128 v21; extern _Bool v22;
extern signed char v23; extern char v24; extern _Float128 v25; extern unsigned __int128 v26; extern _Float32x v27;
extern struct s v28, *v29; extern union u v30; extern enum e v31; extern t v32; extern tp v33; extern struct undefined *v34;
extern typeof(int *) v35; extern __typeof__(v12) v36; extern __typeof__(1 + 2UL) v37; extern typeof(&v12[1]) v38;
extern typeof(v6()) v39; extern typeof(((struct s *)0)->a) v40; extern typeof(v10(0)) v41; extern typeof('x') v42;
extern _Atomic(int *) v43; extern int v44 __attribute__((vector_size(16))); extern int v45 __attribute__((mode(DI)));
extern unsigned v46 __attribute__((mode(__QI__))); extern int v47[sizeof(struct s) + E1], v48[E1 ? 2 : 3][(int)2.9];
extern volatile int v49; extern register_t_ v50;
int f0(void), f1(), f2(int), f3(int a, char *b, ...), *f4(int[3], int (*)[3], int[static 2], int n, int[n]);
void (*f5(int, void (*)(int)))(int); struct s f6(union u, t, enum e, tp); int (f7)(int), (*(f8)(void))[3];
static inline int f9(int x) { return x; } extern __inline__ void f10(void); _Noreturn void f11(void);
int f12(int (int), int (*)(int), int [2][3], void *restrict, char *__restrict__ p) __attribute__((nonnull(4)));
__extension__ long long f13(int __attribute__((unused)) x) __asm__("other"); int __attribute__((pure)) *f14(void);
_Float128 f15(__float128, long double, float); unsigned f16(register int x), f17(unsigned(int)), f18(t(t));
"#;

#[test]
fn every_declared_name_has_the_type_that_the_compiler_gives_it() {
    let forms = FORMS.replace("register_t_", "long");
    let mut declarations = declarations();
    declarations
        .parse(&forms, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    let types = declarations.types();
    let mut text = forms.clone();
    let mut claims = 0;
    for (name, declaration) in declarations.iter() {
        let ty = match declaration {
            Declaration::Function(function) => function.ty,
            Declaration::Variable(variable) => variable.ty,
            _ => continue,
        };
        let spelled = types.spelling(ty);
        let claim = format!("__builtin_types_compatible_p(__typeof__({name}), {spelled})");
        writeln!(text, "_Static_assert({claim}, \"{name}: {spelled}\");").unwrap();
        claims += 1;
    }
    assert!(claims > 60, "{claims}");
    cc::accepts(&text).unwrap_or_else(|said| panic!("{said}"));
}

const TYPES: &[&str] = &[
    "char",
    "signed char",
    "unsigned char",
    "short",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "unsigned long",
    "long long",
    "unsigned long long",
    "_Bool",
    "float",
    "double",
    "__int128",
    "size_t",
    "enum color",
];

/// A constant expression of some depth.
fn expression(rng: &mut Rng, depth: u32) -> String {
    let inner = |rng: &mut Rng| expression(rng, depth - 1);
    match rng.u32(0..if depth == 0 { 4 } else { 12 }) {
        0 => format!(
            "{}{}",
            rng.u64(..) >> rng.u32(0..64),
            ["", "u", "l", "ul", "ll", "ull"][rng.usize(..6)]
        ),
        1 => [
            "0",
            "1",
            "'a'",
            "0x7fffffff",
            "-1",
            "RED",
            "BLUE",
            "0xffffffff",
            "2147483648",
            "010",
            "'\\377'",
        ][rng.usize(..11)]
        .into(),
        2 => format!("sizeof({})", TYPES[rng.usize(..TYPES.len())]),
        3 => format!("{}.{}", rng.u32(0..1000), [25, 5, 75][rng.usize(..3)]),
        4..=7 => {
            const OPERATORS: &[&str] = &[
                "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "<", ">", "<=", ">=", "==",
                "!=", "&&", "||",
            ];
            let (a, b) = (inner(rng), inner(rng));
            format!("({a} {} {b})", OPERATORS[rng.usize(..OPERATORS.len())])
        }
        8 => format!("({})({})", TYPES[rng.usize(..TYPES.len())], inner(rng)),
        9 => format!("{} {}", ["-", "~", "!", "+"][rng.usize(..4)], inner(rng)),
        10 => format!("({} ? {} : {})", inner(rng), inner(rng), inner(rng)),
        _ => format!("sizeof({})", inner(rng)),
    }
}

#[test]
fn random_constant_expressions_have_the_compilers_values() {
    let mut rng = Rng::with_seed(7);
    let mut declarations = declarations();
    let enumeration = "enum color { RED, BLUE = 5 };\n";
    declarations
        .parse(enumeration, &CdefOptions::default())
        .unwrap();
    let mut text = format!("typedef __SIZE_TYPE__ size_t;\n{enumeration}");
    let (mut judged, mut rejected, mut refused) = (0, 0, Vec::new());
    for i in 0..8000 {
        let expression = expression(&mut rng, 3);
        // A floating-point division by zero has a value (C11 Annex F), but not in gcc's static assertions.
        if expression.contains('.') && expression.contains('/') {
            continue;
        }
        let parsed = declarations.parse(
            &format!("#define X{i} {expression}\n"),
            &CdefOptions::default(),
        );
        if let Err(errors) = parsed {
            rejected += 1;
            let reason = errors.first().kind.to_string();
            if !WARNED_ABOUT.contains(&reason.as_str()) {
                refused.push((expression, reason));
            }
            continue;
        }
        let Some(Constant { ty, value }) = declarations.constant(&format!("X{i}")) else {
            panic!("{expression}")
        };
        let spelled = declarations.types().spelling(*ty);
        let value = match value {
            Value::Integer(value) if i64::try_from(*value).is_ok() => format!("{value}LL"),
            Value::Integer(value) => {
                let (high, low) = (value >> 64, *value as u64);
                format!("(((__int128){high}LL * 2 << 63) + (__int128){low}ULL)")
            }
            // A float's value is not a constant that C compares exactly in all cases.
            _ => continue,
        };
        let same_value = match value.as_str() {
            "-9223372036854775808LL" => format!("({expression}) == (-9223372036854775807LL - 1)"),
            _ => format!("(__int128)({expression}) == (__int128){value}"),
        };
        let same_type =
            format!("__builtin_types_compatible_p(__typeof__({expression}), {spelled})");
        writeln!(
            text,
            "_Static_assert(({same_value}) && {same_type}, \"{value} {spelled}\"); // {expression}"
        )
        .unwrap();
        judged += 1;
    }
    assert!(
        judged > 1500 && rejected < 4000,
        "{judged} judged, {rejected} rejected"
    );
    cc::accepts(&text)
        .unwrap_or_else(|said| panic!("{}", said.lines().take(40).collect::<Vec<_>>().join("\n")));
    refuses(enumeration, &refused);
}

/// What gcc only warns about, and has values for; C leaves it undefined.
const WARNED_ABOUT: &[&str] = &[
    "constant expression: the value does not fit its type",
    "constant expression: the shift is negative or as large as the type",
];

/// gcc refuses each of the expressions.
fn refuses(enumeration: &str, expressions: &[(String, String)]) {
    let claims = expressions
        .iter()
        .map(|(expression, _)| format!("_Static_assert(({expression}) || 1, \"\");\n"));
    let text: String = std::iter::once("typedef __SIZE_TYPE__ size_t;\n".to_string())
        .chain([enumeration.to_string()])
        .chain(claims)
        .collect();
    let said = cc::accepts(&text).err().unwrap_or_default();
    let lines: std::collections::HashSet<usize> = said
        .lines()
        .filter(|line| line.contains("error"))
        .filter_map(|line| line.split(':').nth(1)?.parse().ok())
        .collect();
    let taken = (0..expressions.len()).filter(|i| !lines.contains(&(i + 3)));
    let taken: Vec<_> = taken.map(|i| &expressions[i]).collect();
    // gcc folds some divisions away before it looks at the divisor: `x % (a == b)` is 0 to it, and `x / 0u >= 0` is 1.
    let other = taken
        .iter()
        .filter(|(_, reason)| reason != "constant expression: division by zero");
    assert!(
        other.count() == 0 && 50 * taken.len() < expressions.len() && expressions.len() > 100,
        "gcc takes {} of {}: {taken:#?}",
        taken.len(),
        expressions.len()
    );
}

/// Arrays sized by string literals: escapes, encodings, and literals next to each other.
#[test]
fn string_literals_have_the_size_that_the_compiler_gives_them() {
    let literals = [
        r#""""#,
        r#""abc""#,
        r#""a\n""#,
        r#""\x41\101\0""#,
        r#""\1234""#,
        r#""ab" "cd""#,
        r#"L"abc""#,
        r#"u"ab""#,
        r#"U"ab""#,
        r#"u8"\u00e9""#,
        r#"u"\U0001f600""#,
        r#"L"\U0001f600""#,
        r#""é""#,
        r#"u"é""#,
        r#""\"\\""#,
        r#"L"a" L"b""#,
    ];
    let records = literals
        .iter()
        .enumerate()
        .map(|(n, text)| format!("struct s{n} {{ char a[sizeof({text})]; }};\n"));
    let text: String = records.collect();
    let mut declarations = declarations();
    declarations
        .parse(&text, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    let mut judged = text.clone();
    for n in 0..literals.len() {
        let ty = declarations.type_of(&format!("struct s{n}")).unwrap();
        let size = farcall::layout::layout_of(&**declarations.types(), ty)
            .unwrap()
            .size;
        writeln!(
            judged,
            "_Static_assert(sizeof(struct s{n}) == {size}, \"{n}\");"
        )
        .unwrap();
    }
    cc::accepts(&judged).unwrap_or_else(|said| panic!("{said}"));
}
