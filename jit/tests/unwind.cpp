/* What jit/tests/unwind.rs calls. */

extern "C" void throw_one(int value) { throw value; }
extern "C" void throw_nine(int, int, int, int, int, int, int, int, int value) { throw value; }
extern "C" int catch_from(void (*middle)(void *), void *data) {
    try { middle(data); } catch (int value) { return value; }
    return -1;
}
