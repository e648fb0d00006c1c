use model::{Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// Files are kept in rows; an object store keeps them cheaper, and the row keeps their address.
    ///
    /// Each goes through the WAL, to every replica and into every backup, a read takes all of it into memory on both sides, and
    /// one value ends at 1 GB. In the database they are as consistent as the rest, which may be worth that.
    ///
    /// ```sql,bad
    /// CREATE TABLE photos (id bigint PRIMARY KEY, image bytea NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE letters (id bigint PRIMARY KEY, attachment_data oid);
    /// ```
    /// ```sql,good
    /// CREATE TABLE photos (id bigint PRIMARY KEY, image_key text NOT NULL, image_hash bytea NOT NULL, token bytea);
    /// ```
    "D020", note, opt_in, Check::Column(check)
}

const FILES: &[&str] = &[
    "attachment",
    "audio",
    "avatar",
    "blob",
    "document",
    "file",
    "image",
    "logo",
    "pdf",
    "photo",
    "picture",
    "scan",
    "thumbnail",
    "video",
];

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let is_object = matches!(&column.ty, Type::Named(named) if *named.name.name == *"oid");
    let words = at.words;
    let is_file = |word: &Name| FILES.contains(&word.as_str());
    let names_file = match words {
        [.., before, last] if matches!(last.as_str(), "data" | "content" | "bytes") => is_file(before),
        [.., last] => is_file(last),
        [] => false,
    };
    if !(column.ty == Type::Bytea || is_object) || !names_file {
        return;
    }
    findings
        .at_type(
            &column_path(table, column),
            format!("{}.{} goes through the WAL and every backup", table.name, column.name),
        )
        .why("a value ends at 1 GB and is read as a whole");
}
