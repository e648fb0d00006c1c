//! Numbers as people write them: `1,204`, `1 file`, `2 files`.

/// The number with its thousands apart.
pub fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 file`, `38 files`, `3 queries`, `2 indexes`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {}", number(count), if count == 1 { noun.to_owned() } else { plural(noun) })
}

/// `8 kB`, `16 MB`, `9.4 GB`.
pub fn bytes(bytes: u64) -> String {
    let mut size = bytes as f64 / 1024.0;
    for unit in ["kB", "MB", "GB"] {
        if size < 1000.0 {
            let digits = usize::from(size < 10.0 && size.fract() > 0.05);
            return format!("{size:.digits$} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.1} TB")
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with(['x', 's']) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (count, text) in [(0, "0"), (999, "999"), (1204, "1,204"), (41_200_000, "41,200,000")] {
            assert_eq!(number(count), text);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([counted(1, "query"), counted(2, "query"), counted(3, "file")], ["1 query", "2 queries", "3 files"]);
    }
}
