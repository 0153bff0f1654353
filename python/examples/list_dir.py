"""The names in a folder, by the C library's readdir_r: `python list_dir.py /tmp`."""

import os
import sys

from farcall import FFI

ffi = FFI()
ffi.cdef("""
    typedef void DIR;
    typedef long ino_t;
    typedef long off_t;

    struct dirent {
        ino_t          d_ino;       /* inode number */
        off_t          d_off;       /* offset to the next dirent */
        unsigned short d_reclen;    /* length of this record */
        unsigned char  d_type;      /* type of file; not supported
                                       by all file system types */
        char           d_name[256]; /* filename */
    };

    DIR *opendir(const char *name);
    int readdir_r(DIR *dirp, struct dirent *entry, struct dirent **result);
    int closedir(DIR *dirp);
""")

# Symbols of the current process: Python, and with it the C library.
lib = ffi.dlopen(None)
print("Loaded lib {0}".format(lib))

dir_fd = lib.opendir(os.fsencode(sys.argv[1]))
if not dir_fd:
    raise RuntimeError("opendir failed")

# What readdir_r wants pointers to.
dirent = ffi.new("struct dirent*")
result = ffi.new("struct dirent**")

while True:
    if lib.readdir_r(dir_fd, dirent, result):
        raise RuntimeError("readdir_r failed")
    if result[0] == ffi.NULL:
        break
    print("Found: " + ffi.string(dirent.d_name).decode("utf-8"))

lib.closedir(dir_fd)
