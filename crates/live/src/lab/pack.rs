//! A folder as one file: a template is written and read in one piece, where a thousand small files would cost a disk a
//! second each time.
//!
//! For each entry its path, a line break, its length, a line break, and that many bytes; a folder has `/` for a length.
//! PostgreSQL names no file with a line break.

use std::fs::{self, DirEntry, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use super::folder;
use super::user::User;
use crate::Error;

/// Writes all that is in a folder into one file.
pub(super) fn write(from: &Path, to: &Path) -> Result<(), Error> {
    let file = File::create_new(to).map_err(Error::file("made", to))?;
    let mut out = BufWriter::with_capacity(BUFFER, file);
    write_folder(from, Path::new(""), &mut out)?;
    out.flush().map_err(Error::file("written", to))
}

fn write_folder(root: &Path, inside: &Path, out: &mut impl Write) -> Result<(), Error> {
    let folder = root.join(inside);
    let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<DirEntry>>>);
    for entry in entries.map_err(Error::file("read", &folder))? {
        let (path, inside) = (entry.path(), inside.join(entry.file_name()));
        let name = inside.display();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            writeln!(out, "{name}\n/").map_err(Error::file("copied", &path))?;
            write_folder(root, &inside, out)?;
        } else {
            let copy = |out: &mut dyn Write| {
                let mut file = File::open(&path)?;
                let length = file.metadata()?.len();
                writeln!(out, "{name}\n{length}")?;
                let copied = io::copy(&mut file, out)?;
                if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
            };
            copy(out).map_err(Error::file("copied", &path))?;
        }
    }
    Ok(())
}

/// Makes the folder again, for the user who runs the server. Every file is a file of its own: the server writes to all
/// of them.
pub(super) fn unpack(from: &Path, to: &Path, user: Option<&User>) -> Result<(), Error> {
    folder::make(to, user).map_err(Error::file("made", to))?;
    let file = File::open(from).map_err(Error::file("read", from))?;
    let mut input = BufReader::with_capacity(BUFFER, file);
    while let Some((inside, length)) = head(&mut input).map_err(Error::file("read", from))? {
        let path = to.join(inside);
        match length {
            None => folder::make(&path, user).map_err(Error::file("made", &path))?,
            Some(length) => {
                let mut copy = || {
                    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
                    let copied = io::copy(&mut input.by_ref().take(length), &mut file)?;
                    if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
                };
                copy().map_err(Error::file("copied", &path))?;
                user.map_or(Ok(()), |user| user.owns(&path)).map_err(Error::file("given away", &path))?;
            }
        }
    }
    Ok(())
}

const BUFFER: usize = 1 << 18;

/// The path of the next entry and, unless it is a folder, its length.
fn head(input: &mut impl BufRead) -> io::Result<Option<(PathBuf, Option<u64>)>> {
    let (mut path, mut length) = (String::new(), String::new());
    if input.read_line(&mut path)? == 0 {
        return Ok(None);
    }
    input.read_line(&mut length)?;
    let path = PathBuf::from(path.trim_end_matches('\n'));
    let length = match length.trim_end_matches('\n') {
        "/" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    // What stands in our own cache is ours, but a file that was cut off or changed leads nowhere outside of the folder.
    let stays = path.components().all(|component| matches!(component, Component::Normal(_)));
    length.filter(|_| stays).map(|length| Some((path, length))).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_back() {
        let base = std::env::temp_dir().join(format!("palladio-pack-{}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(base.join("from/a/empty")).expect("it is new");
        fs::write(base.join("from/a/text"), "x\n3\n").expect("it is new");
        fs::write(base.join("from/none"), "").expect("it is new");
        write(&base.join("from"), &base.join("pack")).expect("it can be written");
        unpack(&base.join("pack"), &base.join("to"), None).expect("it can be read");
        assert_eq!(fs::read_to_string(base.join("to/a/text")).expect("it is there"), "x\n3\n");
        assert_eq!(fs::read_to_string(base.join("to/none")).expect("it is there"), "");
        assert!(base.join("to/a/empty").is_dir());
        fs::remove_dir_all(&base).expect("it was made");
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        for text in ["../x\n/\n", "/x\n0\n", "x\nmany\n", "x\n"] {
            assert!(head(&mut text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(head(&mut &b""[..]).expect("it ends").is_none());
    }
}
