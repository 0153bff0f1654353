//! Names of POSIX's headers (POSIX.1-2017, `sys/types.h` and others) as glibc defines them for Linux, so that what manual pages
//! declare can be taken as it stands there.

use crate::layout::{Arch, DataModel};

/// What a name stands for.
pub(super) fn name(name: &str, model: &DataModel) -> Option<&'static str> {
    match (name, model.arch) {
        ("nlink_t", Arch::X86_64) => Some("unsigned long"),
        ("blksize_t", Arch::Aarch64) => Some("int"),
        ("dev_t", Arch::X86) => Some("unsigned long long"),
        ("off64_t" | "loff_t", Arch::X86) => Some("long long"),
        _ => Some(NAMES.iter().find(|row| row.0 == name)?.1),
    }
}

/// The body of the structure with this tag.
pub(super) fn structure(tag: &str) -> Option<&'static str> {
    match tag {
        "timespec" => Some("{ time_t tv_sec; long tv_nsec; }"),
        "timeval" => Some("{ time_t tv_sec; suseconds_t tv_usec; }"),
        _ => None,
    }
}

const NAMES: &[(&str, &str)] = &[
    ("blkcnt_t", "long"),
    ("blksize_t", "long"),
    ("clock_t", "long"),
    ("clockid_t", "int"),
    ("dev_t", "unsigned long"),
    ("gid_t", "unsigned int"),
    ("id_t", "unsigned int"),
    ("in_addr_t", "uint32_t"),
    ("in_port_t", "uint16_t"),
    ("ino_t", "unsigned long"),
    ("key_t", "int"),
    ("loff_t", "long"),
    ("mode_t", "unsigned int"),
    ("nfds_t", "unsigned long"),
    ("nlink_t", "unsigned int"),
    ("off64_t", "long"),
    ("off_t", "long"),
    ("pid_t", "int"),
    ("pthread_t", "unsigned long"),
    ("sa_family_t", "unsigned short"),
    ("socklen_t", "unsigned int"),
    ("suseconds_t", "long"),
    ("time_t", "long"),
    ("timer_t", "void *"),
    ("uid_t", "unsigned int"),
    ("useconds_t", "unsigned int"),
    ("wint_t", "unsigned int"),
];
