//! How a server is set that nobody will miss.

/// Nothing is written for durability, nothing happens in the background, and little memory is taken.
const THROW_AWAY: [(&str, &str); 11] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("shared_buffers", "16MB"),
    ("max_connections", "40"),
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("log_line_prefix", ""),
];

/// Every setting once; what comes later wins.
pub(super) fn all(over: &[(String, String)]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        THROW_AWAY.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in over {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1.clone_from(value),
            None => all.push((name.clone(), value.clone())),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_settings_win() {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let all = all(&[set("wal_level", "logical"), set("jit", "off"), set("wal_level", "replica")]);
        assert_eq!(
            all.iter().filter(|(name, _)| name == "wal_level").collect::<Vec<_>>(),
            [&set("wal_level", "replica")]
        );
        assert_eq!(all.last(), Some(&set("jit", "off")));
    }
}
