//! Names of the Windows headers (Microsoft's "Windows Data Types", and the structures of `kernel32`, `user32`, `gdi32` and
//! `advapi32` that functions of everyday take).
//!
//! Handles are `void *`, as the headers have them without `STRICT`. `TCHAR` and the names without `A` or `W` are those of
//! programs that do not define `UNICODE`.

use crate::layout::DataModel;

/// What a name stands for, in terms of other names.
pub(super) fn name(name: &str, model: &DataModel) -> Option<&'static str> {
    match (name, model.pointer_size) {
        ("HALF_PTR", 4) => Some("SHORT"),
        ("UHALF_PTR", 4) => Some("USHORT"),
        _ => find(NAMES, name),
    }
}

/// The structure or union that a name stands for.
pub(super) fn record(name: &str) -> Option<&'static str> {
    find(RECORDS, name)
}

/// Looks a name up in a list that is sorted by name.
fn find(list: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    let at = list.binary_search_by_key(&name, |row| row.0).ok()?;
    Some(list[at].1)
}

const NAMES: &[(&str, &str)] = &[
    ("ACCESS_MASK", "DWORD"),
    ("ATOM", "WORD"),
    ("BOOL", "int"),
    ("BOOLEAN", "BYTE"),
    ("BSTR", "WCHAR *"),
    ("BYTE", "unsigned char"),
    ("CALID", "DWORD"),
    ("CALTYPE", "DWORD"),
    ("CCHAR", "char"),
    ("CHAR", "char"),
    ("CLSID", "GUID"),
    ("COLORREF", "DWORD"),
    ("DATE", "double"),
    (
        "DLGPROC",
        "INT_PTR(__stdcall *)(HWND, UINT, WPARAM, LPARAM)",
    ),
    ("DOUBLE", "double"),
    ("DWORD", "unsigned long"),
    ("DWORD32", "unsigned int"),
    ("DWORD64", "uint64_t"),
    ("DWORDLONG", "uint64_t"),
    ("DWORD_PTR", "ULONG_PTR"),
    ("EXECUTION_STATE", "DWORD"),
    ("FARPROC", "intptr_t(__stdcall *)(void)"),
    ("FLOAT", "float"),
    ("FMTID", "GUID"),
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
    ("HDEVNOTIFY", "HANDLE"),
    ("HDROP", "HANDLE"),
    ("HDWP", "HANDLE"),
    ("HENHMETAFILE", "HANDLE"),
    ("HFILE", "int"),
    ("HFONT", "HANDLE"),
    ("HGDIOBJ", "HANDLE"),
    ("HGLOBAL", "HANDLE"),
    ("HGLRC", "HANDLE"),
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
    ("HOOKPROC", "LRESULT(__stdcall *)(int, WPARAM, LPARAM)"),
    ("HPALETTE", "HANDLE"),
    ("HPEN", "HANDLE"),
    ("HPOWERNOTIFY", "HANDLE"),
    ("HRAWINPUT", "HANDLE"),
    ("HRESULT", "LONG"),
    ("HRGN", "HANDLE"),
    ("HRSRC", "HANDLE"),
    ("HSTR", "HANDLE"),
    ("HSZ", "HANDLE"),
    ("HTASK", "HANDLE"),
    ("HWINEVENTHOOK", "HANDLE"),
    ("HWINSTA", "HANDLE"),
    ("HWND", "HANDLE"),
    ("IID", "GUID"),
    ("INT", "int"),
    ("INT16", "short"),
    ("INT32", "int"),
    ("INT64", "int64_t"),
    ("INT8", "signed char"),
    ("INT_PTR", "intptr_t"),
    ("KAFFINITY", "ULONG_PTR"),
    ("LANGID", "WORD"),
    ("LCID", "DWORD"),
    ("LCTYPE", "DWORD"),
    ("LGRPID", "DWORD"),
    ("LOGFONT", "LOGFONTA"),
    ("LONG", "long"),
    ("LONG32", "int"),
    ("LONG64", "int64_t"),
    ("LONGLONG", "int64_t"),
    ("LONG_PTR", "intptr_t"),
    ("LPARAM", "LONG_PTR"),
    ("LPBITMAP", "BITMAP *"),
    ("LPBITMAPINFO", "BITMAPINFO *"),
    ("LPBITMAPINFOHEADER", "BITMAPINFOHEADER *"),
    ("LPBOOL", "BOOL *"),
    ("LPBYTE", "BYTE *"),
    (
        "LPBY_HANDLE_FILE_INFORMATION",
        "BY_HANDLE_FILE_INFORMATION *",
    ),
    ("LPCCH", "const CHAR *"),
    ("LPCGUID", "const GUID *"),
    ("LPCH", "CHAR *"),
    ("LPCLSID", "CLSID *"),
    ("LPCOLESTR", "const WCHAR *"),
    ("LPCOLORREF", "DWORD *"),
    ("LPCOMMTIMEOUTS", "COMMTIMEOUTS *"),
    ("LPCREATESTRUCTA", "CREATESTRUCTA *"),
    ("LPCRECT", "const RECT *"),
    ("LPCRECTL", "const RECTL *"),
    ("LPCRITICAL_SECTION", "CRITICAL_SECTION *"),
    ("LPCSTR", "const CHAR *"),
    ("LPCTSTR", "const TCHAR *"),
    ("LPCURSORINFO", "CURSORINFO *"),
    ("LPCVOID", "const void *"),
    ("LPCWCH", "const WCHAR *"),
    ("LPCWSTR", "const WCHAR *"),
    ("LPDCB", "DCB *"),
    ("LPDWORD", "DWORD *"),
    ("LPFIBER_START_ROUTINE", "void(__stdcall *)(LPVOID)"),
    ("LPFILETIME", "FILETIME *"),
    ("LPGUID", "GUID *"),
    ("LPHANDLE", "HANDLE *"),
    ("LPHARDWAREINPUT", "HARDWAREINPUT *"),
    ("LPIID", "IID *"),
    ("LPINPUT", "INPUT *"),
    ("LPINT", "int *"),
    ("LPKBDLLHOOKSTRUCT", "KBDLLHOOKSTRUCT *"),
    ("LPKEYBDINPUT", "KEYBDINPUT *"),
    ("LPLOGFONT", "LPLOGFONTA"),
    ("LPLOGFONTA", "LOGFONTA *"),
    ("LPLOGFONTW", "LOGFONTW *"),
    ("LPLONG", "long *"),
    ("LPMEMORYSTATUS", "MEMORYSTATUS *"),
    ("LPMEMORYSTATUSEX", "MEMORYSTATUSEX *"),
    ("LPMONITORINFO", "MONITORINFO *"),
    ("LPMONITORINFOEX", "LPMONITORINFOEXA"),
    ("LPMONITORINFOEXA", "MONITORINFOEXA *"),
    ("LPMONITORINFOEXW", "MONITORINFOEXW *"),
    ("LPMOUSEINPUT", "MOUSEINPUT *"),
    ("LPMSG", "MSG *"),
    ("LPMSLLHOOKSTRUCT", "MSLLHOOKSTRUCT *"),
    ("LPOLESTR", "WCHAR *"),
    ("LPOSVERSIONINFO", "LPOSVERSIONINFOA"),
    ("LPOSVERSIONINFOA", "OSVERSIONINFOA *"),
    ("LPOSVERSIONINFOEX", "LPOSVERSIONINFOEXA"),
    ("LPOSVERSIONINFOEXA", "OSVERSIONINFOEXA *"),
    ("LPOSVERSIONINFOEXW", "OSVERSIONINFOEXW *"),
    ("LPOSVERSIONINFOW", "OSVERSIONINFOW *"),
    ("LPOVERLAPPED", "OVERLAPPED *"),
    (
        "LPOVERLAPPED_COMPLETION_ROUTINE",
        "void(__stdcall *)(DWORD, DWORD, LPOVERLAPPED)",
    ),
    ("LPPAINTSTRUCT", "PAINTSTRUCT *"),
    ("LPPOINT", "POINT *"),
    ("LPPOINTS", "POINTS *"),
    ("LPPROCESS_INFORMATION", "PROCESS_INFORMATION *"),
    ("LPRECT", "RECT *"),
    ("LPRECTL", "RECTL *"),
    ("LPSECURITY_ATTRIBUTES", "SECURITY_ATTRIBUTES *"),
    ("LPSERVICE_STATUS", "SERVICE_STATUS *"),
    ("LPSIZE", "SIZE *"),
    ("LPSIZEL", "SIZE *"),
    ("LPSTARTUPINFO", "LPSTARTUPINFOA"),
    ("LPSTARTUPINFOA", "STARTUPINFOA *"),
    ("LPSTARTUPINFOW", "STARTUPINFOW *"),
    ("LPSTR", "CHAR *"),
    ("LPSYSTEMTIME", "SYSTEMTIME *"),
    ("LPSYSTEM_INFO", "SYSTEM_INFO *"),
    ("LPSYSTEM_POWER_STATUS", "SYSTEM_POWER_STATUS *"),
    ("LPTCH", "TCHAR *"),
    ("LPTHREAD_START_ROUTINE", "PTHREAD_START_ROUTINE"),
    ("LPTIME_ZONE_INFORMATION", "TIME_ZONE_INFORMATION *"),
    ("LPTSTR", "TCHAR *"),
    ("LPUINT", "UINT *"),
    ("LPVOID", "void *"),
    ("LPWCH", "WCHAR *"),
    ("LPWIN32_FILE_ATTRIBUTE_DATA", "WIN32_FILE_ATTRIBUTE_DATA *"),
    ("LPWIN32_FIND_DATA", "LPWIN32_FIND_DATAA"),
    ("LPWIN32_FIND_DATAA", "WIN32_FIND_DATAA *"),
    ("LPWIN32_FIND_DATAW", "WIN32_FIND_DATAW *"),
    ("LPWINDOWPLACEMENT", "WINDOWPLACEMENT *"),
    ("LPWNDCLASS", "LPWNDCLASSA"),
    ("LPWNDCLASSA", "WNDCLASSA *"),
    ("LPWNDCLASSEX", "LPWNDCLASSEXA"),
    ("LPWNDCLASSEXA", "WNDCLASSEXA *"),
    ("LPWNDCLASSEXW", "WNDCLASSEXW *"),
    ("LPWNDCLASSW", "WNDCLASSW *"),
    ("LPWORD", "WORD *"),
    ("LPWSTR", "WCHAR *"),
    ("LRESULT", "LONG_PTR"),
    ("LSTATUS", "LONG"),
    (
        "MONITORENUMPROC",
        "BOOL(__stdcall *)(HMONITOR, HDC, LPRECT, LPARAM)",
    ),
    ("MONITORINFOEX", "MONITORINFOEXA"),
    ("NEARPROC", "intptr_t(__stdcall *)(void)"),
    ("NPMSG", "MSG *"),
    ("NPPAINTSTRUCT", "PAINTSTRUCT *"),
    ("NPPOINT", "POINT *"),
    ("NPRECT", "RECT *"),
    ("NPSTR", "CHAR *"),
    ("NTSTATUS", "LONG"),
    ("NWPSTR", "WCHAR *"),
    ("OLECHAR", "WCHAR"),
    ("OSVERSIONINFO", "OSVERSIONINFOA"),
    ("OSVERSIONINFOEX", "OSVERSIONINFOEXA"),
    ("PAPCFUNC", "void(__stdcall *)(ULONG_PTR)"),
    ("PBITMAP", "BITMAP *"),
    ("PBITMAPINFO", "BITMAPINFO *"),
    ("PBITMAPINFOHEADER", "BITMAPINFOHEADER *"),
    ("PBOOL", "BOOL *"),
    ("PBOOLEAN", "BOOLEAN *"),
    ("PBYTE", "BYTE *"),
    (
        "PBY_HANDLE_FILE_INFORMATION",
        "BY_HANDLE_FILE_INFORMATION *",
    ),
    ("PCCH", "const CHAR *"),
    ("PCH", "CHAR *"),
    ("PCHAR", "CHAR *"),
    ("PCHAR_INFO", "CHAR_INFO *"),
    ("PCONSOLE_CURSOR_INFO", "CONSOLE_CURSOR_INFO *"),
    (
        "PCONSOLE_SCREEN_BUFFER_INFO",
        "CONSOLE_SCREEN_BUFFER_INFO *",
    ),
    ("PCOORD", "COORD *"),
    ("PCOPYDATASTRUCT", "COPYDATASTRUCT *"),
    ("PCRITICAL_SECTION", "CRITICAL_SECTION *"),
    ("PCSTR", "const CHAR *"),
    ("PCTSTR", "const TCHAR *"),
    ("PCUNICODE_STRING", "const UNICODE_STRING *"),
    ("PCURSORINFO", "CURSORINFO *"),
    ("PCWCH", "const WCHAR *"),
    ("PCWSTR", "const WCHAR *"),
    ("PDWORD", "DWORD *"),
    ("PDWORD32", "DWORD32 *"),
    ("PDWORD64", "DWORD64 *"),
    ("PDWORDLONG", "DWORDLONG *"),
    ("PDWORD_PTR", "DWORD_PTR *"),
    ("PFILETIME", "FILETIME *"),
    ("PFLOAT", "FLOAT *"),
    ("PHALF_PTR", "HALF_PTR *"),
    ("PHANDLE", "HANDLE *"),
    ("PHANDLER_ROUTINE", "BOOL(__stdcall *)(DWORD)"),
    ("PHARDWAREINPUT", "HARDWAREINPUT *"),
    ("PHKEY", "HKEY *"),
    ("PICONINFO", "ICONINFO *"),
    ("PINPUT", "INPUT *"),
    ("PINPUT_RECORD", "INPUT_RECORD *"),
    ("PINT", "int *"),
    ("PINT16", "INT16 *"),
    ("PINT32", "INT32 *"),
    ("PINT64", "INT64 *"),
    ("PINT8", "INT8 *"),
    ("PINT_PTR", "INT_PTR *"),
    ("PIO_COUNTERS", "IO_COUNTERS *"),
    (
        "PJOBOBJECT_BASIC_LIMIT_INFORMATION",
        "JOBOBJECT_BASIC_LIMIT_INFORMATION *",
    ),
    ("PKBDLLHOOKSTRUCT", "KBDLLHOOKSTRUCT *"),
    ("PKEYBDINPUT", "KEYBDINPUT *"),
    ("PKEY_EVENT_RECORD", "KEY_EVENT_RECORD *"),
    ("PLARGE_INTEGER", "LARGE_INTEGER *"),
    ("PLASTINPUTINFO", "LASTINPUTINFO *"),
    ("PLCID", "PDWORD"),
    ("PLOGFONT", "PLOGFONTA"),
    ("PLOGFONTA", "LOGFONTA *"),
    ("PLOGFONTW", "LOGFONTW *"),
    ("PLONG", "LONG *"),
    ("PLONG32", "LONG32 *"),
    ("PLONG64", "LONG64 *"),
    ("PLONGLONG", "LONGLONG *"),
    ("PLONG_PTR", "LONG_PTR *"),
    ("PLUID", "LUID *"),
    ("PLUID_AND_ATTRIBUTES", "LUID_AND_ATTRIBUTES *"),
    ("PMEMORY_BASIC_INFORMATION", "MEMORY_BASIC_INFORMATION *"),
    ("PMOUSEINPUT", "MOUSEINPUT *"),
    ("PMOUSE_EVENT_RECORD", "MOUSE_EVENT_RECORD *"),
    ("PMSG", "MSG *"),
    ("PMSLLHOOKSTRUCT", "MSLLHOOKSTRUCT *"),
    ("PNZCH", "CHAR *"),
    ("POSVERSIONINFO", "POSVERSIONINFOA"),
    ("POSVERSIONINFOA", "OSVERSIONINFOA *"),
    ("POSVERSIONINFOEX", "POSVERSIONINFOEXA"),
    ("POSVERSIONINFOEXA", "OSVERSIONINFOEXA *"),
    ("POSVERSIONINFOEXW", "OSVERSIONINFOEXW *"),
    ("POSVERSIONINFOW", "OSVERSIONINFOW *"),
    ("PPAINTSTRUCT", "PAINTSTRUCT *"),
    ("PPOINT", "POINT *"),
    ("PPOINTL", "POINTL *"),
    ("PPOINTS", "POINTS *"),
    ("PPROCESS_INFORMATION", "PROCESS_INFORMATION *"),
    ("PRECT", "RECT *"),
    ("PRECTL", "RECTL *"),
    ("PROC", "intptr_t(__stdcall *)(void)"),
    ("PSECURITY_ATTRIBUTES", "SECURITY_ATTRIBUTES *"),
    ("PSECURITY_DESCRIPTOR", "PVOID"),
    ("PSHORT", "SHORT *"),
    ("PSID", "PVOID"),
    ("PSID_AND_ATTRIBUTES", "SID_AND_ATTRIBUTES *"),
    ("PSIZE", "SIZE *"),
    ("PSIZEL", "SIZE *"),
    ("PSIZE_T", "SIZE_T *"),
    ("PSMALL_RECT", "SMALL_RECT *"),
    ("PSSIZE_T", "SSIZE_T *"),
    ("PSTR", "CHAR *"),
    ("PSYSTEMTIME", "SYSTEMTIME *"),
    ("PTBYTE", "TBYTE *"),
    ("PTCH", "TCHAR *"),
    ("PTCHAR", "TCHAR *"),
    ("PTHREAD_START_ROUTINE", "DWORD(__stdcall *)(LPVOID)"),
    (
        "PTIMERAPCROUTINE",
        "void(__stdcall *)(LPVOID, DWORD, DWORD)",
    ),
    ("PTIME_ZONE_INFORMATION", "TIME_ZONE_INFORMATION *"),
    ("PTOKEN_PRIVILEGES", "TOKEN_PRIVILEGES *"),
    ("PTSTR", "TCHAR *"),
    ("PUCHAR", "UCHAR *"),
    ("PUHALF_PTR", "UHALF_PTR *"),
    ("PUINT", "UINT *"),
    ("PUINT16", "UINT16 *"),
    ("PUINT32", "UINT32 *"),
    ("PUINT64", "UINT64 *"),
    ("PUINT8", "UINT8 *"),
    ("PUINT_PTR", "UINT_PTR *"),
    ("PULARGE_INTEGER", "ULARGE_INTEGER *"),
    ("PULONG", "ULONG *"),
    ("PULONG32", "ULONG32 *"),
    ("PULONG64", "ULONG64 *"),
    ("PULONGLONG", "ULONGLONG *"),
    ("PULONG_PTR", "ULONG_PTR *"),
    ("PUNICODE_STRING", "UNICODE_STRING *"),
    ("PUSHORT", "USHORT *"),
    ("PVOID", "void *"),
    ("PWCH", "WCHAR *"),
    ("PWCHAR", "WCHAR *"),
    ("PWIN32_FIND_DATA", "PWIN32_FIND_DATAA"),
    ("PWIN32_FIND_DATAA", "WIN32_FIND_DATAA *"),
    ("PWIN32_FIND_DATAW", "WIN32_FIND_DATAW *"),
    ("PWINDOWPLACEMENT", "WINDOWPLACEMENT *"),
    ("PWNDCLASS", "PWNDCLASSA"),
    ("PWNDCLASSA", "WNDCLASSA *"),
    ("PWNDCLASSEX", "PWNDCLASSEXA"),
    ("PWNDCLASSEXA", "WNDCLASSEXA *"),
    ("PWNDCLASSEXW", "WNDCLASSEXW *"),
    ("PWNDCLASSW", "WNDCLASSW *"),
    ("PWORD", "WORD *"),
    ("PWSTR", "WCHAR *"),
    ("PZPSTR", "PSTR *"),
    ("QWORD", "uint64_t"),
    ("REFCLSID", "const GUID *"),
    ("REFGUID", "const GUID *"),
    ("REFIID", "const GUID *"),
    ("REGSAM", "DWORD"),
    ("SCODE", "LONG"),
    ("SC_HANDLE", "HANDLE"),
    ("SC_LOCK", "LPVOID"),
    ("SECURITY_INFORMATION", "DWORD"),
    ("SERVICE_STATUS_HANDLE", "HANDLE"),
    ("SHORT", "short"),
    ("SIZEL", "SIZE"),
    ("SIZE_T", "ULONG_PTR"),
    ("SOCKET", "UINT_PTR"),
    ("SPHANDLE", "HANDLE *"),
    ("SSIZE_T", "LONG_PTR"),
    ("STARTUPINFO", "STARTUPINFOA"),
    ("TBYTE", "UCHAR"),
    ("TCHAR", "CHAR"),
    (
        "TIMERPROC",
        "void(__stdcall *)(HWND, UINT, UINT_PTR, DWORD)",
    ),
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
    ("UUID", "GUID"),
    ("VARIANT_BOOL", "short"),
    ("VOID", "void"),
    ("WAITORTIMERCALLBACK", "void(__stdcall *)(PVOID, BOOLEAN)"),
    ("WCHAR", "wchar_t"),
    ("WIN32_FIND_DATA", "WIN32_FIND_DATAA"),
    ("WINBOOL", "int"),
    (
        "WINEVENTPROC",
        "void(__stdcall *)(HWINEVENTHOOK, DWORD, HWND, LONG, LONG, DWORD, DWORD)",
    ),
    ("WNDCLASS", "WNDCLASSA"),
    ("WNDCLASSEX", "WNDCLASSEXA"),
    ("WNDENUMPROC", "BOOL(__stdcall *)(HWND, LPARAM)"),
    (
        "WNDPROC",
        "LRESULT(__stdcall *)(HWND, UINT, WPARAM, LPARAM)",
    ),
    ("WORD", "unsigned short"),
    ("WPARAM", "UINT_PTR"),
];

const RECORDS: &[(&str, &str)] = &[
    (
        "BITMAP",
        "struct tagBITMAP { LONG bmType; LONG bmWidth; LONG bmHeight; LONG bmWidthBytes; WORD bmPlanes; WORD \
         bmBitsPixel; LPVOID bmBits; }",
    ),
    (
        "BITMAPINFO",
        "struct tagBITMAPINFO { BITMAPINFOHEADER bmiHeader; RGBQUAD bmiColors[1]; }",
    ),
    (
        "BITMAPINFOHEADER",
        "struct tagBITMAPINFOHEADER { DWORD biSize; LONG biWidth; LONG biHeight; WORD biPlanes; WORD \
         biBitCount; DWORD biCompression; DWORD biSizeImage; LONG biXPelsPerMeter; LONG biYPelsPerMeter; \
         DWORD biClrUsed; DWORD biClrImportant; }",
    ),
    (
        "BY_HANDLE_FILE_INFORMATION",
        "struct _BY_HANDLE_FILE_INFORMATION { DWORD dwFileAttributes; FILETIME ftCreationTime; FILETIME \
         ftLastAccessTime; FILETIME ftLastWriteTime; DWORD dwVolumeSerialNumber; DWORD nFileSizeHigh; DWORD \
         nFileSizeLow; DWORD nNumberOfLinks; DWORD nFileIndexHigh; DWORD nFileIndexLow; }",
    ),
    (
        "CHAR_INFO",
        "struct _CHAR_INFO { union { WCHAR UnicodeChar; CHAR AsciiChar; } Char; WORD Attributes; }",
    ),
    (
        "COMMTIMEOUTS",
        "struct _COMMTIMEOUTS { DWORD ReadIntervalTimeout; DWORD ReadTotalTimeoutMultiplier; DWORD \
         ReadTotalTimeoutConstant; DWORD WriteTotalTimeoutMultiplier; DWORD WriteTotalTimeoutConstant; }",
    ),
    (
        "CONSOLE_CURSOR_INFO",
        "struct _CONSOLE_CURSOR_INFO { DWORD dwSize; BOOL bVisible; }",
    ),
    (
        "CONSOLE_SCREEN_BUFFER_INFO",
        "struct _CONSOLE_SCREEN_BUFFER_INFO { COORD dwSize; COORD dwCursorPosition; WORD wAttributes; \
         SMALL_RECT srWindow; COORD dwMaximumWindowSize; }",
    ),
    ("COORD", "struct _COORD { SHORT X; SHORT Y; }"),
    (
        "COPYDATASTRUCT",
        "struct tagCOPYDATASTRUCT { ULONG_PTR dwData; DWORD cbData; PVOID lpData; }",
    ),
    (
        "CREATESTRUCTA",
        "struct tagCREATESTRUCTA { LPVOID lpCreateParams; HINSTANCE hInstance; HMENU hMenu; HWND hwndParent; \
         int cy; int cx; int y; int x; LONG style; LPCSTR lpszName; LPCSTR lpszClass; DWORD dwExStyle; }",
    ),
    (
        "CRITICAL_SECTION",
        "struct _RTL_CRITICAL_SECTION { void *DebugInfo; LONG LockCount; LONG RecursionCount; HANDLE \
         OwningThread; HANDLE LockSemaphore; ULONG_PTR SpinCount; }",
    ),
    (
        "CURSORINFO",
        "struct tagCURSORINFO { DWORD cbSize; DWORD flags; HCURSOR hCursor; POINT ptScreenPos; }",
    ),
    (
        "DCB",
        "struct _DCB { DWORD DCBlength; DWORD BaudRate; DWORD fBinary : 1; DWORD fParity : 1; DWORD \
         fOutxCtsFlow : 1; DWORD fOutxDsrFlow : 1; DWORD fDtrControl : 2; DWORD fDsrSensitivity : 1; DWORD \
         fTXContinueOnXoff : 1; DWORD fOutX : 1; DWORD fInX : 1; DWORD fErrorChar : 1; DWORD fNull : 1; DWORD \
         fRtsControl : 2; DWORD fAbortOnError : 1; DWORD fDummy2 : 17; WORD wReserved; WORD XonLim; WORD \
         XoffLim; BYTE ByteSize; BYTE Parity; BYTE StopBits; char XonChar; char XoffChar; char ErrorChar; \
         char EofChar; char EvtChar; WORD wReserved1; }",
    ),
    (
        "FILETIME",
        "struct _FILETIME { DWORD dwLowDateTime; DWORD dwHighDateTime; }",
    ),
    (
        "GUID",
        "struct _GUID { ULONG Data1; USHORT Data2; USHORT Data3; UCHAR Data4[8]; }",
    ),
    (
        "HARDWAREINPUT",
        "struct tagHARDWAREINPUT { DWORD uMsg; WORD wParamL; WORD wParamH; }",
    ),
    (
        "ICONINFO",
        "struct _ICONINFO { BOOL fIcon; DWORD xHotspot; DWORD yHotspot; HBITMAP hbmMask; HBITMAP hbmColor; }",
    ),
    (
        "INPUT",
        "struct tagINPUT { DWORD type; union { MOUSEINPUT mi; KEYBDINPUT ki; HARDWAREINPUT hi; }; }",
    ),
    (
        "INPUT_RECORD",
        "struct _INPUT_RECORD { WORD EventType; union { KEY_EVENT_RECORD KeyEvent; MOUSE_EVENT_RECORD \
         MouseEvent; struct { COORD dwSize; } WindowBufferSizeEvent; struct { UINT dwCommandId; } MenuEvent; \
         struct { BOOL bSetFocus; } FocusEvent; } Event; }",
    ),
    (
        "IO_COUNTERS",
        "struct _IO_COUNTERS { ULONGLONG ReadOperationCount; ULONGLONG WriteOperationCount; ULONGLONG \
         OtherOperationCount; ULONGLONG ReadTransferCount; ULONGLONG WriteTransferCount; ULONGLONG \
         OtherTransferCount; }",
    ),
    (
        "JOBOBJECT_BASIC_LIMIT_INFORMATION",
        "struct _JOBOBJECT_BASIC_LIMIT_INFORMATION { LARGE_INTEGER PerProcessUserTimeLimit; LARGE_INTEGER \
         PerJobUserTimeLimit; DWORD LimitFlags; SIZE_T MinimumWorkingSetSize; SIZE_T MaximumWorkingSetSize; \
         DWORD ActiveProcessLimit; ULONG_PTR Affinity; DWORD PriorityClass; DWORD SchedulingClass; }",
    ),
    (
        "KBDLLHOOKSTRUCT",
        "struct tagKBDLLHOOKSTRUCT { DWORD vkCode; DWORD scanCode; DWORD flags; DWORD time; ULONG_PTR \
         dwExtraInfo; }",
    ),
    (
        "KEYBDINPUT",
        "struct tagKEYBDINPUT { WORD wVk; WORD wScan; DWORD dwFlags; DWORD time; ULONG_PTR dwExtraInfo; }",
    ),
    (
        "KEY_EVENT_RECORD",
        "struct _KEY_EVENT_RECORD { BOOL bKeyDown; WORD wRepeatCount; WORD wVirtualKeyCode; WORD \
         wVirtualScanCode; union { WCHAR UnicodeChar; CHAR AsciiChar; } uChar; DWORD dwControlKeyState; }",
    ),
    (
        "LARGE_INTEGER",
        "union _LARGE_INTEGER { struct { DWORD LowPart; LONG HighPart; }; struct { DWORD LowPart; LONG \
         HighPart; } u; LONGLONG QuadPart; }",
    ),
    (
        "LASTINPUTINFO",
        "struct tagLASTINPUTINFO { UINT cbSize; DWORD dwTime; }",
    ),
    (
        "LOGFONTA",
        "struct tagLOGFONTA { LONG lfHeight; LONG lfWidth; LONG lfEscapement; LONG lfOrientation; LONG \
         lfWeight; BYTE lfItalic; BYTE lfUnderline; BYTE lfStrikeOut; BYTE lfCharSet; BYTE lfOutPrecision; \
         BYTE lfClipPrecision; BYTE lfQuality; BYTE lfPitchAndFamily; CHAR lfFaceName[32]; }",
    ),
    (
        "LOGFONTW",
        "struct tagLOGFONTW { LONG lfHeight; LONG lfWidth; LONG lfEscapement; LONG lfOrientation; LONG \
         lfWeight; BYTE lfItalic; BYTE lfUnderline; BYTE lfStrikeOut; BYTE lfCharSet; BYTE lfOutPrecision; \
         BYTE lfClipPrecision; BYTE lfQuality; BYTE lfPitchAndFamily; WCHAR lfFaceName[32]; }",
    ),
    ("LUID", "struct _LUID { DWORD LowPart; LONG HighPart; }"),
    (
        "LUID_AND_ATTRIBUTES",
        "struct _LUID_AND_ATTRIBUTES { LUID Luid; DWORD Attributes; }",
    ),
    (
        "MEMORYSTATUS",
        "struct _MEMORYSTATUS { DWORD dwLength; DWORD dwMemoryLoad; SIZE_T dwTotalPhys; SIZE_T dwAvailPhys; \
         SIZE_T dwTotalPageFile; SIZE_T dwAvailPageFile; SIZE_T dwTotalVirtual; SIZE_T dwAvailVirtual; }",
    ),
    (
        "MEMORYSTATUSEX",
        "struct _MEMORYSTATUSEX { DWORD dwLength; DWORD dwMemoryLoad; DWORDLONG ullTotalPhys; DWORDLONG \
         ullAvailPhys; DWORDLONG ullTotalPageFile; DWORDLONG ullAvailPageFile; DWORDLONG ullTotalVirtual; \
         DWORDLONG ullAvailVirtual; DWORDLONG ullAvailExtendedVirtual; }",
    ),
    (
        "MEMORY_BASIC_INFORMATION",
        "struct _MEMORY_BASIC_INFORMATION { PVOID BaseAddress; PVOID AllocationBase; DWORD AllocationProtect; \
         SIZE_T RegionSize; DWORD State; DWORD Protect; DWORD Type; }",
    ),
    (
        "MONITORINFO",
        "struct tagMONITORINFO { DWORD cbSize; RECT rcMonitor; RECT rcWork; DWORD dwFlags; }",
    ),
    (
        "MONITORINFOEXA",
        "struct tagMONITORINFOEXA { struct { DWORD cbSize; RECT rcMonitor; RECT rcWork; DWORD dwFlags; }; \
         CHAR szDevice[32]; }",
    ),
    (
        "MONITORINFOEXW",
        "struct tagMONITORINFOEXW { struct { DWORD cbSize; RECT rcMonitor; RECT rcWork; DWORD dwFlags; }; \
         WCHAR szDevice[32]; }",
    ),
    (
        "MOUSEINPUT",
        "struct tagMOUSEINPUT { LONG dx; LONG dy; DWORD mouseData; DWORD dwFlags; DWORD time; ULONG_PTR \
         dwExtraInfo; }",
    ),
    (
        "MOUSE_EVENT_RECORD",
        "struct _MOUSE_EVENT_RECORD { COORD dwMousePosition; DWORD dwButtonState; DWORD dwControlKeyState; \
         DWORD dwEventFlags; }",
    ),
    (
        "MSG",
        "struct tagMSG { HWND hwnd; UINT message; WPARAM wParam; LPARAM lParam; DWORD time; POINT pt; }",
    ),
    (
        "MSLLHOOKSTRUCT",
        "struct tagMSLLHOOKSTRUCT { POINT pt; DWORD mouseData; DWORD flags; DWORD time; ULONG_PTR \
         dwExtraInfo; }",
    ),
    (
        "OSVERSIONINFOA",
        "struct _OSVERSIONINFOA { DWORD dwOSVersionInfoSize; DWORD dwMajorVersion; DWORD dwMinorVersion; \
         DWORD dwBuildNumber; DWORD dwPlatformId; CHAR szCSDVersion[128]; }",
    ),
    (
        "OSVERSIONINFOEXA",
        "struct _OSVERSIONINFOEXA { DWORD dwOSVersionInfoSize; DWORD dwMajorVersion; DWORD dwMinorVersion; \
         DWORD dwBuildNumber; DWORD dwPlatformId; CHAR szCSDVersion[128]; WORD wServicePackMajor; WORD \
         wServicePackMinor; WORD wSuiteMask; BYTE wProductType; BYTE wReserved; }",
    ),
    (
        "OSVERSIONINFOEXW",
        "struct _OSVERSIONINFOEXW { DWORD dwOSVersionInfoSize; DWORD dwMajorVersion; DWORD dwMinorVersion; \
         DWORD dwBuildNumber; DWORD dwPlatformId; WCHAR szCSDVersion[128]; WORD wServicePackMajor; WORD \
         wServicePackMinor; WORD wSuiteMask; BYTE wProductType; BYTE wReserved; }",
    ),
    (
        "OSVERSIONINFOW",
        "struct _OSVERSIONINFOW { DWORD dwOSVersionInfoSize; DWORD dwMajorVersion; DWORD dwMinorVersion; \
         DWORD dwBuildNumber; DWORD dwPlatformId; WCHAR szCSDVersion[128]; }",
    ),
    (
        "OVERLAPPED",
        "struct _OVERLAPPED { ULONG_PTR Internal; ULONG_PTR InternalHigh; union { struct { DWORD Offset; \
         DWORD OffsetHigh; }; PVOID Pointer; }; HANDLE hEvent; }",
    ),
    (
        "PAINTSTRUCT",
        "struct tagPAINTSTRUCT { HDC hdc; BOOL fErase; RECT rcPaint; BOOL fRestore; BOOL fIncUpdate; BYTE \
         rgbReserved[32]; }",
    ),
    ("POINT", "struct tagPOINT { LONG x; LONG y; }"),
    ("POINTL", "struct _POINTL { LONG x; LONG y; }"),
    ("POINTS", "struct tagPOINTS { SHORT x; SHORT y; }"),
    (
        "PROCESS_INFORMATION",
        "struct _PROCESS_INFORMATION { HANDLE hProcess; HANDLE hThread; DWORD dwProcessId; DWORD dwThreadId; \
         }",
    ),
    (
        "RECT",
        "struct tagRECT { LONG left; LONG top; LONG right; LONG bottom; }",
    ),
    (
        "RECTL",
        "struct _RECTL { LONG left; LONG top; LONG right; LONG bottom; }",
    ),
    (
        "RGBQUAD",
        "struct tagRGBQUAD { BYTE rgbBlue; BYTE rgbGreen; BYTE rgbRed; BYTE rgbReserved; }",
    ),
    (
        "SECURITY_ATTRIBUTES",
        "struct _SECURITY_ATTRIBUTES { DWORD nLength; LPVOID lpSecurityDescriptor; BOOL bInheritHandle; }",
    ),
    (
        "SERVICE_STATUS",
        "struct _SERVICE_STATUS { DWORD dwServiceType; DWORD dwCurrentState; DWORD dwControlsAccepted; DWORD \
         dwWin32ExitCode; DWORD dwServiceSpecificExitCode; DWORD dwCheckPoint; DWORD dwWaitHint; }",
    ),
    (
        "SID_AND_ATTRIBUTES",
        "struct _SID_AND_ATTRIBUTES { PSID Sid; DWORD Attributes; }",
    ),
    ("SIZE", "struct tagSIZE { LONG cx; LONG cy; }"),
    (
        "SMALL_RECT",
        "struct _SMALL_RECT { SHORT Left; SHORT Top; SHORT Right; SHORT Bottom; }",
    ),
    (
        "STARTUPINFOA",
        "struct _STARTUPINFOA { DWORD cb; LPSTR lpReserved; LPSTR lpDesktop; LPSTR lpTitle; DWORD dwX; DWORD \
         dwY; DWORD dwXSize; DWORD dwYSize; DWORD dwXCountChars; DWORD dwYCountChars; DWORD dwFillAttribute; \
         DWORD dwFlags; WORD wShowWindow; WORD cbReserved2; LPBYTE lpReserved2; HANDLE hStdInput; HANDLE \
         hStdOutput; HANDLE hStdError; }",
    ),
    (
        "STARTUPINFOW",
        "struct _STARTUPINFOW { DWORD cb; LPWSTR lpReserved; LPWSTR lpDesktop; LPWSTR lpTitle; DWORD dwX; \
         DWORD dwY; DWORD dwXSize; DWORD dwYSize; DWORD dwXCountChars; DWORD dwYCountChars; DWORD \
         dwFillAttribute; DWORD dwFlags; WORD wShowWindow; WORD cbReserved2; LPBYTE lpReserved2; HANDLE \
         hStdInput; HANDLE hStdOutput; HANDLE hStdError; }",
    ),
    (
        "SYSTEMTIME",
        "struct _SYSTEMTIME { WORD wYear; WORD wMonth; WORD wDayOfWeek; WORD wDay; WORD wHour; WORD wMinute; \
         WORD wSecond; WORD wMilliseconds; }",
    ),
    (
        "SYSTEM_INFO",
        "struct _SYSTEM_INFO { union { DWORD dwOemId; struct { WORD wProcessorArchitecture; WORD wReserved; \
         }; }; DWORD dwPageSize; LPVOID lpMinimumApplicationAddress; LPVOID lpMaximumApplicationAddress; \
         DWORD_PTR dwActiveProcessorMask; DWORD dwNumberOfProcessors; DWORD dwProcessorType; DWORD \
         dwAllocationGranularity; WORD wProcessorLevel; WORD wProcessorRevision; }",
    ),
    (
        "SYSTEM_POWER_STATUS",
        "struct _SYSTEM_POWER_STATUS { BYTE ACLineStatus; BYTE BatteryFlag; BYTE BatteryLifePercent; BYTE \
         Reserved1; DWORD BatteryLifeTime; DWORD BatteryFullLifeTime; }",
    ),
    (
        "TIME_ZONE_INFORMATION",
        "struct _TIME_ZONE_INFORMATION { LONG Bias; WCHAR StandardName[32]; SYSTEMTIME StandardDate; LONG \
         StandardBias; WCHAR DaylightName[32]; SYSTEMTIME DaylightDate; LONG DaylightBias; }",
    ),
    (
        "TOKEN_PRIVILEGES",
        "struct _TOKEN_PRIVILEGES { DWORD PrivilegeCount; LUID_AND_ATTRIBUTES Privileges[1]; }",
    ),
    (
        "ULARGE_INTEGER",
        "union _ULARGE_INTEGER { struct { DWORD LowPart; DWORD HighPart; }; struct { DWORD LowPart; DWORD \
         HighPart; } u; ULONGLONG QuadPart; }",
    ),
    (
        "UNICODE_STRING",
        "struct _UNICODE_STRING { USHORT Length; USHORT MaximumLength; PWSTR Buffer; }",
    ),
    (
        "WIN32_FILE_ATTRIBUTE_DATA",
        "struct _WIN32_FILE_ATTRIBUTE_DATA { DWORD dwFileAttributes; FILETIME ftCreationTime; FILETIME \
         ftLastAccessTime; FILETIME ftLastWriteTime; DWORD nFileSizeHigh; DWORD nFileSizeLow; }",
    ),
    (
        "WIN32_FIND_DATAA",
        "struct _WIN32_FIND_DATAA { DWORD dwFileAttributes; FILETIME ftCreationTime; FILETIME \
         ftLastAccessTime; FILETIME ftLastWriteTime; DWORD nFileSizeHigh; DWORD nFileSizeLow; DWORD \
         dwReserved0; DWORD dwReserved1; CHAR cFileName[260]; CHAR cAlternateFileName[14]; }",
    ),
    (
        "WIN32_FIND_DATAW",
        "struct _WIN32_FIND_DATAW { DWORD dwFileAttributes; FILETIME ftCreationTime; FILETIME \
         ftLastAccessTime; FILETIME ftLastWriteTime; DWORD nFileSizeHigh; DWORD nFileSizeLow; DWORD \
         dwReserved0; DWORD dwReserved1; WCHAR cFileName[260]; WCHAR cAlternateFileName[14]; }",
    ),
    (
        "WINDOWPLACEMENT",
        "struct tagWINDOWPLACEMENT { UINT length; UINT flags; UINT showCmd; POINT ptMinPosition; POINT \
         ptMaxPosition; RECT rcNormalPosition; }",
    ),
    (
        "WNDCLASSA",
        "struct tagWNDCLASSA { UINT style; WNDPROC lpfnWndProc; int cbClsExtra; int cbWndExtra; HINSTANCE \
         hInstance; HICON hIcon; HCURSOR hCursor; HBRUSH hbrBackground; LPCSTR lpszMenuName; LPCSTR \
         lpszClassName; }",
    ),
    (
        "WNDCLASSEXA",
        "struct tagWNDCLASSEXA { UINT cbSize; UINT style; WNDPROC lpfnWndProc; int cbClsExtra; int \
         cbWndExtra; HINSTANCE hInstance; HICON hIcon; HCURSOR hCursor; HBRUSH hbrBackground; LPCSTR \
         lpszMenuName; LPCSTR lpszClassName; HICON hIconSm; }",
    ),
    (
        "WNDCLASSEXW",
        "struct tagWNDCLASSEXW { UINT cbSize; UINT style; WNDPROC lpfnWndProc; int cbClsExtra; int \
         cbWndExtra; HINSTANCE hInstance; HICON hIcon; HCURSOR hCursor; HBRUSH hbrBackground; LPCWSTR \
         lpszMenuName; LPCWSTR lpszClassName; HICON hIconSm; }",
    ),
    (
        "WNDCLASSW",
        "struct tagWNDCLASSW { UINT style; WNDPROC lpfnWndProc; int cbClsExtra; int cbWndExtra; HINSTANCE \
         hInstance; HICON hIcon; HCURSOR hCursor; HBRUSH hbrBackground; LPCWSTR lpszMenuName; LPCWSTR \
         lpszClassName; }",
    ),
];

#[cfg(test)]
mod tests {
    use super::{NAMES, RECORDS};

    #[test]
    fn the_lists_are_sorted_and_name_nothing_twice() {
        for list in [NAMES, RECORDS] {
            let unsorted = list.windows(2).find(|rows| rows[0].0 >= rows[1].0);
            assert_eq!(unsorted, None);
        }
        let both = NAMES.iter().find(|name| super::record(name.0).is_some());
        assert_eq!(both, None);
    }
}
