//! Places for tests: a fresh folder with SQLite, and a fresh database of the server that
//! `KECHUANG_TEST_POSTGRES` names (`postgres://name@host:port/database`), which `./check` starts. Without it,
//! that half says that it is skipped.

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

const SERVER: &str = "KECHUANG_TEST_POSTGRES";

/// A place of its own for one test.
pub struct Place {
    pub folder: TempDir,
    /// The database's address; `None` for SQLite in the folder.
    pub url: Option<String>,
    pub server: String,
}

impl Place {
    pub fn sqlite() -> Self {
        Self { folder: TempDir::new().unwrap(), url: None, server: String::new() }
    }

    /// A fresh database; `None` when there is no server.
    pub fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(SERVER).ok().filter(|_| cfg!(feature = "postgres"));
        let Some(server) = server else {
            eprintln!("skipped on PostgreSQL: not built with it, or {SERVER} names no server");
            return None;
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        psql(&server, &format!("CREATE DATABASE {name}"));
        let (start, _) = server.rsplit_once('/').unwrap();
        Some(Self { folder: TempDir::new().unwrap(), url: Some(format!("{start}/{name}")), server })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((_, name)) = self.url.as_deref().and_then(|url| url.rsplit_once('/')) {
            psql(&self.server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Carries out a statement on a server or in a database, and gives what it answers; the program `psql` does it.
pub fn psql(server: &str, statement: &str) -> String {
    let done = Command::new("psql").args([server, "-qtAc", statement]).output().unwrap();
    assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Plays a test in a fresh place on each engine there is.
pub fn everywhere(test: impl Fn(&Place)) {
    test(&Place::sqlite());
    if let Some(place) = Place::postgres() {
        test(&place);
    }
}
