//! What is seen of a run: a line for each step that is done, and while one takes long, how far it is. At a terminal
//! that is one line that moves; elsewhere a line every few seconds.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use live::run::{Blocker, Event, Watch};
use report::count::number;

use super::signals::Signals;
use crate::cli::output::remark;
use crate::migrate::run::spoken;

pub(super) struct Look<'a> {
    quiet: bool,
    signals: &'a Signals,
    bar: Option<ProgressBar>,
    said: Instant,
    told_to_stop: bool,
    title: String,
}

/// Between two lines about one step, where no line can move.
const SELDOM: Duration = Duration::from_secs(5);

impl<'a> Look<'a> {
    pub(super) fn new(quiet: bool, signals: &'a Signals) -> Look<'a> {
        let bar = (!quiet && io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
            ProgressBar::new_spinner().with_style(style.unwrap_or(ProgressStyle::default_spinner()))
        });
        Look { quiet, signals, bar, said: Instant::now(), told_to_stop: false, title: String::new() }
    }

    pub(super) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// A line that stays.
    fn line(&mut self, text: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => bar.suspend(|| remark(&format!("{text}\n"))),
            None => remark(&format!("{text}\n")),
        }
        self.said = Instant::now();
    }

    /// A line that the next one takes the place of.
    fn now(&mut self, text: &str) {
        let text = format!("{}: {text}", self.title);
        match &self.bar {
            Some(bar) => {
                bar.set_message(text);
                bar.tick();
            }
            None if self.said.elapsed() >= SELDOM => self.line(&format!("     {text}")),
            None => {}
        }
    }
}

impl Watch for Look<'_> {
    fn see(&mut self, event: Event<'_>) {
        if self.signals.stops() && !self.told_to_stop {
            self.told_to_stop = true;
            self.line("Stopping as soon as nothing is lost by it; Ctrl-C again ends at once");
        }
        match event {
            Event::Begins { number, of, step } => {
                self.title = format!("{number}/{of} {}", step.title);
                self.said = Instant::now();
                if let Some(bar) = &self.bar {
                    bar.set_message(self.title.clone());
                    bar.tick();
                }
            }
            Event::Waits { blockers } => self.now(&waiting(blockers)),
            Event::Retries { attempt, pause, said } => {
                self.now(&format!("{said}; try {} in {}", attempt + 1, spoken(pause)));
            }
            Event::Builds { phase, done, of } => {
                let share = (100 * done).checked_div(of).map_or_else(String::new, |percent| format!(", {percent} %"));
                self.now(&format!("{phase}{share}"));
            }
            Event::Rows { seen, of, changed, rate, batch } => {
                let percent = 100.0 * seen as f64 / (of as f64).max(1.0);
                let left = Duration::from_secs_f64((of.saturating_sub(seen)) as f64 / rate.max(0.001));
                let [changed, rate, batch] = [changed, rate as u64, batch].map(|count| number(count as usize));
                self.now(&format!(
                    "{percent:.0} %, {changed} rows changed, {rate} rows/s in batches of {batch}, {} left",
                    spoken(left),
                ));
            }
            Event::Pauses { why } => self.now(&format!("pausing, {why}")),
            Event::Notes(note) => self.line(note),
            Event::Ends { took, .. } => {
                let title = std::mem::take(&mut self.title);
                self.line(&format!("{title}: {}", spoken(took)));
            }
        }
    }

    fn stops(&self) -> bool {
        self.signals.stops()
    }
}

fn waiting(blockers: &[Blocker]) -> String {
    let others = match blockers.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    blockers.first().map_or_else(String::new, |first| format!("waits for {first}{others}"))
}
