//! Rosters as [`people::roster`] reads them, from files, with their source as the log names it.

use crate::digest::Digest;
use crate::event::RosterSource;
use sha2::Digest as _;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

pub use people::roster::{Format, MAX_ROWS, Problem, Roster, RosterError, RosterRow};

/// Opens a roster file; the format follows its name, else its first byte. The source names the file without its
/// folder.
///
/// # Errors
/// When it cannot be read, or as [`Roster::new`].
pub fn open(path: &Path) -> Result<(RosterSource, Roster<BufReader<File>>), RosterError> {
    let mut file = File::open(path).map_err(RosterError::unreadable)?;
    let sha256 = digest_of(&mut file).map_err(RosterError::unreadable)?;
    file.rewind().map_err(RosterError::unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let roster = Roster::new(BufReader::new(file), Format::of_name(&name))?;
    Ok((RosterSource { file: name, sha256 }, roster))
}

fn digest_of(file: &mut File) -> std::io::Result<Digest> {
    let (mut hash, mut buffer) = (sha2::Sha256::new(), vec![0; 64 << 10]);
    loop {
        let count = file.read(&mut buffer)?;
        match buffer.get(..count) {
            Some(read) if count > 0 => hash.update(read),
            _ => return Ok(Digest::from_bytes(hash.finalize().into())),
        }
    }
}
