//! A line on the standard error while a run takes long, at a terminal only.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

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
            let mut doing = doing;
            let mut bar: Option<ProgressBar> = None;
            loop {
                match receiver.recv_timeout(if bar.is_some() { FRAME } else { PATIENCE }) {
                    Ok(next) => doing = next,
                    Err(RecvTimeoutError::Timeout) => {
                        let bar = bar.get_or_insert_with(spinner);
                        bar.set_message(doing.clone());
                        bar.tick();
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
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

fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or(ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}
