//! `--since REV`: what a branch adds to the commit where it left `REV`, uncommitted work included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use read::Input;

use crate::Failure;
use crate::files::absolute;

/// The files that were added or changed, by absolute path.
#[derive(Clone, Debug, Default)]
pub struct Since {
    added: BTreeSet<PathBuf>,
    /// The lines that are new, first to last; a file without any lost lines only.
    changed: BTreeMap<PathBuf, Vec<(u32, u32)>>,
}

impl Since {
    /// Something in these lines is new.
    pub fn touches(&self, path: &Path, first: u32, last: u32) -> bool {
        let ranges = self.changed.get(path).into_iter().flatten();
        self.added.contains(path) || ranges.into_iter().any(|(start, end)| *start <= last && first <= *end)
    }

    /// The file is new or changed.
    pub fn contains(&self, path: &Path) -> bool {
        self.added.contains(path) || self.changed.contains_key(path)
    }

    /// The file was there before and says something else now.
    pub fn edits(&self, path: &Path) -> bool {
        self.changed.contains_key(path) && !self.added.contains(path)
    }

    /// A file that is about to be written.
    pub(crate) fn add(&mut self, path: PathBuf) {
        self.added.insert(path);
    }

    /// The inputs that did not exist before: nobody can have applied them.
    pub fn added(&self, inputs: &[Input], folder: &Path) -> BTreeSet<String> {
        let paths = inputs.iter().map(|input| input.file.path.to_string());
        paths.filter(|path| self.added.contains(&absolute(folder, Path::new(path)))).collect()
    }
}

/// Asks git.
pub fn since(folder: &Path, revision: &str) -> Result<Since, Failure> {
    git(folder, &["rev-parse", "--git-dir"]).map_err(|_| match git(folder, &["version"]) {
        Err(missing) => missing,
        Ok(_) => Failure::new("--since needs a git repository, and here is none")
            .hint(format!("Asked in {}", folder.display())),
    })?;
    let commit =
        git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
            .map_err(|_| {
                Failure::new(format!("git knows no commit called `{revision}` here"))
                    .hint(format!("Asked in {}; a shallow clone may need: git fetch --unshallow", folder.display()))
            })?;
    let commit = commit.trim();
    // Without a common ancestor, the commit itself is what there was before.
    let base = git(folder, &["merge-base", commit, "HEAD"]).unwrap_or(commit.to_owned());
    let base = base.trim();
    let root = PathBuf::from(git(folder, &["rev-parse", "--show-toplevel"])?.trim_end_matches('\n'));
    let root = inside(folder, &root);
    let names = |text: &str| -> Vec<PathBuf> {
        text.split('\0').filter(|name| !name.is_empty()).map(|name| root.join(name)).collect()
    };
    let added = git(folder, &["diff", "--name-only", "--diff-filter=A", "-M", "-z", base, "--"])?;
    let untracked = git(folder, &["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/"])?;
    let changed = git(folder, &["diff", "--name-only", "--diff-filter=d", "-M", "-z", base, "--"])?;
    let diff = git(
        folder,
        &[
            "-c",
            "core.quotePath=false",
            "diff",
            "-U0",
            "-M",
            "--no-color",
            "--no-ext-diff",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            base,
            "--",
        ],
    )?;
    let mut since = Since { added: names(&added).into_iter().chain(names(&untracked)).collect(), ..Since::default() };
    since.changed = names(&changed).into_iter().map(|path| (path, Vec::new())).collect();
    for (name, lines) in new_lines(&diff) {
        since.changed.entry(root.join(name)).or_default().extend(lines);
    }
    Ok(since)
}

/// The root as the folder's own path spells it: git answers with links resolved.
fn inside(folder: &Path, root: &Path) -> PathBuf {
    let same = |above: &&Path| std::fs::canonicalize(above).is_ok_and(|real| real == *root);
    folder.ancestors().find(same).unwrap_or(root).to_owned()
}

/// The new lines of each file in a unified diff without context.
fn new_lines(diff: &str) -> BTreeMap<String, Vec<(u32, u32)>> {
    let mut files: BTreeMap<String, Vec<(u32, u32)>> = BTreeMap::new();
    let mut name = None;
    // Lines of the hunk that are still to come: one of them may look like a header.
    let mut rest = 0;
    for line in diff.lines() {
        if rest > 0 && line.starts_with(['+', '-', '\\']) {
            rest -= usize::from(!line.starts_with('\\'));
        } else if let Some(path) = line.strip_prefix("+++ ") {
            let path = path.trim_end_matches('\t').trim_matches('"');
            name = path.strip_prefix("b/").map(str::to_owned);
        } else if let Some(hunk) = line.strip_prefix("@@ ") {
            let mut sides = hunk.split(' ').map(range);
            let old = sides.next().flatten().unwrap_or((0, 0));
            let new = sides.next().flatten().unwrap_or((0, 0));
            rest = (old.1 + new.1) as usize;
            if let (Some(name), true) = (&name, new.1 > 0) {
                files.entry(name.clone()).or_default().push((new.0, new.0 + new.1 - 1));
            }
        }
    }
    files
}

/// `+12,3` or `-12`: a first line and how many.
fn range(side: &str) -> Option<(u32, u32)> {
    let numbers = side.strip_prefix(['+', '-'])?;
    match numbers.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((numbers.parse().ok()?, 1)),
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().map_err(|cause| {
        Failure::new(format!("--since needs git, and git cannot be started: {cause}"))
            .hint("Without it: palladio check FILE... names the files to look at")
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("no reason").trim_start_matches("fatal: ");
    Err(Failure::new(format!("git {} failed: {said}", arguments[0])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_diff() {
        let diff = "\
diff --git a/x.sql b/x.sql
--- a/x.sql
+++ b/x.sql
@@ -1 +1,2 @@
--- a comment that looks like a header
+++ b/no.sql
+SELECT 1;
@@ -9,2 +10,0 @@ CREATE
-a
-b
diff --git a/dir/y.sql b/dir/y.sql
--- a/dir/y.sql
+++ b/dir/y.sql
@@ -4,0 +5 @@
+c
";
        let expected = BTreeMap::from([("dir/y.sql".to_owned(), vec![(5, 5)]), ("x.sql".to_owned(), vec![(1, 2)])]);
        assert_eq!(new_lines(diff), expected);
    }
}
