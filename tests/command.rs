//! The `farcall` command, as it is run.

// It calls functions of glibc, by its libraries' names. tests/windows.rs runs the command too.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The command; where the processor does not know the program, by what runs it.
fn command() -> Command {
    let program = env!("CARGO_BIN_EXE_farcall");
    match std::env::var("FARCALL_TEST_RUNNER") {
        Ok(runner) if !runner.is_empty() => {
            let mut words = runner.split_whitespace();
            let mut command = Command::new(words.next().unwrap_or_default());
            command.args(words).arg(program);
            command
        }
        _ => Command::new(program),
    }
}

fn farcall(arguments: &[&str]) -> Output {
    command()
        .args(arguments)
        .output()
        .expect("the command was built")
}

/// What a successful run prints that reads a text from its standard input.
fn prints_of(arguments: &[&str], input: &str) -> String {
    let mut run = command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command was built");
    let mut stdin = run.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("output is text")
}

/// What a successful run prints.
fn prints(arguments: &[&str]) -> String {
    let output = farcall(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("output is text")
}

/// What a failed run says, with the exit code that belongs to it.
fn fails(code: i32, arguments: &[&str]) -> String {
    let output = farcall(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed something");
    String::from_utf8(output.stderr).expect("errors are text")
}

const DIV: &str = "typedef struct { int quot; int rem; } div_t; div_t div(int, int);";

#[test]
fn results_read_as_a_person_writes_them() {
    for (arguments, expected) in [
        (
            &["libm.so.6", "double pow(double, double);", "2", "10"][..],
            "1024\n",
        ),
        (&["libc.so.6", DIV, "17", "5"], "{quot: 3, rem: 2}\n"),
        (&["m", "float sinf(float);", "0.1"], "0.09983342\n"),
        (
            &["m", "double ldexp(double, int);", "1", "100"],
            "1.2676506002282294e30\n",
        ),
        (
            &["m", "double _Complex csqrt(double _Complex);", "-4"],
            "0+2i\n",
        ),
        (&["c", "int abs(int);", "-5"], "5\n"),
        (&["c", "size_t strlen(const char *);", "hello"], "5\n"),
        (&["c", "size_t strlen(const char *);", "12"], "2\n"),
        (&["c", "size_t strlen(const char *);", "--", "-x"], "2\n"),
        (&["c", "size_t strlen(const char *);", "\"a\\tb\""], "3\n"),
        (
            &["c", "char *strchr(const char *, int);", "hello", "'l'"],
            "llo\n",
        ),
        (
            &["c", "char *strchr(const char *, int);", "hello", "'x'"],
            "NULL\n",
        ),
        (&["c", "int toupper(int);", "'a'"], "65\n"),
        (&["c", "void free(void *);", "NULL"], ""),
        (&["c", "_Bool isatty(int); ", "999"], "false\n"),
        (
            &["c", "unsigned short htons(unsigned short);", "0x1234"],
            "13330\n",
        ),
        (&["-", "int abs(int);", "-7"], "7\n"),
    ] {
        assert_eq!(
            prints(&[&["call"], arguments].concat()),
            expected,
            "{arguments:?}"
        );
    }
}

// Elsewhere `long double` has another precision.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[test]
fn long_double_has_all_its_digits() {
    for (declaration, argument, expected) in [
        (
            "long double sqrtl(long double);",
            "2",
            "1.41421356237309504876\n",
        ),
        (
            "long double fabsl(long double);",
            "-0.1",
            "0.100000000000000000001\n",
        ),
    ] {
        assert_eq!(prints(&["call", "m", declaration, argument]), expected);
    }
}

#[test]
fn numbers_in_every_notation() {
    for (arguments, expected) in [
        (&["c", "int abs(int);", "-0x10"][..], "16\n"),
        (&["m", "double fabs(double);", "-.5"], "0.5\n"),
        (&["m", "double fabs(double);", "-inf"], "inf\n"),
        (&["m", "double fabs(double);", "-0x1.8p1"], "3\n"),
        (&["m", "double cabs(double _Complex);", "{3, -4}"], "5\n"),
        (&["c", "long labs(long);", "-5L"], "5\n"),
    ] {
        assert_eq!(
            prints(&[&["call"], arguments].concat()),
            expected,
            "{arguments:?}"
        );
    }
    for (arguments, said) in [
        (
            &[
                "c",
                "int abs(int);",
                "99999999999999999999999999999999999999999",
            ][..],
            "does not fit any C integer type",
        ),
        (
            &["c", "int abs(int);", "1.5"],
            "an integer is required (argument 1 of 'abs')",
        ),
        (&["m", "double fabs(double);", "1.2.3"], "is not a number"),
    ] {
        let error = fails(1, &[&["call"], arguments].concat());
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

#[test]
fn arguments_for_the_variable_part_are_not_misread() {
    let snprintf = "int snprintf(char *, size_t, const char *, ...);";
    for argument in [
        "(int)3",
        "{1, 2}",
        "[1]",
        "99999999999999999999999999999999999999999",
        "\"open",
    ] {
        fails(1, &["call", "c", snprintf, "[0; 64]", "64", "%d", argument]);
    }
    let error = fails(
        1,
        &["call", "c", "size_t strlen(const char *);", "\"a\\0b\""],
    );
    assert!(error.contains("NUL"), "{error}");
}

#[test]
fn functions_go_where_their_pointers_are_wanted() {
    let once = "void call_once(int *flag, void (*)(void)); void tzset(void);";
    let printed = prints(&["call", "c", "--fn", "call_once", once, "[0]", "tzset"]);
    assert!(printed.starts_with("argument 1: ["), "{printed}");
}

#[test]
fn structs_and_arrays_go_in_and_changed_arrays_come_out() {
    assert_eq!(
        prints(&["call", "m", "double frexp(double, int *);", "20", "[0]"]),
        "0.625\nargument 2: [5]\n"
    );
    let mktime = "struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst; \
                  long tm_gmtoff; const char *tm_zone; }; int64_t timegm(struct tm *);";
    let printed = prints(&["call", "c", mktime, "{tm_year: 100, .tm_mday = 1}"]);
    assert!(
        printed.starts_with("946684800\nargument 1: {tm_sec: 0,"),
        "{printed}"
    );
    assert!(printed.contains("tm_wday: 6"), "{printed}");
    let passwd = "struct passwd { char *pw_name, *pw_passwd; unsigned pw_uid, pw_gid; char *pw_gecos, *pw_dir, *pw_shell; };
                  struct passwd *getpwuid(unsigned);";
    let printed = prints(&["call", "c", passwd, "0"]);
    assert!(printed.starts_with("{pw_name: \"root\","), "{printed}");
    assert_eq!(
        prints(&[
            "call",
            "c",
            "char *strcpy(char *, const char *);",
            "[0; 8]",
            "abc"
        ]),
        "abc\nargument 1: \"abc\"\n"
    );
}

#[test]
fn variadic_arguments_are_guessed_from_how_they_are_written() {
    let snprintf = "int snprintf(char *, size_t, const char *, ...);";
    let printed = prints(&[
        "call",
        "c",
        snprintf,
        "[0; 64]",
        "64",
        "%s %d %lld %.2f %c",
        "text",
        "-1",
        "5000000000",
        "2.5",
        "'x'",
    ]);
    assert_eq!(printed, "25\nargument 1: \"text -1 5000000000 2.50 x\"\n");
    assert_eq!(
        prints(&[
            "call",
            "c",
            "int printf(const char *, ...);",
            "\"%d\\n\"",
            "3"
        ]),
        "3\n2\n",
        "stdio's output comes first"
    );
}

#[test]
fn constants_for_an_ellipsis_are_typed_like_literals() {
    let declarations = "
        #define PI 3.14
        #define LARGE 0x1ffffffff
        enum { SMALL = -3 };
        int snprintf(char *, size_t, const char *, ...);";
    for (format, constant, literal, printed) in [
        ("%.2f", "PI", "3.14", "3.14"),
        ("%llx", "LARGE", "0x1ffffffff", "1ffffffff"),
        ("%d", "SMALL", "-3", "-3"),
    ] {
        for argument in [constant, literal] {
            let shown = prints(&[
                "call",
                "c",
                declarations,
                "[0; 32]",
                "32",
                format,
                "--",
                argument,
            ]);
            let expected = format!("{}\nargument 1: \"{printed}\"\n", printed.len());
            assert_eq!(shown, expected, "{argument}");
        }
    }
}

#[test]
fn text_is_bytes() {
    for (declaration, text, length) in [
        ("size_t strlen(const char *);", "\"\\xff\"", "1\n"),
        ("size_t strlen(const char *);", "\"é\"", "2\n"),
        (
            "size_t strlen(const unsigned char *);",
            "\"\\xfe\\xff\"",
            "2\n",
        ),
        ("size_t wcslen(const wchar_t *);", "\"é\"", "1\n"),
        ("size_t wcslen(const wchar_t *);", "\"\\xc3\\xa9\"", "1\n"),
    ] {
        assert_eq!(prints(&["call", "c", declaration, text]), length, "{text}");
    }
    let ellipsis = "int memcmp(const void *, ...);";
    assert_eq!(
        prints(&["call", "c", ellipsis, "\"\\xff\"", "\"\\xff\"", "2"]),
        "0\n"
    );
    let wide = fails(
        1,
        &["call", "c", "size_t wcslen(const wchar_t *);", "\"\\xff\""],
    );
    assert!(wide.contains("bytes"), "{wide}");
}

#[test]
fn pointers_to_types_without_a_name_take_structs_and_arrays() {
    // atoi reads the characters until a zero.
    for (declaration, argument, result) in [
        (
            "int atoi(struct {char a, b, end;} *p);",
            "{'4', '2'}",
            "42\n",
        ),
        (
            "int atoi(struct {char a; char b[2];} p[1]);",
            "[{'4', \"2\"}]",
            "42\n",
        ),
        ("int atoi(union {int i; char c;} *p);", "{c: '7'}", "7\n"),
        ("int atoi(enum {A = '5'} *p);", "[A]", "5\n"),
        (
            "int memcmp(struct {int a; int b;} *p, const int *q, size_t n);",
            "{1, 2}",
            "0\n",
        ),
    ] {
        let mut arguments = vec!["call", "c", declaration, argument];
        if declaration.contains("memcmp") {
            arguments.extend(["[1, 2]", "8"]);
        }
        assert_eq!(prints(&arguments), result, "{declaration}");
    }
}

#[test]
fn errors_go_to_stderr_with_exit_code_1() {
    for (arguments, said) in [
        (
            &["c", "unsigned short htons(unsigned short);", "70000"][..],
            "integer 70000 does not fit 'unsigned short' (argument 1 of 'htons')",
        ),
        (&["c", "int abs(int);"], "'abs' expects 1 arguments, got 0"),
        (
            &["c", "int abs(int);", "1", "2"],
            "'abs' expects 1 arguments, got 2",
        ),
        (
            &["c", "int abs(int);", "x"],
            "argument 1 of 'abs', x: 'x' is no constant",
        ),
        (
            &["c", "int abs(int);", "[1]"],
            "'int' does not take an array",
        ),
        (&["c", "int abs(int"], "expected ',' or ')'"),
        (
            &["c", "int abs(nosuch_t);", "1"],
            "1:9: unknown type 'nosuch_t'",
        ),
        (&["c", "struct s div(struct s);", "1"], "struct s"),
        (
            &["c", "int nosuch(void);"],
            "function/symbol 'nosuch' not found in library 'libc.so.6'",
        ),
        (
            &["nosuch", "int f(void);"],
            "tried libnosuch.so.*: no such file in ",
        ),
        (
            &["nosuch", "int f(void);"],
            "cannot open library 'nosuch'\n  tried libnosuch.so: ",
        ),
        (&["./nosuch.so", "int f(void);"], "tried ./nosuch.so: "),
        (
            &["c", "struct s { int x; };"],
            "the declarations have no function",
        ),
        (&["c", DIV, "17", "{"], "ends where"),
        (
            &["c", "int abs(int);", "[[[0;2000];2000];2000]"],
            "more than 16777216 items",
        ),
    ] {
        let error = fails(1, &[&["call"], arguments].concat());
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

#[test]
fn a_constant_without_a_value_is_said_to_be_one() {
    let said = fails(1, &["call", "c", "#define N ...\nint abs(int);", "N"]);
    assert!(
        said.contains("leave the value of 'N' to a C compiler"),
        "{said}"
    );
}

#[test]
fn wrong_usage_has_exit_code_2() {
    let two = "int abs(int); long labs(long);";
    assert!(fails(2, &["call", "c", two, "1"]).contains("choose one of abs, labs with --fn"));
    assert_eq!(prints(&["call", "--fn", "labs", "c", two, "-1"]), "1\n");
    assert!(fails(2, &["call", "c", two, "--fn", "nosuch", "1"]).contains("abs, labs"));
    assert!(fails(2, &[]).contains("Usage"));
    assert!(fails(2, &["call"]).contains("LIBRARY"));
    assert!(
        fails(2, &["layout", "--target", "pdp11", "struct s { int x; };"]).contains("x86_64-linux")
    );
}

/// What a run with its output to `to` says and exits with.
fn into(to: std::process::Stdio, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command()
        .args(arguments)
        .stdout(to)
        .output()
        .expect("the command was built");
    let errors = String::from_utf8(output.stderr).expect("errors are text");
    (output.status.code(), errors)
}

const RUNS: [&[&str]; 4] = [
    &["call", "m", "double frexp(double, int *);", "20", "[0]"],
    &["layout", "struct s { int x; };"],
    &["disasm", "int abs(int);"],
    &["--help"],
];

#[test]
fn output_that_cannot_be_written_is_an_error() {
    for arguments in RUNS {
        let full = std::fs::File::create("/dev/full").expect("Linux has one");
        let (code, said) = into(full.into(), arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert_eq!(
            said, "farcall: cannot write: No space left on device (os error 28)\n",
            "{arguments:?}"
        );
    }
}

#[test]
fn a_reader_that_is_gone_is_none() {
    for arguments in RUNS {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let outcome = into(writer.into(), arguments);
        assert_eq!(outcome, (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn help_has_examples() {
    for command in [
        &["--help"][..],
        &["call", "--help"],
        &["layout", "--help"],
        &["disasm", "--help"],
    ] {
        assert!(prints(command).contains("farcall "), "{command:?}");
        assert!(prints(command).contains("Example"), "{command:?}");
    }
    assert!(prints(&["call", "--help"]).contains("strlen(const char *);' -- -x"));
}

#[test]
fn layout_shows_holes() {
    assert_eq!(
        prints(&[
            "layout",
            "--target",
            "x86_64-linux",
            "struct s { char tag; double x; unsigned a:3, b:7; };"
        ]),
        "\
struct s {                                  /* offset   size */
    char tag;                               /*        0      1 */

    /* hole of 7 bytes */

    double x;                               /*        8      8 */
    unsigned int a:3;                       /*     16:0    3 bits */
    unsigned int b:7;                       /*     16:3    7 bits */

    /* size: 24, alignment: 8, members: 4 */
    /* holes: 1, together 7 bytes; padding at the end: 6 bytes 6 bits */
};
"
    );
    let nested = prints(&[
        "layout",
        "--target",
        "x86_64-linux",
        "struct o { struct { char x; long y; } in; union { char a; struct { char q; double r; }; }; };",
    ]);
    assert_eq!(
        nested,
        "\
struct o {                                  /* offset   size */
    struct {
        char x;                             /*        0      1 */

        /* hole of 7 bytes */

        long y;                             /*        8      8 */

        /* size: 16, alignment: 8, members: 2 */
        /* holes: 1, together 7 bytes */
    } in;                                   /*        0     16 */
    union {
        char a;                             /*       16      1 */
        struct {
            char q;                         /*       16      1 */

            /* hole of 7 bytes */

            double r;                       /*       24      8 */

            /* size: 16, alignment: 8, members: 2 */
            /* holes: 1, together 7 bytes */
        };                                  /*       16     16 */

        /* size: 16, alignment: 8, members: 2 */
    };                                      /*       16     16 */

    /* size: 32, alignment: 8, members: 2 */
};
"
    );
    let i686 = prints(&[
        "layout",
        "--target",
        "i686-linux",
        "struct s { char c; double x; };",
    ]);
    assert!(i686.contains("/* size: 12, alignment: 4"), "{i686}");
}

#[test]
fn layout_says_why_there_is_no_size() {
    let shown = prints(&[
        "layout",
        "struct a { int x; ...; }; struct b; struct c { struct b *b; }; typedef int... n; struct d { n n; };",
    ]);
    let compiler = "/* no size: only a C compiler could complete what was declared with '...' */";
    assert!(
        shown.contains(&format!("struct a; {compiler}\n")),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("struct d; {compiler}\n")),
        "{shown}"
    );
    let declared = "struct b; /* no size: it is only declared, without members */\n";
    assert!(shown.contains(declared), "{shown}");
    let member = fails(
        1,
        &[
            "layout",
            "struct a { int x; ...; }; struct b { char c[sizeof(struct a)]; };",
        ],
    );
    assert!(
        member.contains("only a C compiler could complete 'struct a'"),
        "{member}"
    );
}

#[test]
fn layout_reads_files() {
    let text = "#define N 3 // gr\u{fc}n\nstruct s { char a[N]; };\n";
    // Not UTF-8: the comment of a header in Latin-1.
    let latin = text.replace('\u{fc}', "?").into_bytes();
    let latin: Vec<u8> = latin
        .into_iter()
        .map(|b| if b == b'?' { 0xfc } else { b })
        .collect();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("records.h");
    std::fs::write(&path, latin).unwrap();
    let given = prints(&["layout", text]);
    assert!(given.contains("size: 3, alignment: 1"), "{given}");
    assert_eq!(prints(&["layout", "--file", path.to_str().unwrap()]), given);
    assert_eq!(prints_of(&["layout", "--file", "-"], text), given);
    let missing = fails(1, &["layout", "--file", "/no/such/file.h"]);
    assert!(
        missing.contains("/no/such/file.h: No such file"),
        "{missing}"
    );
    fails(2, &["layout"]);
    fails(2, &["layout", "--file", "a.h", "struct s { int x; };"]);
}

// Registers and instructions are those of System V x86-64.
#[cfg(target_arch = "x86_64")]
#[test]
fn disasm_shows_places_and_code() {
    let shown = prints(&[
        "disasm",
        "struct v { float x, y, z; }; struct v scale(struct v, double);",
    ]);
    assert!(
        shown.contains("argument 1   struct v  xmm0 (bytes 0-7), xmm1 (bytes 8-11)"),
        "{shown}"
    );
    assert!(shown.contains("argument 2   double    xmm2"), "{shown}");
    for line in ["sd xmm0,[rsi]", "ss xmm1,[rsi+8]", "call rdi", "ret"] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
}

#[test]
fn disasm_knows_other_machines() {
    let vector = "struct v { float x, y, z; }; struct v scale(struct v, double);";
    let arm = prints(&["disasm", "--target", "aarch64-linux", vector]);
    for line in ["v2 (bytes 8-11)", "ldr s2, [x", ", #0x8]", "blr x", "ret"] {
        assert!(arm.contains(line), "{line} in {arm}");
    }
    let windows = [
        "disasm",
        "--target",
        "i686-windows",
        "int __stdcall MulDiv(int, int, int);",
    ];
    let windows = prints(&windows);
    for line in ["mingw x86 stdcall", "stack+8", "call dword ptr [ebp+8]"] {
        assert!(windows.contains(line), "{line} in {windows}");
    }
    let wide = "typedef float wide __attribute__((vector_size(32))); void f(wide);";
    let left = prints(&["disasm", "--target", "x86_64-linux", wide]);
    assert!(
        left.contains("left to libffi: vector of more than 16 bytes by value"),
        "{left}"
    );
    let unknown = fails(2, &["disasm", "--target", "pdp11", "int f(void);"]);
    assert!(
        unknown.contains("known targets are x86_64-linux"),
        "{unknown}"
    );
}
