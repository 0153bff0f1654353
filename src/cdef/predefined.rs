//! Names that are known without being declared. A declaration of the user's goes first.

use crate::ctype::Primitive;
use crate::layout::{Arch, DataModel};

/// What a predefined name stands for.
pub(super) enum Predefined {
    /// A primitive of its own.
    Primitive(Primitive),
    /// A type that C can spell, in terms of other names.
    Text(&'static str),
    /// A structure without known members, one for each table.
    Opaque,
    /// The target's `va_list`.
    VaList,
}

/// Looks up a name.
pub(super) fn find(name: &str, model: &DataModel, windows_names: bool) -> Option<Predefined> {
    if let Some(primitive) = Primitive::from_typedef_name(name) {
        return Some(Predefined::Primitive(primitive));
    }
    let listed = |list: &'static [(&str, &str)]| {
        list.iter()
            .find(|row| row.0 == name)
            .map(|row| Predefined::Text(row.1))
    };
    match name {
        "bool" => Some(Predefined::Primitive(Primitive::Bool)),
        "FILE" => Some(Predefined::Opaque),
        "__builtin_va_list" | "__gnuc_va_list" | "va_list" => Some(Predefined::VaList),
        _ if windows_names || model.is_windows() => listed(EVERYWHERE).or_else(|| listed(WINDOWS)),
        _ => listed(EVERYWHERE),
    }
}

/// What defines the target's `va_list`: System V psABI for AMD64 figure 3.34, AAPCS64 section B.4; `char *` elsewhere.
pub(super) fn va_list(model: &DataModel) -> &'static str {
    match (model.arch, model.is_windows()) {
        (Arch::X86_64, false) => {
            "typedef struct __va_list_tag { unsigned gp_offset; unsigned fp_offset; void *overflow_arg_area; \
             void *reg_save_area; } __builtin_va_list[1];"
        }
        (Arch::Aarch64, false) => {
            "typedef struct __va_list { void *__stack; void *__gr_top; void *__vr_top; int __gr_offs; \
             int __vr_offs; } __builtin_va_list;"
        }
        _ => "typedef char *__builtin_va_list;",
    }
}

/// Names that compilers and C libraries of every target have.
const EVERYWHERE: &[(&str, &str)] = &[
    ("__int128_t", "__int128"),
    ("__uint128_t", "unsigned __int128"),
    ("_cffi_float_complex_t", "float _Complex"),
    ("_cffi_double_complex_t", "double _Complex"),
];

/// Names of the Windows headers (Microsoft's "Windows Data Types").
const WINDOWS: &[(&str, &str)] = &[
    ("ATOM", "WORD"),
    ("BOOL", "int"),
    ("BOOLEAN", "BYTE"),
    ("BYTE", "unsigned char"),
    ("CCHAR", "char"),
    ("CHAR", "char"),
    ("COLORREF", "DWORD"),
    ("DWORD", "unsigned long"),
    ("DWORD32", "unsigned int"),
    ("DWORD64", "uint64_t"),
    ("DWORDLONG", "uint64_t"),
    ("DWORD_PTR", "ULONG_PTR"),
    ("FARPROC", "intptr_t(__stdcall *)(void)"),
    ("FLOAT", "float"),
    ("HACCEL", "HANDLE"),
    ("HALF_PTR", "INT"),
    ("HANDLE", "void *"),
    ("HBITMAP", "HANDLE"),
    ("HBRUSH", "HANDLE"),
    ("HCOLORSPACE", "HANDLE"),
    ("HCONV", "HANDLE"),
    ("HCONVLIST", "HANDLE"),
    ("HCURSOR", "HICON"),
    ("HDC", "HANDLE"),
    ("HDDEDATA", "HANDLE"),
    ("HDESK", "HANDLE"),
    ("HDROP", "HANDLE"),
    ("HDWP", "HANDLE"),
    ("HENHMETAFILE", "HANDLE"),
    ("HFILE", "int"),
    ("HFONT", "HANDLE"),
    ("HGDIOBJ", "HANDLE"),
    ("HGLOBAL", "HANDLE"),
    ("HHOOK", "HANDLE"),
    ("HICON", "HANDLE"),
    ("HINSTANCE", "HANDLE"),
    ("HKEY", "HANDLE"),
    ("HKL", "HANDLE"),
    ("HLOCAL", "HANDLE"),
    ("HMENU", "HANDLE"),
    ("HMETAFILE", "HANDLE"),
    ("HMODULE", "HINSTANCE"),
    ("HMONITOR", "HANDLE"),
    ("HPALETTE", "HANDLE"),
    ("HPEN", "HANDLE"),
    ("HRESULT", "LONG"),
    ("HRGN", "HANDLE"),
    ("HRSRC", "HANDLE"),
    ("HSZ", "HANDLE"),
    ("HWND", "HANDLE"),
    ("INT", "int"),
    ("INT16", "short"),
    ("INT32", "int"),
    ("INT64", "int64_t"),
    ("INT8", "signed char"),
    ("INT_PTR", "intptr_t"),
    ("LANGID", "WORD"),
    ("LCID", "DWORD"),
    ("LCTYPE", "DWORD"),
    ("LGRPID", "DWORD"),
    ("LONG", "long"),
    ("LONG32", "int"),
    ("LONG64", "int64_t"),
    ("LONGLONG", "int64_t"),
    ("LONG_PTR", "intptr_t"),
    ("LPARAM", "LONG_PTR"),
    ("LPBOOL", "BOOL *"),
    ("LPBYTE", "BYTE *"),
    ("LPCOLORREF", "DWORD *"),
    ("LPCSTR", "const CHAR *"),
    ("LPCVOID", "const void *"),
    ("LPCWSTR", "const WCHAR *"),
    ("LPDWORD", "DWORD *"),
    ("LPHANDLE", "HANDLE *"),
    ("LPINT", "int *"),
    ("LPLONG", "long *"),
    ("LPSTR", "CHAR *"),
    ("LPVOID", "void *"),
    ("LPWORD", "WORD *"),
    ("LPWSTR", "WCHAR *"),
    ("LRESULT", "LONG_PTR"),
    ("PBOOL", "BOOL *"),
    ("PBOOLEAN", "BOOLEAN *"),
    ("PBYTE", "BYTE *"),
    ("PCHAR", "CHAR *"),
    ("PCSTR", "const CHAR *"),
    ("PCWSTR", "const WCHAR *"),
    ("PDWORD", "DWORD *"),
    ("PDWORD32", "DWORD32 *"),
    ("PDWORD64", "DWORD64 *"),
    ("PDWORDLONG", "DWORDLONG *"),
    ("PDWORD_PTR", "DWORD_PTR *"),
    ("PFLOAT", "FLOAT *"),
    ("PHALF_PTR", "HALF_PTR *"),
    ("PHANDLE", "HANDLE *"),
    ("PHKEY", "HKEY *"),
    ("PINT", "int *"),
    ("PINT16", "INT16 *"),
    ("PINT32", "INT32 *"),
    ("PINT64", "INT64 *"),
    ("PINT8", "INT8 *"),
    ("PINT_PTR", "INT_PTR *"),
    ("PLCID", "PDWORD"),
    ("PLONG", "LONG *"),
    ("PLONG32", "LONG32 *"),
    ("PLONG64", "LONG64 *"),
    ("PLONGLONG", "LONGLONG *"),
    ("PLONG_PTR", "LONG_PTR *"),
    ("PSHORT", "SHORT *"),
    ("PSIZE_T", "SIZE_T *"),
    ("PSSIZE_T", "SSIZE_T *"),
    ("PSTR", "CHAR *"),
    ("PUCHAR", "UCHAR *"),
    ("PUHALF_PTR", "UHALF_PTR *"),
    ("PUINT", "UINT *"),
    ("PUINT16", "UINT16 *"),
    ("PUINT32", "UINT32 *"),
    ("PUINT64", "UINT64 *"),
    ("PUINT8", "UINT8 *"),
    ("PUINT_PTR", "UINT_PTR *"),
    ("PULONG", "ULONG *"),
    ("PULONG32", "ULONG32 *"),
    ("PULONG64", "ULONG64 *"),
    ("PULONGLONG", "ULONGLONG *"),
    ("PULONG_PTR", "ULONG_PTR *"),
    ("PUSHORT", "USHORT *"),
    ("PVOID", "void *"),
    ("PWCHAR", "WCHAR *"),
    ("PWORD", "WORD *"),
    ("PWSTR", "WCHAR *"),
    ("QWORD", "uint64_t"),
    ("SC_HANDLE", "HANDLE"),
    ("SC_LOCK", "LPVOID"),
    ("SERVICE_STATUS_HANDLE", "HANDLE"),
    ("SHORT", "short"),
    ("SIZE_T", "ULONG_PTR"),
    ("SSIZE_T", "LONG_PTR"),
    ("UCHAR", "unsigned char"),
    ("UHALF_PTR", "UINT"),
    ("UINT", "unsigned int"),
    ("UINT16", "unsigned short"),
    ("UINT32", "unsigned int"),
    ("UINT64", "uint64_t"),
    ("UINT8", "unsigned char"),
    ("UINT_PTR", "uintptr_t"),
    ("ULONG", "unsigned long"),
    ("ULONG32", "unsigned int"),
    ("ULONG64", "uint64_t"),
    ("ULONGLONG", "uint64_t"),
    ("ULONG_PTR", "uintptr_t"),
    ("USHORT", "unsigned short"),
    ("USN", "LONGLONG"),
    ("VOID", "void"),
    ("WCHAR", "wchar_t"),
    ("WORD", "unsigned short"),
    ("WPARAM", "UINT_PTR"),
];
