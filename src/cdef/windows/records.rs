//! Structures and unions, sorted by name.

pub(super) const RECORDS: &[(&str, &str)] = &[
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
