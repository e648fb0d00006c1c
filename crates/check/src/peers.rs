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
    squawk("adding-field-with-default", &["new-column-rewrites"]),
    squawk("adding-foreign-key-constraint", &["foreign-key-validated-at-once"]),
    squawk("adding-not-nullable-field", &["not-null-without-check"]),
    squawk("adding-required-field", &["required-column-without-default"]),
    squawk("adding-serial-primary-key-field", &["new-column-rewrites", "unique-constraint-blocks"]),
    squawk("ban-add-column", &[]),
    squawk("ban-add-composite-attribute", &[]),
    squawk("ban-add-enum-value", &[]),
    squawk("ban-alter-database-options", &[]),
    squawk("ban-alter-domain-with-add-constraint", &[]),
    squawk("ban-alter-extension", &[]),
    squawk("ban-alter-function-options", &[]),
    squawk("ban-alter-generated-expression", &[]),
    squawk("ban-alter-identity", &[]),
    squawk("ban-alter-policy-condition", &[]),
    squawk("ban-alter-policy-roles", &[]),
    squawk("ban-alter-role-options", &[]),
    squawk("ban-alter-row-level-security", &[]),
    squawk("ban-alter-sequence-values", &[]),
    squawk("ban-alter-system-options", &[]),
    squawk("ban-alter-view-options", &[]),
    squawk("ban-char-field", &["char-type"]),
    squawk("ban-concurrent-index-creation-in-transaction", &["concurrently-in-transaction"]),
    squawk("ban-create-domain-with-constraint", &[]),
    squawk("ban-create-policy", &[]),
    squawk("ban-detach-inheritance", &[]),
    squawk("ban-disable-trigger", &[]),
    squawk("ban-drop-column", &["drop-column"]),
    squawk("ban-drop-constraint", &[]),
    squawk("ban-drop-database", &[]),
    squawk("ban-drop-default", &[]),
    squawk("ban-drop-domain", &[]),
    squawk("ban-drop-extension", &[]),
    squawk("ban-drop-function", &[]),
    squawk("ban-drop-generated-expression", &[]),
    squawk("ban-drop-index", &["drop-index-blocks"]),
    squawk("ban-drop-not-null", &[]),
    squawk("ban-drop-policy", &[]),
    squawk("ban-drop-schema", &[]),
    squawk("ban-drop-sequence", &[]),
    squawk("ban-drop-table", &["drop-table"]),
    squawk("ban-drop-trigger", &[]),
    squawk("ban-drop-type", &[]),
    squawk("ban-drop-view", &[]),
    squawk("ban-duplicate-column-assignments", &[]),
    squawk("ban-new-write-restriction", &[]),
    squawk("ban-replace-view-function", &[]),
    squawk("ban-replica-identity", &[]),
    squawk("ban-revoke", &[]),
    squawk("ban-set-default", &[]),
    squawk("ban-set-schema", &["rename-table"]),
    squawk("ban-truncate-cascade", &["truncate-table"]),
    squawk("ban-uncommitted-transaction", &[]),
    squawk("changing-column-type", &["type-change-rewrites"]),
    squawk("constraint-missing-not-valid", &["check-validated-at-once", "foreign-key-validated-at-once"]),
    squawk("disallowed-unique-constraint", &["unique-constraint-blocks"]),
    squawk("identifier-too-long", &["identifier-too-long"]),
    squawk("prefer-bigint-over-int", &["integer-primary-key"]),
    squawk("prefer-bigint-over-smallint", &["integer-primary-key"]),
    squawk("prefer-identity", &["serial-column"]),
    squawk("prefer-repack", &["table-rewritten"]),
    squawk("prefer-robust-stmts", &[]),
    squawk("prefer-text-field", &["varchar-with-length"]),
    squawk("prefer-timestamp-tz", &["timestamp-without-zone"]),
    squawk("renaming-column", &["rename-column"]),
    squawk("renaming-object", &[]),
    squawk("renaming-table", &["rename-table"]),
    squawk("require-concurrent-index-creation", &["index-blocks-writes"]),
    squawk("require-concurrent-index-deletion", &["drop-index-blocks"]),
    squawk("require-concurrent-partition-detach", &["detach-partition-blocks"]),
    squawk("require-concurrent-reindex", &["reindex-blocks-writes"]),
    squawk("require-enum-value-ordering", &[]),
    squawk("require-lock-timeout", &["missing-lock-timeout"]),
    squawk("require-statement-timeout", &[]),
    squawk("require-table-schema", &[]),
    squawk("require-timeout-settings", &["missing-lock-timeout"]),
    squawk("transaction-nesting", &[]),
    squawk("unused-ignore", &["unused-ignore"]),
];

/// Our rules for a name that another tool uses.
pub fn names_of(name: &str) -> &'static [&'static str] {
    PEERS.iter().find(|peer| peer.name == name).map_or(&[], |peer| peer.ours)
}

/// Whether some other tool has a rule of that name.
pub(crate) fn knows(name: &str) -> bool {
    PEERS.iter().any(|peer| peer.name == name)
}
