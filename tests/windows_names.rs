//! The names that are known of the Windows headers, confirmed by gcc for Windows and its headers.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;

use std::fmt::Write as _;
use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::{CType, TypeId, TypeTable};
use farcall::layout::{DataModel, layout_of};

/// The files that list them: each is the first string of a row.
const LISTED: &str = concat!(
    include_str!("../src/cdef/windows/names.rs"),
    include_str!("../src/cdef/windows/records.rs")
);

const HEADERS: &str = "
#include <winsock2.h>
#include <windows.h>
#include <winternl.h>
#include <powrprof.h>
";

/// Names that Microsoft documents and mingw's headers lack.
const ELSEWHERE: &[&str] = &["QWORD"];

fn names() -> impl Iterator<Item = &'static str> {
    let names = LISTED
        .split('(')
        .filter_map(|row| row.trim_start().strip_prefix('"')?.split_once("\","));
    names.map(|(name, _)| name)
}

#[test]
fn every_name_has_the_size_and_the_members_of_the_headers() {
    for (model, compiler) in [
        (DataModel::X86_64_WINDOWS, "x86_64-w64-mingw32-gcc"),
        (DataModel::I686_WINDOWS, "i686-w64-mingw32-gcc"),
    ] {
        let declarations = Declarations::new(Arc::new(TypeTable::new(model)));
        let mut text = HEADERS.to_string();
        let mut count = 0;
        for name in names().filter(|name| !ELSEWHERE.contains(name)) {
            let ty = declarations
                .type_of(name)
                .unwrap_or_else(|errors| panic!("{name}: {errors}"));
            claim(&mut text, declarations.types(), name, ty);
            count += 1;
        }
        assert!(count > 300, "{count}");
        match cc::accepted_by(&[compiler], &text) {
            None => eprintln!("skipped: {compiler} is not installed"),
            Some(answer) => answer.unwrap_or_else(|said| panic!("{}: {said}", model.name)),
        }
    }
}

/// Asserts the type's size, alignment and sign, and its members' offsets and sizes.
fn claim(text: &mut String, types: &TypeTable, name: &str, ty: TypeId) {
    let mut claim = |what: String, value: u64| {
        writeln!(text, "_Static_assert({what} == {value}, \"{what}\");").unwrap()
    };
    let Ok(layout) = layout_of(types, ty) else {
        assert_eq!(name, "VOID");
        return;
    };
    claim(format!("sizeof({name})"), layout.size);
    claim(format!("__alignof__({name})"), layout.align);
    match types.get(ty) {
        CType::Primitive(primitive) => {
            let signed = primitive.is_signed(types.model());
            claim(format!("(({name})-1 < 0)"), signed.into());
        }
        CType::Record(id) => {
            for (member, place) in types.record(id).body().unwrap().members() {
                if place.bits.is_some() {
                    continue;
                }
                let size = layout_of(types, place.ty).unwrap().size;
                claim(
                    format!("__builtin_offsetof({name}, {member})"),
                    place.offset,
                );
                claim(format!("sizeof((({name} *)0)->{member})"), size);
            }
        }
        _ => {}
    }
}

#[test]
fn structures_are_the_same_in_every_text() {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_WINDOWS)));
    let mut parse = |text: &str| declarations.parse(text, &CdefOptions::default()).unwrap();
    parse("BOOL GetCursorPos(LPPOINT); extern POINT a;");
    parse("extern POINT b; extern MSG c; typedef struct { int x; } SIZE; extern SIZE d;");
    let types = declarations.types();
    let of = |text: &str| declarations.type_of(text).unwrap();
    assert_eq!(of("__typeof__(a)"), of("__typeof__(b)"));
    assert_eq!(of("__typeof__(&a)"), of("LPPOINT"));
    assert_eq!(of("__typeof__(c.pt)"), of("POINT"));
    // The user's own declaration goes first.
    assert_eq!(layout_of(&**types, of("SIZE")).unwrap().size, 4);
    assert_eq!(types.spelling(of("POINT *")), "POINT *");
}

#[test]
fn structures_are_there_on_request() {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    let text = "void f(SYSTEMTIME *, LPMSG);";
    assert!(declarations.parse(text, &CdefOptions::default()).is_err());
    let options = CdefOptions {
        windows_names: true,
        ..CdefOptions::default()
    };
    declarations.parse(text, &options).unwrap();
    assert!(declarations.type_of("RECT[2]").is_ok());
}

#[test]
fn numbers_have_windows_sizes_elsewhere_too() {
    let options = CdefOptions {
        windows_names: true,
        ..CdefOptions::default()
    };
    let on = |model| {
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
        declarations.parse("extern BYTE b;", &options).unwrap();
        declarations
    };
    let windows = on(DataModel::X86_64_WINDOWS);
    let size_on = |declarations: &Declarations, name: &str| {
        let ty = declarations.type_of(name).unwrap();
        layout_of(&**declarations.types(), ty).ok()
    };
    for model in [DataModel::X86_64_LINUX, DataModel::AARCH64_LINUX] {
        let linux = on(model);
        for name in names() {
            let sizes = (size_on(&linux, name), size_on(&windows, name));
            assert_eq!(sizes.0, sizes.1, "{name} on {}", model.name);
        }
    }
    let linux = on(DataModel::X86_64_LINUX);
    let spelled = |name| linux.types().spelling(linux.type_of(name).unwrap());
    assert_eq!(spelled("LPLONG"), "int *");
    assert_eq!(spelled("LPWSTR"), "char16_t *");
}

#[test]
fn the_tags_of_the_headers_mean_the_same_records() {
    let mut d = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_WINDOWS)));
    let text = "void f(struct _OVERLAPPED *); void f(OVERLAPPED *); void g(struct tagPOINT); void g(POINT);\n\
                void h(struct _GUID); struct tagRECT { int mine; };";
    d.parse(text, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    let same = |a: &str, b: &str| d.type_of(a).unwrap() == d.type_of(b).unwrap();
    assert!(same("struct _OVERLAPPED", "OVERLAPPED") && same("struct _GUID", "GUID"));
    // A definition of the user's goes first.
    assert!(!same("struct tagRECT", "RECT"));
    let mut linux = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    linux
        .parse("void f(struct _GUID *);", &CdefOptions::default())
        .unwrap();
    assert!(linux.type_of("GUID").is_err());
}
