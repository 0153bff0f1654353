//! The memory that a stub may use, and what it may do with each byte of it.

use std::ops::Range;

/// What is wrong with a stub, for people.
pub(crate) type Fault = String;

const READABLE: u8 = 1;
const WRITABLE: u8 = 2;
const WRITTEN: u8 = 4;

/// No step of the stack pointer may be larger than a guard page.
const PAGE: u64 = 4096;

/// Bytes at consecutive addresses.
pub(crate) struct Region {
    name: &'static str,
    base: u64,
    bytes: Vec<u8>,
    rights: Vec<u8>,
}

impl Region {
    /// Bytes of which none may be touched yet.
    pub(crate) fn new(name: &'static str, base: u64, bytes: Vec<u8>) -> Region {
        let rights = vec![0; bytes.len()];
        Region {
            name,
            base,
            bytes,
            rights,
        }
    }

    pub(crate) fn readable(&mut self, range: Range<u64>) {
        self.set_rights(range, READABLE);
    }

    pub(crate) fn writable(&mut self, range: Range<u64>) {
        self.set_rights(range, WRITABLE);
    }

    /// Gives the bytes at some addresses these rights and no others.
    fn set_rights(&mut self, range: Range<u64>, rights: u8) {
        let range = (range.start - self.base) as usize..(range.end - self.base) as usize;
        self.rights[range].fill(rights);
    }

    fn range(&self, address: u64, size: u64) -> Option<Range<usize>> {
        let start = usize::try_from(address.checked_sub(self.base)?).ok()?;
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        (end <= self.bytes.len()).then_some(start..end)
    }

    /// Makes bytes these, readable alone.
    pub(crate) fn put(&mut self, address: u64, bytes: &[u8]) {
        let start = (address - self.base) as usize;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        self.readable(address..address + bytes.len() as u64);
    }

    pub(crate) fn start(&self) -> u64 {
        self.base
    }

    pub(crate) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}

/// The packed frame, the result and the stack.
pub(crate) struct Memory {
    pub(crate) frame: Region,
    pub(crate) ret: Region,
    pub(crate) stack: Region,
    /// The lowest address of the stack that was touched: the guard page may start a byte below its page.
    pub(crate) lowest: u64,
}

impl Memory {
    /// A load by an instruction.
    pub(crate) fn load(&mut self, address: u64, size: u64, sp: u64) -> Result<u128, Fault> {
        self.touch(address, sp)?;
        Ok(number(self.read(address, size)?))
    }

    /// Bytes that may be read: those of an argument, and what was written to the stack.
    pub(crate) fn read(&self, address: u64, size: u64) -> Result<&[u8], Fault> {
        let (region, range) = self.find(address, size)?;
        if let Some(at) = region.rights[range.clone()]
            .iter()
            .position(|rights| rights & READABLE == 0)
        {
            let what = match region.name {
                "the stack" => "reads a byte that was never written",
                _ => "reads a byte that is no argument's",
            };
            return Err(format!(
                "{what}: {at} of {size} bytes at {} + {}",
                region.name, range.start
            ));
        }
        Ok(&region.bytes[range])
    }

    /// A store by an instruction, of the low bytes of `value`.
    pub(crate) fn store(
        &mut self,
        address: u64,
        size: u64,
        value: u128,
        sp: u64,
    ) -> Result<(), Fault> {
        self.touch(address, sp)?;
        let (region, range) = self.find(address, size)?;
        if region.rights[range.clone()]
            .iter()
            .any(|rights| rights & WRITABLE == 0)
        {
            return Err(format!(
                "writes {size} bytes at {} + {}, of which some are not its own",
                region.name, range.start
            ));
        }
        let region = match region.name {
            "the stack" => &mut self.stack,
            _ => &mut self.ret,
        };
        region.bytes[range.clone()].copy_from_slice(&value.to_le_bytes()[..size as usize]);
        region.rights[range].fill(READABLE | WRITABLE | WRITTEN);
        Ok(())
    }

    /// Notes that the stack is used at an address; `sp` is where it ends.
    pub(crate) fn touch(&mut self, address: u64, sp: u64) -> Result<(), Fault> {
        if self.stack.range(address, 1).is_none() {
            return Ok(());
        }
        if address < sp {
            return Err(format!(
                "touches the stack {} bytes below the stack pointer",
                sp - address
            ));
        }
        self.probed(address)?;
        self.lowest = self.lowest.min(address);
        Ok(())
    }

    /// Whether an address is less than a guard page below what was touched before.
    pub(crate) fn probed(&self, address: u64) -> Result<(), Fault> {
        match self.lowest.saturating_sub(address) {
            0..=PAGE => Ok(()),
            distance => Err(format!(
                "uses the stack {distance} bytes below what was touched before: more than a page"
            )),
        }
    }

    /// Makes stack bytes unreadable: they are somebody else's, or hold nothing any more.
    pub(crate) fn forget(&mut self, range: Range<u64>) {
        if range.start < range.end {
            self.stack.writable(range);
        }
    }

    /// Bytes of the frame.
    pub(crate) fn argument(&self, offset: u64, size: u64) -> &[u8] {
        &self.frame.bytes[offset as usize..(offset + size) as usize]
    }

    /// What the stub wrote to the result at an offset; none where it did not.
    pub(crate) fn result(&self, offset: u64, size: u64) -> Option<&[u8]> {
        let range = offset as usize..(offset + size) as usize;
        let written = |rights: &u8| rights & WRITTEN != 0;
        self.ret.rights[range.clone()]
            .iter()
            .all(written)
            .then(|| &self.ret.bytes[range])
    }

    fn find(&self, address: u64, size: u64) -> Result<(&Region, Range<usize>), Fault> {
        [&self.frame, &self.ret, &self.stack]
            .into_iter()
            .find_map(|region| Some((region, region.range(address, size)?)))
            .ok_or_else(|| format!("touches {size} bytes at {address:#x}, where nothing is"))
    }
}

/// Little-endian bytes, at most 16.
pub(crate) fn number(bytes: &[u8]) -> u128 {
    let mut all = [0; 16];
    all[..bytes.len()].copy_from_slice(bytes);
    u128::from_le_bytes(all)
}
