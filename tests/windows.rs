//! Functions of Windows itself, called through their declarations; with functions of Rust's where they call back.

#![cfg(windows)]
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

use farcall::{Arguments, CData, Ffi, Library, Value, errno};

/// An `Ffi` with these declarations, and a library that has what they declare.
fn open(name: &str, declarations: &str) -> (Ffi, Library) {
    let ffi = Ffi::new();
    ffi.cdef(declarations).unwrap();
    // SAFETY: the tests give the declarations of the library's own header.
    let library = unsafe { ffi.dlopen(name) }.unwrap();
    (ffi, library)
}

fn call(library: &Library, name: &str, arguments: impl Arguments) -> Value {
    // SAFETY: the tests pass what the functions take.
    unsafe { library.call(name, arguments) }.unwrap()
}

/// A function of this program as C sees it.
fn function(ffi: &Ffi, ty: &str, address: *const c_void) -> CData {
    ffi.cast(ty, address.addr() as u64).unwrap()
}

#[test]
fn functions_of_kernel32() {
    let declarations = "
        int WINAPI MulDiv(int, int, int); int WINAPI lstrlenA(LPCSTR);
        DWORD WINAPI GetTickCount(void); void WINAPI Sleep(DWORD);";
    let (_ffi, kernel) = open("kernel32", declarations);
    assert_eq!(kernel.name(), "kernel32.dll");
    assert_eq!(call(&kernel, "MulDiv", (1 << 30, 10, 4)), Value::Int(-1));
    assert_eq!(call(&kernel, "MulDiv", (-7, 9, 3)), Value::Int(-21));
    assert_eq!(call(&kernel, "lstrlenA", ("hello",)), Value::Int(5));
    let ticks = || i128::try_from(call(&kernel, "GetTickCount", ())).unwrap();
    let before = ticks();
    call(&kernel, "Sleep", (30,));
    assert!((20..20_000).contains(&(ticks() - before)));
}

/// Nothing else shows a stack pointer that is off: with many calls it would run into something.
#[test]
fn undeclared_stdcall_functions_work_as_cdecl() {
    let (_ffi, kernel) = open("kernel32", "int MulDiv(int, int, int);");
    let muldiv = kernel.function("MulDiv").unwrap();
    for n in 0..100_000 {
        // SAFETY: takes any numbers; on 32-bit x86 it pops its arguments, which stubs allow for.
        assert_eq!(
            unsafe { muldiv.call((n, 6, 3)) }.unwrap(),
            Value::Int(2 * n)
        );
    }
}

#[test]
fn the_command_calls_them() {
    let declaration = "int __stdcall MulDiv(int, int, int);";
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_farcall"))
        .args(["call", "kernel32", declaration, "6", "7", "2"])
        .output()
        .expect("the command was built");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "21\n",
        "{output:?}"
    );
}

#[test]
fn functions_of_user32() {
    let (ffi, user) = open("user32", "char *__stdcall CharUpperA(char *);");
    let text = ffi.alloc("char[]", "small").unwrap();
    let result = call(&user, "CharUpperA", (&text,));
    assert_eq!(result.cdata().unwrap().address(), text.address());
    assert_eq!(text.string().unwrap(), b"SMALL");
}

#[test]
fn windows_calls_back() {
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    extern "system" fn locale(name: *const c_char) -> c_int {
        // SAFETY: a text of at least a character, as the documentation has it.
        assert_ne!(unsafe { name.read() }, 0);
        c_int::from(SEEN.fetch_add(1, Ordering::Relaxed) < 4)
    }
    let declarations = "
        typedef BOOL (__stdcall *enumproc)(char *);
        BOOL __stdcall EnumSystemLocalesA(enumproc, DWORD);";
    let (ffi, kernel) = open("kernel32", declarations);
    let callback = function(&ffi, "enumproc", locale as *const c_void);
    // LCID_INSTALLED
    assert_eq!(
        call(&kernel, "EnumSystemLocalesA", (&callback, 1)),
        Value::Int(1)
    );
    let seen = SEEN.load(Ordering::Relaxed);
    assert!((1..=5).contains(&seen), "{seen}");
}

#[test]
fn the_c_library_calls_back() {
    unsafe extern "C" fn compare(a: *const c_int, b: *const c_int) -> c_int {
        // SAFETY: `qsort` passes pointers to its items.
        unsafe { (*a).cmp(&*b) as c_int }
    }
    const COMPARE: &str = "int (*)(const void *, const void *)";
    let (ffi, msvcrt) = open(
        "msvcrt",
        "void qsort(void *, size_t, size_t, int (*)(const void *, const void *));",
    );
    let numbers = ffi.alloc("int[6]", [5, -3, 9, 0, 2, 2]).unwrap();
    let compare = function(&ffi, COMPARE, compare as *const c_void);
    call(&msvcrt, "qsort", (&numbers, 6, 4, &compare));
    assert_eq!(numbers.to_string(), "[-3, 0, 2, 2, 5, 9]");
}

#[test]
fn variadic_functions_of_the_c_library() {
    let (ffi, msvcrt) = open("msvcrt", "int sprintf(char *, const char *, ...);");
    let buffer = ffi.alloc("char[64]", ()).unwrap();
    let text = ffi.alloc("char[]", "text").unwrap();
    let arguments: Vec<Value> = vec![
        (&buffer).into(),
        "%d %.2f %s %I64d %g".into(),
        ffi.cast("int", -5).unwrap().into(),
        ffi.cast("double", 2.5).unwrap().into(),
        (&text).into(),
        ffi.cast("long long", 1i64 << 40).unwrap().into(),
        ffi.cast("float", 0.5).unwrap().into(),
    ];
    let expected = "-5 2.50 text 1099511627776 0.5";
    let length = call(&msvcrt, "sprintf", arguments);
    assert_eq!(length, Value::Int(expected.len() as i128));
    assert_eq!(buffer.string().unwrap(), expected.as_bytes());
}

/// What a call leaves for `GetLastError` is kept for the thread, and has the system's words, as Rust's own library reads them.
#[test]
fn errors_of_windows() {
    let declarations = "
        DWORD WINAPI GetFileAttributesA(LPCSTR);
        void WINAPI SetLastError(DWORD); DWORD WINAPI GetLastError(void);";
    let (ffi, kernel) = open("kernel32", declarations);
    let words = |code: u32| {
        let error = std::io::Error::from_raw_os_error(code as i32).to_string();
        error.split(" (os error").next().unwrap_or("").to_owned()
    };
    let nowhere = call(&kernel, "GetFileAttributesA", ("C:\\no\\such\\file",));
    assert_eq!(nowhere, Value::Int(0xffff_ffff));
    assert!(
        [2, 3].contains(&errno::last_error()),
        "file or path not found"
    );
    let (code, message) = errno::windows_error(None);
    assert_eq!(
        (code, message),
        (errno::last_error(), words(errno::last_error()))
    );
    // Other calls of Rust's between two of C's do not count.
    call(&kernel, "SetLastError", (6,));
    std::fs::metadata("C:\\no\\such\\file").unwrap_err();
    assert_eq!(call(&kernel, "GetLastError", ()), Value::Int(6));
    assert_eq!(errno::last_error(), 6);
    for code in [0, 2, 5, 6, 87] {
        assert_eq!(errno::windows_error(Some(code)), (code, words(code)));
    }
    let unknown = 0x2000_0123;
    assert_eq!(
        errno::windows_error(Some(unknown)),
        (unknown, String::new())
    );
    let other = std::thread::spawn(errno::last_error).join().unwrap();
    assert_eq!(other, 0, "of that thread");
    drop(ffi);
}
