use crate::define::rule;
use crate::rule::Check;

rule! {
    /// A real server refuses this statement; correct it, or what it stands on.
    ///
    /// `palladio check --prove` runs the migrations one after another on a private PostgreSQL and prepares the queries
    /// against what they made. The message is the server's own. What needs an extension that this server does not have is
    /// left out, and the summary says so.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL DEFAULT 'none');
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL DEFAULT '0');
    /// ```
    "G002", error, proven, Check::Engine
}
