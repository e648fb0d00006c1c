//! A line on the standard error while a run takes long, at a terminal only.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Shows its line from half a second on until it is dropped.
pub(crate) struct Progress {
    running: Option<(Sender<String>, JoinHandle<()>)>,
}

impl Progress {
    pub(crate) fn start(quiet: bool, doing: String) -> Progress {
        if quiet || !io::stderr().is_terminal() {
            return Progress { running: None };
        }
        let (sender, receiver) = channel::<String>();
        let show = move || {
            const PATIENCE: Duration = Duration::from_millis(500);
            const FRAME: Duration = Duration::from_millis(100);
            let started = Instant::now();
            let mut doing = doing;
            let mut frame = 0;
            loop {
                match receiver.recv_timeout(if frame > 0 { FRAME } else { PATIENCE }) {
                    Ok(next) => doing = next,
                    Err(RecvTimeoutError::Timeout) => {
                        draw(frame, &doing, started.elapsed());
                        frame += 1;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            if frame > 0 {
                write(CLEAR);
            }
        };
        Progress { running: Some((sender, thread::spawn(show))) }
    }

    pub(crate) fn now(&self, doing: String) {
        if let Some((sender, _)) = &self.running {
            // The other side only ends after this one.
            let _ = sender.send(doing);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.running.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

/// To the start of the line, and nothing behind it.
const CLEAR: &str = "\r\x1b[K";

fn draw(frame: usize, doing: &str, elapsed: Duration) {
    const WHEEL: [&str; 8] = ["⠇", "⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠏"];
    write(&format!("{CLEAR}{} {doing} {}s", WHEEL[frame % WHEEL.len()], elapsed.as_secs()));
}

/// A line that cannot be shown is no reason to stop.
fn write(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
