//! Layer: the file layer of `layer.c`, built once with `cc`, put under a child process, and the trace it leaves.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// A change below the watched folder, or a mark that the child set between two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file or a folder was opened under a number, and made if it is new.
    Opened {
        file: u32,
        name: String,
        is_new: bool,
    },
    Written {
        file: u32,
        at: u64,
        bytes: Vec<u8>,
    },
    Cut {
        file: u32,
        length: u64,
    },
    /// The file, or the names in the folder, are on the disk for good.
    Synced {
        file: u32,
    },
    Renamed {
        from: String,
        to: String,
    },
    Removed {
        name: String,
    },
    FolderMade {
        name: String,
    },
    Mark(String),
}

/// The built layer; `None`, with a clear word, where it cannot be built.
pub fn built() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        if !cfg!(all(target_os = "linux", target_env = "gnu")) {
            println!("skipped: the file layer needs Linux with the GNU library");
            return None;
        }
        // Tests of several processes may build at once: each its own, renamed when it is whole.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (mine, all) = (folder.join(format!("layer-{}.so", std::process::id())), folder.join("layer.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/disk/layer.c");
        let flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o"];
        let done = match Command::new("cc").args(flags).arg(&mine).arg(source).status() {
            Ok(done) => done,
            Err(error) => {
                println!("skipped: the file layer cannot be built: cc: {error}");
                return None;
            }
        };
        assert!(done.success(), "the file layer does not compile");
        std::fs::rename(mine, &all).unwrap();
        Some(all)
    };
    BUILT.get_or_init(build).as_deref()
}

/// A child process that is to run over the layer.
pub struct Under<'a> {
    /// Must be the canonical path, as the child will name it.
    pub folder: &'a Path,
    pub trace: Option<&'a Path>,
    pub marks: Option<&'a Path>,
    pub control: Option<&'a Path>,
}

impl Under<'_> {
    /// Puts the layer under a command that has not been started.
    pub fn put(&self, layer: &Path, command: &mut Command) {
        command.env("LD_PRELOAD", layer).env("LAYER_FOLDER", self.folder);
        let files =
            [("LAYER_TRACE", self.trace), ("LAYER_MARKS", self.marks), ("LAYER_CONTROL", self.control)];
        for (name, file) in files {
            if let Some(file) = file {
                command.env(name, file);
            }
        }
    }
}

/// Reads a trace.
pub fn read(trace: &Path) -> Vec<Change> {
    let bytes = std::fs::read(trace).unwrap();
    let mut rest = bytes.as_slice();
    let mut changes = Vec::new();
    while let [kind, more @ ..] = rest {
        let file = u32::from_le_bytes(more[..4].try_into().unwrap());
        let at = u64::from_le_bytes(more[4..12].try_into().unwrap());
        let length = u32::from_le_bytes(more[12..16].try_into().unwrap()) as usize;
        let (body, after) = more[16..].split_at(length);
        let text = || String::from_utf8(body.to_vec()).unwrap();
        changes.push(match kind {
            1 | 2 | 10 => Change::Opened { file, name: text(), is_new: *kind == 2 },
            3 => Change::Written { file, at, bytes: body.to_vec() },
            4 => Change::Cut { file, length: at },
            5 => Change::Synced { file },
            6 => {
                let both = text();
                let (from, to) = both.split_once('\0').unwrap();
                Change::Renamed { from: from.into(), to: to.into() }
            }
            7 => Change::Removed { name: text() },
            8 => Change::FolderMade { name: text() },
            9 => Change::Mark(text()),
            other => panic!("the trace has a record of kind {other}"),
        });
        rest = after;
    }
    changes
}
