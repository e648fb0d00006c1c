//! Ctrl-C: the first asks the run to stop where nothing is lost, the second ends the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::Failure;

#[derive(Debug)]
pub(super) struct Signals {
    asked: Arc<AtomicBool>,
}

/// What a shell says of a program that a Ctrl-C ended.
const INTERRUPTED: i32 = 130;

impl Signals {
    pub(super) fn listen() -> Result<Signals, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: at the first signal the flag is still down, and the program goes on.
            flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&asked))
                .and_then(|_| flag::register(signal, Arc::clone(&asked)))
                .map_err(|cause| Failure::new(format!("Ctrl-C cannot be listened for: {cause}")))?;
        }
        Ok(Signals { asked })
    }

    pub(super) fn stops(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}
