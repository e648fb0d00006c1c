//! Files as long as production's, and nearly nothing in them: holes take no space, and a page of zeroes is an empty page
//! to every reader of the server.
//!
//! A file is cut into segments of 1 GiB (`RELSEG_SIZE`; <https://www.postgresql.org/docs/current/storage-file-layout.html>).
//! An index without rows is changed besides, where the planner reads it: a B-tree gets its height and a leaf, a GIN its
//! counts, a BRIN the length of its map.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::super::file::{Gin, PlannerStats};
use super::relations::Relations;
use crate::{Client, Error};

pub(in crate::statistics) const PAGE: u32 = 8192;
const PAGES_OF_SEGMENT: u32 = 131_072;

/// What a file shall look like.
#[derive(Clone, Debug)]
pub(in crate::statistics) struct Wanted {
    path: String,
    pages: u32,
    first: First,
}

/// What its first page shall say.
#[derive(Clone, Debug, PartialEq, Eq)]
enum First {
    AsItIs,
    /// Of a table: its first page is visible to everybody.
    Visible,
    /// The height of a B-tree, and a file with its leaf.
    Tree(u32, Option<String>),
    Gin(Gin),
    /// Pages of the map of a BRIN.
    Map(u32),
}

impl Wanted {
    /// The file of an index that was just made on an empty table, and that no plan has looked at yet.
    pub(in crate::statistics) fn index(path: &str, method: &str, pages: u32, height: u32) -> Wanted {
        // What the planner finds in a GIN that is longer than its first page says, it does not believe, and guesses.
        let first = if method == "btree" { First::Tree(height, None) } else { First::AsItIs };
        Wanted { path: path.to_owned(), pages, first }
    }
}

impl Wanted {
    /// The same of a copy of its database, whose files lie in another folder.
    pub(super) fn moved(self, from: &str, to: &str) -> Wanted {
        let moved = |path: String| path.strip_prefix(from).map(|rest| format!("{to}{rest}")).unwrap_or(path);
        let first = match self.first {
            First::Tree(height, leaf) => First::Tree(height, leaf.map(moved)),
            first => first,
        };
        Wanted { path: moved(self.path), first, ..self }
    }
}

pub(super) fn wanted(
    client: &mut Client,
    stats: &PlannerStats,
    here: &Relations,
    leaves: &BTreeMap<String, String>,
) -> Result<Vec<Wanted>, Error> {
    let mut files = Vec::new();
    let with_leaves = stats.indexes.iter().filter(|index| leaves.contains_key(&index.name));
    let with_leaves: BTreeSet<&String> = with_leaves.map(|index| &index.table).collect();
    for table in &stats.tables {
        let Some(path) = here.tables.get(&table.name).and_then(|found| found.path.clone()) else { continue };
        let first = if with_leaves.contains(&table.name) { First::Visible } else { First::AsItIs };
        files.push(Wanted { path, pages: table.pages, first });
    }
    for index in &stats.indexes {
        let Some(found) = here.indexes.get(&index.name) else { continue };
        let Some(path) = found.path.clone() else { continue };
        let first = match index.method.as_str() {
            "btree" => First::Tree(index.height.unwrap_or(0), leaves.get(&index.name).cloned()),
            "gin" => index.gin.map_or(First::AsItIs, First::Gin),
            "brin" => {
                let pages = stats.tables.iter().find(|table| table.name == index.table).map_or(0, |table| table.pages);
                First::Map(map_pages(pages, range(client, found.oid)?))
            }
            _ => First::AsItIs,
        };
        files.push(Wanted { path, pages: index.pages, first });
    }
    Ok(files)
}

/// How many pages of the table a BRIN sums up in one row: 128 where nothing else is said.
fn range(client: &mut Client, index: u32) -> Result<u32, Error> {
    let row = client.query_opt(
        "SELECT option_value::int FROM pg_class, pg_options_to_table(reloptions)
         WHERE pg_class.oid = $1 AND option_name = 'pages_per_range'",
        &[&index],
    )?;
    Ok(row.map_or(128, |row| row.get::<_, i32>(0).max(1) as u32))
}

/// A page of the map has room for 1360 ranges (`REVMAP_PAGE_MAXITEMS` of pages with 8 kB).
fn map_pages(pages: u32, range: u32) -> u32 {
    pages.div_ceil(range).div_ceil(1360).max(1)
}

/// The server has not yet read the file.
pub(in crate::statistics) fn write(data: &Path, wanted: &Wanted) -> Result<(), Error> {
    let path = data.join(&wanted.path);
    let is_empty = path.metadata().map_err(Error::file("read", &path))?.len() == 0;
    let least = match wanted.first {
        First::Tree(height, _) if wanted.pages > 1 => height + 2,
        _ => 0,
    };
    extend(&path, wanted.pages.max(least))?;
    let patched = match &wanted.first {
        First::Tree(height, leaf) if wanted.pages > 1 => {
            grow(&path, *height, leaf.as_ref().map(|leaf| data.join(leaf)).as_deref())
        }
        First::Gin(gin) if wanted.pages > 1 => count(&path, wanted.pages, gin),
        First::Map(pages) if wanted.pages > 0 => widen(&path, *pages),
        First::Visible if is_empty && wanted.pages > 0 => show(&path),
        _ => Ok(()),
    };
    patched.map_err(Error::file("changed", &path))
}

/// Makes a file as long as that; never shorter, for there may be rows in it.
fn extend(first: &Path, pages: u32) -> Result<(), Error> {
    let like = first.metadata().map_err(Error::file("read", first))?;
    for segment in 0..=pages / PAGES_OF_SEGMENT {
        let path = match segment {
            0 => first.to_owned(),
            number => PathBuf::from(format!("{}.{number}", first.display())),
        };
        // After a full segment there may be an empty one: the server makes one of its own, too.
        let length = u64::from((pages - segment * PAGES_OF_SEGMENT).min(PAGES_OF_SEGMENT)) * u64::from(PAGE);
        lengthen(&path, length, &like).map_err(Error::file("extended", &path))?;
    }
    Ok(())
}

/// The server may run as another user than we do, and must own what it reads.
fn lengthen(path: &Path, length: u64, like: &std::fs::Metadata) -> io::Result<()> {
    let file = File::options().write(true).create(true).truncate(false).open(path)?;
    let there = file.metadata()?;
    if there.uid() != like.uid() || there.gid() != like.gid() {
        chown(path, Some(like.uid()), Some(like.gid()))?;
    }
    if there.mode() != like.mode() {
        file.set_permissions(PermissionsExt::from_mode(like.mode() & 0o7777))?;
    }
    if there.len() < length { file.set_len(length) } else { Ok(()) }
}

/// A page begins with a header of 24 bytes.
const HEADER: u64 = 24;
const BTREE_MAGIC: u32 = 0x0005_3162;
const BRIN_MAGIC: u32 = 0xA810_9CFA;

/// One page for each level of a B-tree, from the root in block 1 down to a leaf. Layouts are those of `bufpage.h`,
/// `itup.h` and `nbtree.h`, the same from 14 to 18; numbers have the byte order of the machine.
fn grow(path: &Path, height: u32, leaf: Option<&Path>) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let (magic, version, root) = (number(&file, HEADER)?, number(&file, HEADER + 4)?, number(&file, HEADER + 8)?);
    if (magic, version) != (BTREE_MAGIC, 4) {
        return Err(io::Error::other(format!("no B-tree that is known: {magic:#x}, version {version}")));
    }
    // One with rows in it has a height of its own.
    if root != 0 {
        return Ok(());
    }
    for (at, value) in [(8, 1), (12, height), (16, 1), (20, height)] {
        file.write_all_at(&u32::to_ne_bytes(value), HEADER + at)?;
    }
    for block in 1..=height + 1 {
        let level = height + 1 - block;
        let page = match leaf {
            Some(leaf) if level == 0 => leaf_of(leaf, block == 1)?,
            _ => btree_page(block, level, block == 1),
        };
        file.write_all_at(&page, u64::from(block) * u64::from(PAGE))?;
    }
    Ok(())
}

/// Where a page says what it is, in its last bytes.
const SPECIAL: u16 = 8176;
const FLAGS: u16 = SPECIAL + 12;
const LEAF: u16 = 1;
const ROOT: u16 = 2;

/// The leaf of an index with one page, as a leaf of this one.
fn leaf_of(path: &Path, is_root: bool) -> io::Result<Vec<u8>> {
    let mut page = vec![0; PAGE as usize];
    File::open(path)?.read_exact_at(&mut page, u64::from(PAGE))?;
    let flags = if is_root { LEAF | ROOT } else { LEAF };
    page[usize::from(FLAGS)..usize::from(FLAGS) + 2].copy_from_slice(&flags.to_ne_bytes());
    Ok(page)
}

/// The map of what is visible, with the first page of the table in it: two bits for each, after the header
/// (`visibilitymap.c`).
fn show(table: &Path) -> io::Result<()> {
    let path = PathBuf::from(format!("{}_vm", table.display()));
    lengthen(&path, u64::from(PAGE), &table.metadata()?)?;
    let mut page = vec![0; PAGE as usize];
    for (at, value) in [(12, HEADER as u16), (14, PAGE as u16), (16, PAGE as u16), (18, PAGE as u16 | 4)] {
        page[at..at + 2].copy_from_slice(&value.to_ne_bytes());
    }
    page[HEADER as usize] = 1;
    File::options().write(true).open(path)?.write_all_at(&page, 0)
}

/// A page with nothing on a leaf, and else one entry, below everything, that leads to the next page.
fn btree_page(block: u32, level: u32, is_root: bool) -> Vec<u8> {
    const ENTRY: u16 = SPECIAL - 8;
    /// The entry holds a number of keys instead of the place of a row: none.
    const IS_PIVOT: u16 = 0x2000;
    let mut page = vec![0; PAGE as usize];
    let mut put = |at: u16, bytes: &[u8]| page[usize::from(at)..usize::from(at) + bytes.len()].copy_from_slice(bytes);
    let entries = u16::from(level > 0);
    put(12, &(24 + 4 * entries).to_ne_bytes());
    put(14, &(if level > 0 { ENTRY } else { SPECIAL }).to_ne_bytes());
    put(16, &SPECIAL.to_ne_bytes());
    put(18, &(PAGE as u16 | 4).to_ne_bytes());
    if level > 0 {
        let next = block + 1;
        // Where the entry is, that it is in use, and its length.
        put(24, &(u32::from(ENTRY) | 1 << 15 | 8 << 17).to_ne_bytes());
        put(ENTRY, &((next >> 16) as u16).to_ne_bytes());
        put(ENTRY + 2, &(next as u16).to_ne_bytes());
        put(ENTRY + 6, &(8 | IS_PIVOT).to_ne_bytes());
    }
    put(SPECIAL + 8, &level.to_ne_bytes());
    let flags = if level == 0 { LEAF } else { 0 } | if is_root { ROOT } else { 0 };
    put(FLAGS, &flags.to_ne_bytes());
    page
}

/// The planner takes the counts of a GIN if they are of as many pages as there are. They follow the header: the list of
/// pending entries with its length in the fourth number, then at 24 pages, key pages, row pages, and at 40 keys, before
/// the version at 48 (`GinMetaPageData` in `ginblock.h`).
fn count(path: &Path, pages: u32, gin: &Gin) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let version = number(&file, HEADER + 48)?;
    if version != 2 {
        return Err(io::Error::other(format!("no GIN that is known: version {version}")));
    }
    for (at, value) in [(12, gin.pending_pages), (24, pages), (28, gin.key_pages), (32, gin.row_pages)] {
        file.write_all_at(&value.to_ne_bytes(), HEADER + at)?;
    }
    file.write_all_at(&gin.keys.to_ne_bytes(), HEADER + 40)
}

/// The last page of the map is the third number after the magic one (`brin_page.h`).
fn widen(path: &Path, pages: u32) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let magic = number(&file, HEADER)?;
    if magic != BRIN_MAGIC {
        return Err(io::Error::other(format!("no BRIN that is known: {magic:#x}")));
    }
    if number(&file, HEADER + 12)? < pages {
        file.write_all_at(&pages.to_ne_bytes(), HEADER + 12)?;
    }
    Ok(())
}

fn number(file: &File, at: u64) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact_at(&mut bytes, at)?;
    Ok(u32::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_a_gigabyte_fills_its_segment() {
        let folder = std::env::temp_dir().join(format!("palladio-segments-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        let check = |pages: u32, expected: &[u64]| {
            let path = folder.join(pages.to_string());
            File::create(&path).expect("it can be made");
            extend(&path, pages).expect("it can be extended");
            let length = |number: usize| {
                let path = if number == 0 { path.clone() } else { folder.join(format!("{pages}.{number}")) };
                path.metadata().ok().map(|there| there.len() / u64::from(PAGE))
            };
            let found: Vec<u64> = (0..).map_while(length).collect();
            assert_eq!(found, expected, "{pages} pages");
        };
        check(131_071, &[131_071]);
        check(131_072, &[131_072, 0]);
        check(131_073, &[131_072, 1]);
        check(13_107_200 / 50, &[131_072, 131_072, 0]);
        std::fs::remove_dir_all(&folder).expect("it can be removed");
    }
}
