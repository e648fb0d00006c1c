//! pastes
