//! A directory in memory that forgets what was not synced and fails on demand. For tests of what writes a journal.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file::{LogDir, LogFile};

/// What goes wrong, and at which operation. Operations that change something are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The machine stops before this operation; every later one fails too.
    StopAt(u64),
    /// This operation, if it is a write, writes this many bytes; then the machine stops.
    TearAt(u64, usize),
    /// From this operation on the disk is full: an append writes a part and fails.
    FullFrom(u64),
    /// The first sync at or after this operation fails, once; its data may be lost.
    SyncFailsFrom(u64),
}

/// What is done to the disk, with the bytes of a write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Write(usize),
    Sync,
    Other,
}

#[derive(Debug, Clone, Default)]
struct Content {
    live: Vec<u8>,
    durable: Vec<u8>,
    /// Writes in place since the last sync, oldest first.
    overwrites: Vec<(usize, Vec<u8>)>,
}

#[derive(Debug)]
struct Disk {
    files: Vec<Content>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    operations: u64,
    fault: Fault,
}

/// The directory. Clones share one content.
#[derive(Debug, Clone)]
pub struct MemDir {
    disk: Arc<Mutex<Disk>>,
}

impl Default for MemDir {
    fn default() -> Self {
        Self::new(Fault::None)
    }
}

impl MemDir {
    /// An empty directory with this fault ahead.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        let (files, names, durable_names) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { disk: Arc::new(Mutex::new(Disk { files, names, durable_names, operations: 0, fault })) }
    }

    /// How many changing operations were asked for so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.disk().operations
    }

    /// Sets the fault ahead.
    pub fn set_fault(&self, fault: Fault) {
        self.disk().fault = fault;
    }

    /// What the disk holds after a power cut: names and bytes that were synced, and of each file the first
    /// `unsynced_bytes` bytes past what was synced (a disk may have written any part of them).
    #[must_use]
    pub fn after_power_cut(&self, unsynced_bytes: usize) -> Self {
        self.cut_power(|file| file.after_power_cut(unsynced_bytes))
    }

    /// As [`Self::after_power_cut`], for a disk that wrote out of order: of what was not synced, only the newest
    /// write in place of each file is there.
    #[must_use]
    pub fn after_reordering_power_cut(&self) -> Self {
        self.cut_power(Content::after_reordering_power_cut)
    }

    fn cut_power(&self, content: impl Fn(&Content) -> Vec<u8>) -> Self {
        let disk = self.disk();
        let files = disk.files.iter().map(|file| Content::of(content(file))).collect();
        let names = disk.durable_names.clone();
        let fresh = Disk { files, durable_names: names.clone(), names, operations: 0, fault: Fault::None };
        Self { disk: Arc::new(Mutex::new(fresh)) }
    }

    /// A file's bytes.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let disk = self.disk();
        disk.names.get(name).and_then(|id| disk.files.get(*id)).map(|file| file.live.clone())
    }

    /// Puts a file's bytes, durably and without counting as an operation.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut disk = self.disk();
        let id = disk.id(name);
        if let Some(file) = disk.files.get_mut(id) {
            *file = Content::of(bytes.to_vec());
        }
        disk.durable_names.insert(name.to_owned(), id);
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn of(bytes: Vec<u8>) -> Self {
        Self { live: bytes.clone(), durable: bytes, overwrites: Vec::new() }
    }

    fn after_power_cut(&self, unsynced_bytes: usize) -> Vec<u8> {
        let synced = self.durable.len();
        let keep = synced.saturating_add(unsynced_bytes).min(self.live.len());
        match self.live.get(synced..keep) {
            Some(extra) => [self.durable.as_slice(), extra].concat(),
            None => self.durable.clone(),
        }
    }

    fn after_reordering_power_cut(&self) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        if let Some((start, newest)) = self.overwrites.last() {
            overwrite(&mut bytes, *start, newest);
        }
        bytes
    }

    fn sync(&mut self) {
        self.durable = self.live.clone();
        self.overwrites.clear();
    }
}

fn overwrite(bytes: &mut [u8], start: usize, newest: &[u8]) {
    for (to, from) in bytes.iter_mut().skip(start).zip(newest) {
        *to = *from;
    }
}

impl Disk {
    fn id(&mut self, name: &str) -> usize {
        if let Some(id) = self.names.get(name) {
            return *id;
        }
        let id = self.files.len();
        self.files.push(Content::default());
        self.names.insert(name.to_owned(), id);
        id
    }

    /// Counts an operation; gives how many bytes a write may write before it fails, or `None` for all.
    fn step(&mut self, operation: Operation) -> io::Result<Option<usize>> {
        let now = self.operations;
        self.operations = now.saturating_add(1);
        match self.fault {
            Fault::StopAt(at) if now >= at => Err(stopped()),
            Fault::TearAt(at, _) if now > at => Err(stopped()),
            Fault::TearAt(at, part) if now == at => match operation {
                Operation::Write(bytes) => Ok(Some(part.min(bytes))),
                Operation::Sync | Operation::Other => Err(stopped()),
            },
            Fault::FullFrom(at) if now >= at => match operation {
                Operation::Write(bytes) => Ok(Some(bytes.checked_div(2).unwrap_or(0))),
                Operation::Sync | Operation::Other => Ok(None),
            },
            Fault::SyncFailsFrom(at) if now >= at && operation == Operation::Sync => {
                self.fault = Fault::None;
                Err(io::Error::other("injected: sync failed"))
            }
            _ => Ok(None),
        }
    }
}

fn stopped() -> io::Error {
    io::Error::other("injected: the machine stopped")
}

struct MemFile {
    dir: MemDir,
    id: usize,
}

impl MemFile {
    fn with<T>(&self, change: impl FnOnce(&mut Content) -> T) -> io::Result<T> {
        self.dir.disk().files.get_mut(self.id).map(change).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn write(&self, bytes: &[u8], offset: Option<u64>) -> io::Result<()> {
        let allowed = self.dir.disk().step(Operation::Write(bytes.len()))?;
        let part = allowed.map_or(bytes, |allowed| bytes.get(..allowed).unwrap_or(bytes));
        self.with(|file| match offset.map(|offset| usize::try_from(offset).unwrap_or(usize::MAX)) {
            None => file.live.extend_from_slice(part),
            Some(start) => {
                overwrite(&mut file.live, start, part);
                file.overwrites.push((start, part.to_vec()));
            }
        })?;
        if allowed.is_some() { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl LogFile for MemFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|file| file.live.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|file| {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let from = file.live.get(start..).unwrap_or(&[]);
            for (to, byte) in buffer.iter_mut().zip(from) {
                *to = *byte;
            }
            from.len().min(buffer.len())
        })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes, None)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write(bytes, Some(offset))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.dir.disk().step(Operation::Sync)?;
        self.with(Content::sync)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.dir.disk().step(Operation::Other)?;
        self.with(|file| file.live.truncate(usize::try_from(length).unwrap_or(usize::MAX)))
    }
}

impl LogDir for MemDir {
    fn make_dir(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{dir}/");
        Ok(self
            .disk()
            .names
            .keys()
            .filter_map(|name| name.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let mut disk = self.disk();
        if !disk.names.contains_key(name) {
            disk.step(Operation::Other)?;
        }
        let id = disk.id(name);
        Ok(Box::new(MemFile { dir: self.clone(), id }))
    }

    fn open_read(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let id = self.disk().names.get(name).copied().ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(MemFile { dir: self.clone(), id }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.step(Operation::Other)?;
        let id = disk.names.remove(from).ok_or(ErrorKind::NotFound)?;
        disk.names.insert(to.to_owned(), id);
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.step(Operation::Sync)?;
        let inside = |name: &String| name.rsplit_once('/').map_or("", |(parent, _)| parent) == dir;
        let synced: Vec<_> =
            disk.names.iter().filter(|(name, _)| inside(name)).map(|(n, id)| (n.clone(), *id)).collect();
        disk.durable_names.retain(|name, _| !inside(name));
        disk.durable_names.extend(synced);
        Ok(())
    }

    fn lock(&self) -> io::Result<Box<dyn Any + Send + Sync>> {
        Ok(Box::new(()))
    }
}
