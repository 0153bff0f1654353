"""An array of structures to C, and a structure back: `python add_data.py ./libsomelib.so`."""

import sys

from farcall import FFI

ffi = FFI()
lib = ffi.dlopen(sys.argv[1])
print("Loaded lib {0}".format(lib))

# The data type and the function, as the library's header has them.
ffi.cdef("""
    typedef struct {
        int num;
        double dnum;
    } DataPoint;

    DataPoint add_data(const DataPoint* dps, unsigned n);
""")

dps = ffi.new("DataPoint[]", [(2, 2.2), (3, 3.3), (4, 4.4), (5, 5.5)])

print("Calling add_data via farcall")
dout = lib.add_data(dps, 4)
print("dout = {0}, {1}".format(dout.num, dout.dnum))
