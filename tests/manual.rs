//! Declarations as manual pages have them, and the names of POSIX's headers that they use.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/declared.rs"]
mod declared;

use std::fmt::Write as _;

use declared::{failed, on, parsed, spelled};
use farcall::cdef::CdefOptions;
use farcall::ctype::CType;
use farcall::layout::{DataModel, layout_of};

#[test]
fn lengths_may_name_parameters_that_follow() {
    let d = parsed(
        "#include <unistd.h>
         # include\t<string.h> /* C11 7.24 */
         ssize_t read(int fd, void buf[.count], size_t count);
         size_t fread(void ptr[restrict .size * .nmemb], size_t size, size_t nmemb, FILE *restrict stream);
         void qsort(void base[.size * .nmemb], size_t nmemb, size_t size, int (*compar)(const void [.size], const void [.size]));
         void *memccpy(void dest[restrict .n], const void src[restrict .n], int c, size_t n);
         size_t wcsnrtombs(char dest[restrict .len], const wchar_t **restrict src, size_t nwc, size_t len, void *p);
         int f(char s[4 * (.n + 1)], struct later t[.n], int n[.n / sizeof(int)]);
         int utimes(const char *filename, const struct timeval times[_Nullable 2]);",
    );
    for (name, expected) in [
        ("read", "ssize_t read(int, void *, size_t)"),
        ("fread", "size_t fread(void *, size_t, size_t, FILE *)"),
        (
            "qsort",
            "void qsort(void *, size_t, size_t, int(*)(void *, void *))",
        ),
        ("memccpy", "void * memccpy(void *, void *, int, size_t)"),
        (
            "wcsnrtombs",
            "size_t wcsnrtombs(char *, wchar_t * *, size_t, size_t, void *)",
        ),
        ("f", "int f(char *, struct later *, int *)"),
        ("utimes", "int utimes(char *, struct timeval *)"),
    ] {
        assert_eq!(spelled(&d, name), expected);
    }
    for text in [
        "extern char x[.n];",
        "int f(void buf[n], int n);",
        "int f(void buf[2]);",
        "int f(void (*buf)[.n], int n);",
        "int f(void buf[2][.n], int n);",
        "int f(void buf[.n][2], int n);",
        "int f(char buf[.n = 2], int n);",
        "#include \"x.h\"",
        "#include MACRO",
    ] {
        assert_eq!(failed(text).len(), 1, "{text}");
    }
}

const NAMES: &[&str] = &[
    "blkcnt_t",
    "blksize_t",
    "clock_t",
    "clockid_t",
    "dev_t",
    "gid_t",
    "id_t",
    "in_addr_t",
    "in_port_t",
    "ino_t",
    "key_t",
    "loff_t",
    "mode_t",
    "nfds_t",
    "nlink_t",
    "off64_t",
    "off_t",
    "pid_t",
    "pthread_t",
    "sa_family_t",
    "socklen_t",
    "ssize_t",
    "suseconds_t",
    "time_t",
    "timer_t",
    "uid_t",
    "useconds_t",
    "wint_t",
];

const HEADERS: &str = "#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <time.h>
#include <poll.h>
#include <wchar.h>
";

#[test]
fn posix_names_are_those_of_each_targets_headers() {
    for (model, compiler) in [
        (DataModel::X86_64_LINUX, "x86_64-linux-gnu-gcc"),
        (DataModel::AARCH64_LINUX, "aarch64-linux-gnu-gcc"),
        (DataModel::I686_LINUX, "i686-linux-gnu-gcc"),
    ] {
        let declarations = on(model);
        let types = declarations.types();
        let mut text = HEADERS.to_string();
        for name in NAMES {
            let ty = declarations.type_of(name).unwrap();
            let spelling = types.spelling(ty);
            let claim = format!("__builtin_types_compatible_p({name}, {spelling})");
            // glibc's `ssize_t` is a type of its own here.
            writeln!(text, "_Static_assert({claim}, \"{name}: {spelling}\");").unwrap();
        }
        for tag in ["timespec", "timeval"] {
            let ty = declarations.type_of(&format!("struct {tag}")).unwrap();
            let layout = layout_of(&**types, ty).unwrap();
            let CType::Record(id) = types.get(ty) else {
                panic!("{tag} is a record")
            };
            let size = layout.size;
            writeln!(
                text,
                "_Static_assert(sizeof(struct {tag}) == {size}, \"{tag}\");"
            )
            .unwrap();
            for (name, member) in types.record(id).body().unwrap().members() {
                let (offset, ty) = (member.offset, types.spelling(member.ty));
                let place = format!("__builtin_offsetof(struct {tag}, {name}) == {offset}");
                writeln!(text, "_Static_assert({place}, \"{tag}.{name}\");").unwrap();
                let same = format!("__typeof__(((struct {tag} *)0)->{name}), {ty}");
                writeln!(
                    text,
                    "_Static_assert(__builtin_types_compatible_p({same}), \"\");"
                )
                .unwrap();
            }
        }
        match cc::accepted_by(&[compiler], &text) {
            None => eprintln!("skipped: {compiler} is not installed"),
            Some(answer) => answer.unwrap_or_else(|said| panic!("{}: {said}", model.name)),
        }
    }
}

#[test]
fn what_a_text_declares_goes_before_posix_names() {
    let mut d =
        parsed("pid_t getpid(void); int nanosleep(const struct timespec *, struct timespec *);");
    let options = CdefOptions::default();
    d.parse(
        "typedef short pid_t; extern pid_t p; extern int key_t;",
        &options,
    )
    .unwrap();
    assert_eq!(spelled(&d, "p"), "short p");
    d.parse(
        "struct timespec { char c; }; extern struct timespec mine;",
        &options,
    )
    .unwrap();
    let size = |text: &str| {
        layout_of(&**d.types(), d.type_of(text).unwrap())
            .unwrap()
            .size
    };
    assert_eq!((size("struct timespec"), size("struct timeval")), (1, 16));
    assert!(
        d.clone()
            .parse("struct timespec { int again; };", &options)
            .is_err()
    );

    let d = parsed(
        "void f(struct timespec *); struct timespec { char c; }; void g(struct timespec *);",
    );
    assert_eq!(d.function("f").unwrap().ty, d.function("g").unwrap().ty);
    assert!(!declared::takes(
        DataModel::X86_64_WINDOWS,
        "pid_t f(void);"
    ));
    assert!(!declared::takes(
        DataModel::X86_64_LINUX,
        "union timespec { int a; }; struct timespec s;"
    ));
}

#[test]
fn complex_is_the_macro_of_its_header() {
    let d = parsed(
        "#include <complex.h>
         double complex csqrt(double complex z); float complex f(complex float, float complex, complex long double);
         long double complex g(const long double complex[2]); double complex *(*h)(double complex (*)(void));
         double complex (*k)(void); enum { S = sizeof(double complex), T = sizeof((complex float)0) };
         double complex(int); struct s { double complex; float a; };",
    );
    for (name, expected) in [
        ("csqrt", "double _Complex csqrt(double _Complex)"),
        (
            "f",
            "float _Complex f(float _Complex, float _Complex, long double _Complex)",
        ),
        ("g", "long double _Complex g(long double _Complex *)"),
        ("h", "double _Complex *(* h)(double _Complex(*)())"),
        ("complex", "double complex(int)"),
    ] {
        assert_eq!(spelled(&d, name), expected);
    }
    let d = parsed("typedef int complex; extern complex c; double f(double complex);");
    assert_eq!(spelled(&d, "c"), "int c");
    assert_eq!(spelled(&d, "f"), "double f(double)");
    let plain = parsed("");
    let text = plain
        .types()
        .spelling(plain.type_of("double complex").unwrap());
    assert_eq!(text, "double _Complex");
}
