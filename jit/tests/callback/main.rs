//! Callbacks: values both ways, their lives, and what unwinds across them.

#![allow(unsafe_code)]

mod child;
mod library;
mod lives;
mod unwinding;
mod values;
