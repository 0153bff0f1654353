//! Callbacks: values both ways, and their lives.

#![allow(unsafe_code)]

mod values;
