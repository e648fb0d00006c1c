//! An independent look: what our own introspection does not see, `pg_dump` does.

use live::Lab;

/// What an extension brings gets the privileges that were usual when it came, which no schema says. And what a table has
/// from a parent it may have of its own as well, as the one has that became a child later. No ALTER changes that, and
/// nothing but a dump shows it.
const FROM_PARENTS: &str = "
    UPDATE pg_attribute SET attislocal = false WHERE attinhcount > 0 AND attislocal;
    UPDATE pg_constraint SET conislocal = false WHERE coninhcount > 0 AND conislocal;
    UPDATE pg_proc SET proacl = NULL WHERE oid IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_proc'::regclass);
    UPDATE pg_type SET typacl = NULL WHERE oid IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_type'::regclass);
    DELETE FROM pg_init_privs";

/// The lines that are in only one of two dumps; none where the databases are the same.
pub(crate) fn differences(lab: &Lab, found: &str, wanted: &str) -> Vec<String> {
    let dump = |name: &str| {
        let mut client = lab.connect(name).expect("the lab answers");
        client.batch_execute(FROM_PARENTS).expect("a superuser may write to the catalogs");
        drop(client);
        canonical(&lab.dump(name).expect("the database can be dumped"))
    };
    let (found, wanted) = (dump(found), dump(wanted));
    let mut words: Vec<String> =
        missing_from(&wanted, &found).into_iter().map(|line| format!("dump has: {line}")).collect();
    words.extend(missing_from(&found, &wanted).into_iter().map(|line| format!("dump lacks: {line}")));
    words
}

/// The lines of the second sorted list that the first does not have, or has less often.
fn missing_from<'a>(first: &[String], second: &'a [String]) -> Vec<&'a String> {
    let mut others = first.iter().peekable();
    let mut missing = Vec::new();
    for line in second {
        while others.next_if(|other| *other < line).is_some() {}
        if others.next_if(|other| *other == line).is_none() {
            missing.push(line);
        }
    }
    missing
}

/// The lines of a dump as a sorted list: columns stand in another order in a table that grew.
fn canonical(dump: &str) -> Vec<String> {
    let owned: Vec<(&str, &str)> = dump.lines().filter_map(owner).collect();
    // What an owner grants to itself it may do anyway.
    let to_owner = |line: &str| {
        let Some((on, role)) =
            line.split_once(" ON ").and_then(|(_, on)| on.split_once(" TO ").or(on.split_once(" FROM ")))
        else {
            return false;
        };
        let role = role.trim_end_matches(';').trim_end_matches(" WITH GRANT OPTION");
        (line.starts_with("GRANT ") || line.starts_with("REVOKE "))
            && owned.iter().any(|(thing, owner)| *owner == role && *thing == on)
    };
    let noise = |line: &&str| !line.is_empty() && !line.starts_with("--") && !line.starts_with("\\") && !to_owner(line);
    let mut lines: Vec<String> =
        dump.lines().filter(noise).map(|line| sorted_options(line.trim_end_matches(','))).collect();
    lines.sort();
    lines
}

/// `TABLE app.orders` and its owner, of an ALTER … OWNER TO.
fn owner(line: &str) -> Option<(&str, &str)> {
    let (thing, role) = line.strip_prefix("ALTER ")?.split_once(" OWNER TO ")?;
    Some((thing, role.trim_end_matches(';')))
}

/// The order of storage parameters is that of their setting, that of columns in statistics the one of the table.
fn sorted_options(line: &str) -> String {
    if line.starts_with("CREATE STATISTICS ")
        && let Some((head, tail)) = line.split_once(" ON ")
        && let Some((keys, table)) = tail.rsplit_once(" FROM ")
    {
        let mut keys: Vec<&str> = keys.split(", ").collect();
        keys.sort_unstable();
        return format!("{head} ON {} FROM {table}", keys.join(", "));
    }
    let Some((head, (inside, tail))) =
        line.split_once("WITH (").and_then(|(head, rest)| Some((head, rest.split_once(')')?)))
    else {
        return line.to_owned();
    };
    let mut options: Vec<&str> = inside.split(", ").collect();
    options.sort_unstable();
    format!("{head}WITH ({}){tail}", options.join(", "))
}
