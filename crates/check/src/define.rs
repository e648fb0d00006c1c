//! How a rule's file says what it is: the `rule!` macro, and the list that registers the files.

use model::{Proof, Severity};

use crate::rule::{Check, Rule};

/// A rule as its file writes it; [`rule!`](crate::define::rule) makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    pub(crate) code: &'static str,
    module: &'static str,
    page: &'static str,
    summary: &'static str,
    severity: Severity,
    proof: Proof,
    fix: bool,
    opt_in: bool,
    check: Check,
}

impl Definition {
    pub(crate) const fn new(code: &'static str, module: &'static str, page: &'static str) -> Definition {
        Definition {
            code,
            module,
            page,
            summary: first_sentence(page),
            severity: Severity::Warning,
            proof: Proof::Judged,
            fix: false,
            opt_in: false,
            check: Check::Engine,
        }
    }

    /// It surely breaks, or stops production.
    pub(crate) const fn error(self) -> Definition {
        Definition { severity: Severity::Error, ..self }
    }

    /// Worth a look, often right as it is.
    pub(crate) const fn note(self) -> Definition {
        Definition { severity: Severity::Note, ..self }
    }

    /// A fact of the dialect, and not a matter of taste.
    pub(crate) const fn known(self) -> Definition {
        Definition { proof: Proof::Known, ..self }
    }

    /// Only a server can find it: `check --prove`.
    pub(crate) const fn proven(self) -> Definition {
        Definition { proof: Proof::Proven, ..self }
    }

    pub(crate) const fn fix(self) -> Definition {
        Definition { fix: true, ..self }
    }

    pub(crate) const fn opt_in(self) -> Definition {
        Definition { opt_in: true, ..self }
    }

    pub(crate) const fn check(self, check: Check) -> Definition {
        Definition { check, ..self }
    }

    /// The rule as others see it. Runs once per rule and process, so its name may live forever.
    pub(crate) fn print(&self) -> (Rule, Check) {
        let mut path = self.module.rsplit("::");
        let name = path.next().expect("a module path has a last word");
        let group = path.next().expect("a rule's file lies in the folder of its group");
        let rule = Rule {
            code: self.code,
            name: name.replace('_', "-").leak(),
            group,
            severity: self.severity,
            proof: self.proof,
            subject: self.check.subject(),
            fix: self.fix,
            summary: self.summary,
            page: self.page,
            opt_in: self.opt_in,
        };
        (rule, self.check)
    }
}

/// The page up to its first full stop before a space or line break; the sentence stands on one line.
const fn first_sentence(page: &str) -> &str {
    let bytes = page.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b'\n' {
        end += 1;
        if bytes[end - 1] == b'.' && end < bytes.len() && bytes[end] == b' ' {
            break;
        }
    }
    page.split_at(end).0
}

/// A page made by the compiler, so that no run makes all of them to use none: room for it, and how much of that it takes.
pub(crate) type Set<const ROOM: usize> = ([u8; ROOM], usize);

/// Sets the page of a documentation comment, whose lines begin with a space and may end with some.
pub(crate) const fn set<const ROOM: usize>(doc: &str) -> Set<ROOM> {
    let (doc, mut page) = (doc.as_bytes(), [0; ROOM]);
    let (mut from, mut to) = (0, 0);
    let mut begins = true;
    while from < doc.len() {
        let byte = doc[from];
        while byte == b'\n' && to > 0 && page[to - 1] == b' ' {
            to -= 1;
        }
        if !(begins && byte == b' ') {
            page[to] = byte;
            to += 1;
        }
        begins = byte == b'\n';
        from += 1;
    }
    (page, to)
}

pub(crate) const fn text<const ROOM: usize>(page: &'static Set<ROOM>) -> &'static str {
    match std::str::from_utf8(page.0.split_at(page.1).0) {
        Ok(text) => text,
        Err(_) => panic!("spaces are whole letters"),
    }
}

/// Defines the rule of a file: its documentation, its code, words about it (`error`, `note`, `known`, `proven`,
/// `fix`, `opt_in`)
/// and what it checks. Without words it is a judged warning that is on and offers no fix.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $code:literal, $($rest:tt)+) => {
        $crate::define::rule!(@ $crate::define::Definition::new($code, module_path!(), {
            const DOC: &str = concat!($($doc, "\n"),+);
            const PAGE: $crate::define::Set<{ DOC.len() }> = $crate::define::set(DOC);
            $crate::define::text(&PAGE)
        }); $($rest)+);
    };
    (@ $definition:expr; $word:ident, $($rest:tt)+) => {
        $crate::define::rule!(@ $definition.$word(); $($rest)+);
    };
    (@ $definition:expr; $check:expr) => {
        pub(crate) static RULE: $crate::define::Definition = $definition.check($check);
    };
}

/// Registers rules: one word each, under the folder of their group.
macro_rules! rules {
    ($($group:ident: [$($rule:ident),* $(,)?])*) => {
        $(mod $group { $(pub(crate) mod $rule;)* })*
        pub(crate) static DEFINITIONS: &[&$crate::define::Definition] = &[$($(&$group::$rule::RULE),*),*];
    };
}

pub(crate) use {rule, rules};
