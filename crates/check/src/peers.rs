//! What other tools call the mistakes that we find: their names work in comments that silence a rule.

/// A rule of another tool, and ours that find the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub tool: &'static str,
    pub name: &'static str,
    /// Names of our rules; empty where we do not share the opinion, or judge the thing by its effect instead.
    pub ours: &'static [&'static str],
}

const fn squawk(name: &'static str, ours: &'static [&'static str]) -> Peer {
    Peer { tool: "squawk", name, ours }
}

/// By tool and name.
pub const PEERS: &[Peer] = &[
    squawk("adding-field-with-default", &["volatile-default-rewrites"]),
    squawk("adding-foreign-key-constraint", &["foreign-key-validated-at-once"]),
];

/// Our rules for a name that another tool uses.
pub fn names_of(name: &str) -> &'static [&'static str] {
    PEERS.iter().find(|peer| peer.name == name).map_or(&[], |peer| peer.ours)
}

/// Whether some other tool has a rule of that name.
pub(crate) fn knows(name: &str) -> bool {
    PEERS.iter().any(|peer| peer.name == name)
}
