//! Working ahead: cutting the texts into statements and parsing them needs no schema, so a thread of its own does it
//! while the session is still busy with what came before.
//!
//! The order of the scripts is known before the first one runs. What is asked for out of turn (a script that runs a
//! second time) is prepared on the spot.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use crate::layout::Section;
use crate::sql::postgres::{self, Forest, Piece, Prepared, Tree};

/// Trees travel in bunches, and so many bunches may wait: enough to keep both threads busy, and little to hold.
const BUNCH: usize = 64;
const WAITING: usize = 16;

/// A script with everything about it that could be known before it runs.
pub(crate) struct Ready<'t> {
    pub(crate) prepared: Arc<Prepared<'t>>,
    /// Where the text starts in its file.
    pub(crate) offset: usize,
    pub(crate) pieces: Vec<Piece>,
    /// The trees of its statements come from [`Ahead::next_tree`].
    pub(crate) has_trees: bool,
}

enum Message<'t> {
    Script { prepared: Arc<Prepared<'t>>, offset: usize, pieces: Vec<Piece> },
    Trees(Vec<Tree>),
}

/// What is ready, in order, and what is expected of it.
pub(crate) struct Ahead<'t> {
    texts: &'t [Arc<str>],
    receiver: Receiver<Message<'t>>,
    state: RefCell<State<'t>>,
}

struct State<'t> {
    expected: VecDeque<&'t Section>,
    trees: VecDeque<Tree>,
}

/// Starts to work through the sections in their order.
pub(crate) fn start<'scope, 't: 'scope>(
    scope: &'scope Scope<'scope, '_>,
    stack: usize,
    texts: &'t [Arc<str>],
    sections: Vec<&'t Section>,
) -> Ahead<'t> {
    let (sender, receiver) = sync_channel(WAITING);
    let expected = sections.iter().copied().collect();
    let worker = thread::Builder::new().name("parse".to_owned()).stack_size(stack);
    let work = move || sections.into_iter().all(|section| send_script(&sender, texts, section));
    worker.spawn_scoped(scope, work).expect("the system gives one thread more");
    Ahead { texts, receiver, state: RefCell::new(State { expected, trees: VecDeque::new() }) }
}

/// False once nobody listens any more.
fn send_script<'t>(sender: &SyncSender<Message<'t>>, texts: &'t [Arc<str>], section: &Section) -> bool {
    let (prepared, offset, pieces) = prepare(texts, section);
    let statements: Vec<Range<usize>> =
        pieces.iter().filter(|piece| piece.kind.problem().is_none()).map(|piece| piece.start..piece.end).collect();
    if sender.send(Message::Script { prepared: Arc::clone(&prepared), offset, pieces }).is_err() {
        return false;
    }
    statements.chunks(BUNCH).all(|bunch| {
        let mut forest = Forest::default();
        let trees = bunch.iter().map(|range| forest.grow(&prepared.text[range.clone()])).collect();
        sender.send(Message::Trees(trees)).is_ok()
    })
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
            state.trees.clear();
            while let Ok(message) = self.receiver.recv() {
                // Trees that nobody asked for belong to a script that is over.
                if let Message::Script { prepared, offset, pieces } = message {
                    return Ready { prepared, offset, pieces, has_trees: true };
                }
            }
        }
        let (prepared, offset, pieces) = prepare(self.texts, section);
        Ready { prepared, offset, pieces, has_trees: false }
    }

    /// The tree of the script's next statement.
    pub(crate) fn next_tree(&self) -> Option<Tree> {
        let mut state = self.state.borrow_mut();
        if state.trees.is_empty()
            && let Ok(Message::Trees(trees)) = self.receiver.recv()
        {
            state.trees.extend(trees);
        }
        state.trees.pop_front()
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
