//! A unified diff, as `git apply` and `patch` take it.

use similar::TextDiff;

use super::Changed;

pub(super) fn unified(changed: &Changed) -> String {
    let before = String::from_utf8_lossy(changed.before.as_deref().unwrap_or_default());
    let after = String::from_utf8_lossy(&changed.after);
    let old = if changed.before.is_some() { format!("a/{}", changed.path) } else { "/dev/null".to_owned() };
    let new = format!("b/{}", changed.path);
    TextDiff::from_lines(&*before, &*after).unified_diff().header(&old, &new).to_string()
}
