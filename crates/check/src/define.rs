//! How a rule's file says what it is: the `rule!` macro, and the list that registers the files.

use model::{Proof, Severity};

use crate::rule::{Check, Rule};

/// A rule as its file writes it; [`rule!`](crate::define::rule) makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    code: &'static str,
    module: &'static str,
    doc: &'static str,
    severity: Severity,
    proof: Proof,
    fix: bool,
    opt_in: bool,
    check: Check,
}

impl Definition {
    pub(crate) const fn new(code: &'static str, module: &'static str, doc: &'static str) -> Definition {
        Definition {
            code,
            module,
            doc,
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

    /// The rule as others see it. Runs once per rule and process, so the texts may live forever.
    pub(crate) fn print(&self) -> (Rule, Check) {
        let mut path = self.module.rsplit("::");
        let name = path.next().expect("a module path has a last word");
        let group = path.next().expect("a rule's file lies in the folder of its group");
        let page: String = self
            .doc
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .fold(String::new(), |page, line| page + line.trim_end() + "\n");
        let page: &'static str = page.leak();
        let rule = Rule {
            code: self.code,
            name: name.replace('_', "-").leak(),
            group,
            severity: self.severity,
            proof: self.proof,
            subject: self.check.subject(),
            fix: self.fix,
            summary: first_sentence(page),
            page,
            opt_in: self.opt_in,
        };
        (rule, self.check)
    }
}

/// The page up to its first full stop before a space or line break; the sentence stands on one line.
fn first_sentence(page: &str) -> &str {
    let line = page.lines().next().unwrap_or("");
    line.find(". ").map_or(line, |stop| &line[..=stop])
}

/// Defines the rule of a file: its documentation, its code, words about it (`error`, `note`, `known`, `proven`,
/// `fix`, `opt_in`)
/// and what it checks. Without words it is a judged warning that is on and offers no fix.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $code:literal, $($rest:tt)+) => {
        $crate::define::rule!(@ $crate::define::Definition::new($code, module_path!(), concat!($($doc, "\n"),+)); $($rest)+);
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
