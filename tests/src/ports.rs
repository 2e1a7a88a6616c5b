//! Loopback ports that stay ours while a test runs, also between two starts of its server.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which the kernel draws ports for outgoing connections.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port nobody else uses: its lock file keeps other test programs away until it is dropped.
pub(crate) struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    pub(crate) fn free() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let begin = u16::try_from(std::process::id() % 11_000).unwrap();
        for _ in RANGE {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let number = RANGE.start + begin.wrapping_add(step) % (RANGE.end - RANGE.start);
            if let Some(port) = Self::take(number) {
                return port;
            }
        }
        panic!("no loopback port is free in {RANGE:?}");
    }

    fn take(number: u16) -> Option<Self> {
        let folder = std::env::temp_dir().join("douane-test-ports");
        fs::create_dir_all(&folder).unwrap();
        let lock = File::create(folder.join(number.to_string())).ok()?;
        lock.try_lock().ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        Some(Self { number, _lock: lock })
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}
