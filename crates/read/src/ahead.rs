//! Working ahead: cutting the texts into statements and parsing them needs no schema, nor does reading most tables. So
//! other threads do it while the session is still busy with what came before.
//!
//! The order of the scripts is known before the first one runs. Short ones go to the threads that look at statements
//! as they are, some at a time; a long one is cut by a thread of its own, and they look at a bunch of its statements at
//! a time. Who of them looked leaves no trace. What is asked for out of turn (a script that runs a second time) is
//! prepared on the spot.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, Scope};

use model::Schema;

use crate::layout::Section;
use crate::parallel;
use crate::sql::postgres::{self, Early, Memory, Piece, Prepared};

/// Statements travel in bunches, and so many bunches may wait: enough to keep all threads busy, and little to hold.
const BUNCH: usize = 64;
const WAITING: usize = 8;

/// Short scripts travel together, up to so many bytes; a longer one is cut.
const LOT: usize = 12 * 1024;

/// More threads than this find nothing to do: the session needs its time for every statement.
const MOST_LOOKERS: usize = 4;

/// A script with everything about it that could be known before it runs.
pub(crate) struct Ready<'t> {
    pub(crate) prepared: Arc<Prepared<'t>>,
    /// Where the text starts in its file.
    pub(crate) offset: usize,
    pub(crate) pieces: Vec<Piece>,
    /// What is known of its statements comes from [`Ahead::next_early`].
    pub(crate) is_known: bool,
}

enum Message<'t> {
    /// Short scripts, as soon as they have been looked at.
    Lot(Receiver<VecDeque<Whole<'t>>>),
    /// A long script.
    Script(Cut<'t>),
    /// A bunch of its statements, as soon as it has been looked at.
    Bunch(Receiver<VecDeque<Early>>),
}

/// What one of the lookers has to do.
enum Job<'t> {
    Lot {
        sections: Vec<&'t Section>,
        done: SyncSender<VecDeque<Whole<'t>>>,
    },
    Bunch {
        prepared: Arc<Prepared<'t>>,
        offset: usize,
        statements: Vec<Range<usize>>,
        done: SyncSender<VecDeque<Early>>,
    },
}

/// A script that was cut.
struct Cut<'t> {
    prepared: Arc<Prepared<'t>>,
    offset: usize,
    pieces: Vec<Piece>,
}

/// A script with all that is known of its statements.
struct Whole<'t> {
    cut: Cut<'t>,
    known: VecDeque<Early>,
}

/// What is ready, in order, and what is expected of it.
pub(crate) struct Ahead<'t> {
    texts: &'t [Arc<str>],
    receiver: Receiver<Message<'t>>,
    state: RefCell<State<'t>>,
}

struct State<'t> {
    expected: VecDeque<&'t Section>,
    /// The rest of the lot that came last.
    lot: VecDeque<Whole<'t>>,
    known: VecDeque<Early>,
    /// More of the script is on its way.
    is_long: bool,
}

/// Starts to work through the sections in their order.
pub(crate) fn start<'scope, 't: 'scope>(
    scope: &'scope Scope<'scope, '_>,
    stack: usize,
    texts: &'t [Arc<str>],
    sections: Vec<&'t Section>,
) -> Ahead<'t> {
    let (sender, receiver) = sync_channel(WAITING);
    // The session would only wait for all of it.
    if sections.iter().map(|section| length(section)).sum::<usize>() <= LOT {
        return Ahead::expecting(VecDeque::new(), texts, receiver);
    }
    let (jobs, queue) = sync_channel(WAITING);
    let queue = Arc::new(Mutex::new(queue));
    let expected = sections.iter().copied().collect();
    let thread = |name: &str| thread::Builder::new().name(name.to_owned()).stack_size(stack);
    let cut = move || lots(&sections).all(|lot| send(&sender, &jobs, texts, lot));
    thread("cut").spawn_scoped(scope, cut).expect("the system gives one thread more");
    for _ in 0..parallel::threads().min(MOST_LOOKERS) {
        let queue = Arc::clone(&queue);
        thread("parse").spawn_scoped(scope, move || look(&queue, texts)).expect("the system gives one thread more");
    }
    Ahead::expecting(expected, texts, receiver)
}

/// The sections in their order: several short ones together, a long one alone.
fn lots<'s, 't>(sections: &'s [&'t Section]) -> impl Iterator<Item = &'s [&'t Section]> {
    let mut bytes = 0;
    sections.chunk_by(move |before, next| {
        bytes += length(before);
        let together = bytes + length(next) <= LOT;
        bytes = if together { bytes } else { 0 };
        together
    })
}

fn length(section: &Section) -> usize {
    section.ranges.iter().map(ExactSizeIterator::len).sum()
}

/// False once nobody listens any more.
fn send<'t>(
    sender: &SyncSender<Message<'t>>,
    jobs: &SyncSender<Job<'t>>,
    texts: &'t [Arc<str>],
    lot: &[&'t Section],
) -> bool {
    let [section] = lot else { return send_lot(sender, jobs, lot) };
    if length(section) <= LOT {
        return send_lot(sender, jobs, lot);
    }
    let cut = prepare(texts, section);
    let (prepared, offset, statements) = (Arc::clone(&cut.prepared), cut.offset, cut.statements());
    if sender.send(Message::Script(cut)).is_err() {
        return false;
    }
    statements.chunks(BUNCH).all(|bunch| {
        let (done, bunch_done) = sync_channel(1);
        let job = Job::Bunch { prepared: Arc::clone(&prepared), offset, statements: bunch.to_vec(), done };
        jobs.send(job).is_ok() && sender.send(Message::Bunch(bunch_done)).is_ok()
    })
}

fn send_lot<'t>(sender: &SyncSender<Message<'t>>, jobs: &SyncSender<Job<'t>>, lot: &[&'t Section]) -> bool {
    let (done, lot_done) = sync_channel(1);
    jobs.send(Job::Lot { sections: lot.to_vec(), done }).is_ok() && sender.send(Message::Lot(lot_done)).is_ok()
}

/// Looks at statements until there are no more.
fn look<'t>(queue: &Mutex<Receiver<Job<'t>>>, texts: &'t [Arc<str>]) {
    let next = || queue.lock().ok()?.recv().ok();
    let empty = Schema::default();
    let memory = RefCell::new(Memory::default());
    let early = |text: &str, offset: usize, range: &Range<usize>| {
        postgres::read_early(&empty, &memory, &text[range.clone()], (offset + range.start) as u32)
    };
    while let Some(job) = next() {
        // Nobody waits for the statements of a script that is over.
        match job {
            Job::Lot { sections, done } => {
                let whole = |section: &Section| {
                    let cut = prepare(texts, section);
                    let text = &cut.prepared.text;
                    let known = cut.statements().iter().map(|range| early(text, cut.offset, range)).collect();
                    Whole { cut, known }
                };
                let _ = done.send(sections.into_iter().map(whole).collect());
            }
            Job::Bunch { prepared, offset, statements, done } => {
                let _ = done.send(statements.iter().map(|range| early(&prepared.text, offset, range)).collect());
            }
        }
    }
}

fn prepare<'t>(texts: &'t [Arc<str>], section: &Section) -> Cut<'t> {
    let (text, offset) = text_of(&texts[section.file.0 as usize], &section.ranges);
    let prepared = match text {
        Cow::Borrowed(text) => postgres::prepare(text),
        Cow::Owned(text) => postgres::prepare(&text).into_owned(),
    };
    let pieces = postgres::split(&prepared.text);
    Cut { prepared: Arc::new(prepared), offset, pieces }
}

impl Cut<'_> {
    /// Those that can be read.
    fn statements(&self) -> Vec<Range<usize>> {
        let readable = self.pieces.iter().filter(|piece| piece.kind.problem().is_none());
        readable.map(|piece| piece.start..piece.end).collect()
    }
}

impl<'t> Ahead<'t> {
    fn expecting(expected: VecDeque<&'t Section>, texts: &'t [Arc<str>], receiver: Receiver<Message<'t>>) -> Ahead<'t> {
        let state = State { expected, lot: VecDeque::new(), known: VecDeque::new(), is_long: false };
        Ahead { texts, receiver, state: RefCell::new(state) }
    }

    /// The section's script: the next in line, or one that is prepared now.
    pub(crate) fn take(&self, section: &Section) -> Ready<'t> {
        let mut state = self.state.borrow_mut();
        let is_next = state.expected.front().is_some_and(|next| std::ptr::eq(*next, section));
        let next = if is_next { self.next(&mut state) } else { None };
        let is_known = next.is_some();
        let Cut { prepared, offset, pieces } = next.unwrap_or_else(|| prepare(self.texts, section));
        Ready { prepared, offset, pieces, is_known }
    }

    /// The script that is next in line.
    fn next(&self, state: &mut State<'t>) -> Option<Cut<'t>> {
        state.expected.pop_front();
        state.known.clear();
        state.is_long = false;
        loop {
            if let Some(Whole { cut, known }) = state.lot.pop_front() {
                state.known = known;
                return Some(cut);
            }
            match self.receiver.recv().ok()? {
                Message::Lot(lot) => state.lot = lot.recv().ok()?,
                Message::Script(cut) => {
                    state.is_long = true;
                    return Some(cut);
                }
                // What nobody asked for belongs to a script that is over.
                Message::Bunch(_) => {}
            }
        }
    }

    /// What is known of the script's next statement.
    pub(crate) fn next_early(&self) -> Option<Early> {
        let mut state = self.state.borrow_mut();
        if state.known.is_empty()
            && state.is_long
            && let Ok(Message::Bunch(bunch)) = self.receiver.recv()
            && let Ok(known) = bunch.recv()
        {
            state.known = known;
        }
        state.known.pop_front()
    }
}

/// The text of the ranges and where it starts. What lies between several of them becomes blank.
fn text_of<'a>(text: &'a str, ranges: &[Range<usize>]) -> (Cow<'a, str>, usize) {
    let [first, rest @ ..] = ranges else { return (Cow::Borrowed(""), 0) };
    let mut out = Cow::Borrowed(&text[first.clone()]);
    for range in rest {
        let out = out.to_mut();
        let gap = first.start + out.len()..range.start;
        out.extend(text.as_bytes()[gap].iter().map(|byte| if *byte == b'\n' { '\n' } else { ' ' }));
        out.push_str(&text[range.clone()]);
    }
    (out, first.start)
}
