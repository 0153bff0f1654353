/// Nothing to register, or (on 64-bit ARM, which has no stubs yet) nothing to register it for.
pub(in crate::code) struct Registration;

impl Registration {
    pub(in crate::code) const HEADER: usize = 0;

    /// # Safety
    ///
    /// None needed: does nothing.
    pub(in crate::code) unsafe fn new(
        _: *mut u8,
        _: *const u8,
        _: usize,
        _: crate::code::StackFrame,
    ) -> Option<Registration> {
        Some(Registration)
    }
}
