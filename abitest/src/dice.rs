//! Random choices that come out the same on every machine.

/// A source of random choices. Ranges are 32 or 64 bits wide on every host, never `usize`.
pub(crate) struct Dice(fastrand::Rng);

impl Dice {
    /// Choices for one purpose of one signature, independent of all other signatures and purposes.
    pub(crate) fn new(seed: u64, index: u32, purpose: u64) -> Dice {
        let mut start = fastrand::Rng::with_seed(seed);
        let mut own = fastrand::Rng::with_seed(start.u64(..) ^ u64::from(index) << 8 ^ purpose);
        Dice(fastrand::Rng::with_seed(own.u64(..)))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0.u32(..end)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        self.0.u32(low..=high)
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, which are not empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// Any 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Fills `bytes`.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.u8(..);
        }
    }
}
