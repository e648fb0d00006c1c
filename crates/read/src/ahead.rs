//! Working ahead: cutting the texts into statements and parsing them needs no schema, nor does reading most tables. So
//! other threads do it while the session is still busy with what came before.
//!
//! The order of the scripts is known before the first one runs: one thread cuts them in that order, and some others
//! look at the statements, a bunch at a time. Who of them looked leaves no trace. What is asked for out of turn (a
//! script that runs a second time) is prepared on the spot.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, Scope};

use model::Schema;

use crate::layout::Section;
use crate::sql::postgres::{self, Early, Piece, Prepared};

/// Statements travel in bunches, and so many bunches may wait: enough to keep all threads busy, and little to hold.
const BUNCH: usize = 64;
const WAITING: usize = 16;

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
    Script {
        prepared: Arc<Prepared<'t>>,
        offset: usize,
        pieces: Vec<Piece>,
    },
    /// A bunch of its statements, as soon as it has been looked at.
    Bunch(Receiver<Vec<Early>>),
}

/// Statements to look at.
struct Job<'t> {
    prepared: Arc<Prepared<'t>>,
    offset: usize,
    statements: Vec<Range<usize>>,
    done: SyncSender<Vec<Early>>,
}

/// What is ready, in order, and what is expected of it.
pub(crate) struct Ahead<'t> {
    texts: &'t [Arc<str>],
    receiver: Receiver<Message<'t>>,
    state: RefCell<State<'t>>,
}

struct State<'t> {
    expected: VecDeque<&'t Section>,
    known: VecDeque<Early>,
}

/// Starts to work through the sections in their order.
pub(crate) fn start<'scope, 't: 'scope>(
    scope: &'scope Scope<'scope, '_>,
    stack: usize,
    texts: &'t [Arc<str>],
    sections: Vec<&'t Section>,
) -> Ahead<'t> {
    let (sender, receiver) = sync_channel(WAITING);
    let (jobs, queue) = sync_channel(WAITING);
    let queue = Arc::new(Mutex::new(queue));
    let expected = sections.iter().copied().collect();
    let thread = |name: &str| thread::Builder::new().name(name.to_owned()).stack_size(stack);
    let cut = move || sections.into_iter().all(|section| send_script(&sender, &jobs, texts, section));
    thread("cut").spawn_scoped(scope, cut).expect("the system gives one thread more");
    let lookers = thread::available_parallelism().map_or(1, usize::from).min(MOST_LOOKERS);
    for _ in 0..lookers {
        let queue = Arc::clone(&queue);
        thread("parse").spawn_scoped(scope, move || look(&queue)).expect("the system gives one thread more");
    }
    Ahead { texts, receiver, state: RefCell::new(State { expected, known: VecDeque::new() }) }
}

/// False once nobody listens any more.
fn send_script<'t>(
    sender: &SyncSender<Message<'t>>,
    jobs: &SyncSender<Job<'t>>,
    texts: &'t [Arc<str>],
    section: &Section,
) -> bool {
    let (prepared, offset, pieces) = prepare(texts, section);
    let statements: Vec<Range<usize>> =
        pieces.iter().filter(|piece| piece.kind.problem().is_none()).map(|piece| piece.start..piece.end).collect();
    if sender.send(Message::Script { prepared: Arc::clone(&prepared), offset, pieces }).is_err() {
        return false;
    }
    statements.chunks(BUNCH).all(|bunch| {
        let (done, bunch_done) = sync_channel(1);
        let job = Job { prepared: Arc::clone(&prepared), offset, statements: bunch.to_vec(), done };
        jobs.send(job).is_ok() && sender.send(Message::Bunch(bunch_done)).is_ok()
    })
}

/// Looks at statements until there are no more.
fn look(queue: &Mutex<Receiver<Job<'_>>>) {
    let next = || queue.lock().ok()?.recv().ok();
    let empty = Schema::default();
    while let Some(Job { prepared, offset, statements, done }) = next() {
        let early = |range: &Range<usize>| {
            let start = (offset + range.start) as u32;
            postgres::read_early(&empty, &prepared.text[range.clone()], start)
        };
        let known = statements.iter().map(early).collect();
        // Nobody waits for the statements of a script that is over.
        let _ = done.send(known);
    }
}

fn prepare<'t>(texts: &'t [Arc<str>], section: &Section) -> (Arc<Prepared<'t>>, usize, Vec<Piece>) {
    let (text, offset) = text_of(&texts[section.file.0 as usize], &section.ranges);
    let prepared = match text {
        Cow::Borrowed(text) => postgres::prepare(text),
        Cow::Owned(text) => postgres::prepare(&text).into_owned(),
    };
    let pieces = postgres::split(&prepared.text);
    (Arc::new(prepared), offset, pieces)
}

impl<'t> Ahead<'t> {
    /// The section's script: the next in line, or one that is prepared now.
    pub(crate) fn take(&self, section: &Section) -> Ready<'t> {
        let mut state = self.state.borrow_mut();
        let is_next = state.expected.front().is_some_and(|next| std::ptr::eq(*next, section));
        if is_next {
            state.expected.pop_front();
            state.known.clear();
            while let Ok(message) = self.receiver.recv() {
                // What nobody asked for belongs to a script that is over.
                if let Message::Script { prepared, offset, pieces } = message {
                    return Ready { prepared, offset, pieces, is_known: true };
                }
            }
        }
        let (prepared, offset, pieces) = prepare(self.texts, section);
        Ready { prepared, offset, pieces, is_known: false }
    }

    /// What is known of the script's next statement.
    pub(crate) fn next_early(&self) -> Option<Early> {
        let mut state = self.state.borrow_mut();
        if state.known.is_empty()
            && let Ok(Message::Bunch(bunch)) = self.receiver.recv()
            && let Ok(known) = bunch.recv()
        {
            state.known.extend(known);
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
