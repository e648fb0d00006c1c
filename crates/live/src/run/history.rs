//! Histories of other tools.
