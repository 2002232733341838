//! Sources: the text of the house, as its own tests read it.

use std::path::{Path, PathBuf};

/// Folders at the root that hold what was made, not what was written.
const MADE: [&str; 3] = ["target", "data", ".git"];

/// A file of the tree: its path from the root, with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Where the workspace begins.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every text file that was written for the house, in the order of paths.
pub fn all() -> Vec<Source> {
    let mut found = Vec::new();
    gather(&root(), "", &mut found);
    assert!(found.len() > 200, "only {} files: this is not the tree", found.len());
    found
}

fn gather(folder: &Path, at: &str, found: &mut Vec<Source>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        let is_made = at.is_empty() && MADE.contains(&name.as_str());
        let path = if at.is_empty() { name } else { format!("{at}/{name}") };
        // In a second worktree `.git` is a file.
        if is_made {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            gather(&entry.path(), &path, found);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            found.push(Source { path, text });
        }
    }
}

impl Source {
    /// Whether it is Rust that runs in production: no test, no example, no stories.
    pub fn is_production(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let is_test = ["tests.rs", "stories.rs", "together.rs"].contains(&name)
            || ["/tests/", "/examples/", "/benches/", "/gallery/", "/stories/"]
                .iter()
                .any(|part| self.path.contains(part));
        self.path.ends_with(".rs") && !is_test
    }

    /// The text before its own module of tests.
    pub fn before_tests(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
    }
}

/// Rust without comments and without what stands in quotes: blanks stand there, line breaks stay.
pub fn code(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = skipped(&letters, at);
        if end == at {
            code.push(letters[at]);
            at += 1;
        } else {
            code.extend(letters[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

/// Where the comment or quotation that begins at `at` ends; `at` when none begins there.
fn skipped(letters: &[char], at: usize) -> usize {
    let ahead = |n: usize| letters.get(at + n).copied().unwrap_or(' ');
    let from = |start: usize, end: &str| {
        let end: Vec<char> = end.chars().collect();
        let found = (start..letters.len()).find(|place| letters[*place..].starts_with(&end));
        found.map_or(letters.len(), |place| place + end.len())
    };
    let is_begun = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    match (ahead(0), ahead(1)) {
        ('/', '/') => from(at, "\n") - 1,
        ('/', '*') => from(at + 2, "*/"),
        ('r', '"') if !is_begun => from(at + 2, "\""),
        ('r', '#') if !is_begun && ['"', '#'].contains(&ahead(2)) => {
            let marks = letters[at + 1..].iter().take_while(|c| **c == '#').count();
            from(at + marks + 2, &format!("\"{}", "#".repeat(marks)))
        }
        ('"', _) => quoted(letters, at + 1, '"'),
        ('\'', '\\') => quoted(letters, at + 1, '\''),
        ('\'', _) if ahead(2) == '\'' => at + 3,
        _ => at,
    }
}

fn quoted(letters: &[char], mut at: usize, mark: char) -> usize {
    while at < letters.len() && letters[at] != mark {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(letters.len())
}

/// The texts in quotes that stand first behind each `before`, as in `word("here")`, with the line of each.
pub fn quoted_after(text: &str, before: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(before) {
        let begins = text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let rest = text[at + before.len()..].trim_start();
        if let Some((key, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            let is_whole = before.starts_with('.') || !begins;
            found.extend(is_whole.then(|| (text[..at].lines().count(), key.to_owned())));
        }
    }
    found
}

#[test]
fn what_stands_in_quotes_or_comments_is_no_code() {
    let text =
        "let a = \"x \\\" // y\"; // util\nlet b = r#\"\"util\"\"#; /* util */ let c = 'u'; let d = '\\''; e";
    let bare: String = code(text).split_whitespace().collect();
    assert_eq!(bare, "leta=;letb=;letc=;letd=;e");
    assert_eq!(code(text).lines().count(), 2);
    assert_eq!(
        quoted_after("guest.word(\n \"a\") sword(\"b\") word(\"c\")", "word("),
        [(1, "a".to_owned()), (2, "c".to_owned())]
    );
}
