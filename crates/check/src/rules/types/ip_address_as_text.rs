use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// An IP address is kept as text; `inet` checks it and knows networks.
    ///
    /// `::1` and `0:0:0:0:0:0:0:1` are one address and two texts, `10.0.0.999` is stored without complaint, and “all of
    /// 10.1.0.0/16” cannot be asked with an index. `inet` takes 7 bytes for IPv4 and sorts rightly.
    ///
    /// ```sql,bad
    /// CREATE TABLE logins (id bigint PRIMARY KEY, ip_address varchar(64));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint PRIMARY KEY, client_ip text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE logins (id bigint PRIMARY KEY, ip_address inet, ip_hash text, zip text, allowed_ips text[]);
    /// ```
    "T013", note, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Text | Type::Varchar(_) | Type::Char(_)) {
        return;
    }
    let words = at.words;
    let names_one = matches!(
        words.iter().map(Name::as_str).collect::<Vec<_>>()[..],
        [.., "ip" | "ipaddress" | "ipaddr" | "ipv4" | "ipv6"] | [.., "ip", "address" | "addr"]
    );
    if !names_one {
        return;
    }
    let path = column_path(table, column);
    let draft = findings
        .at_type(&path, format!("{}.{} takes what is no address", table.name, column.name))
        .why("one address has several texts; = finds only the one that was stored");
    // A default is mostly the empty text, which no address is.
    if column.default.is_none() {
        draft.unsafe_fix("make it inet", vec![Change::set_type(path, Type::Inet)]);
    }
}
