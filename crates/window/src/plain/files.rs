//! Files: what is taken, under which name, and who gets it back. A file is only ever a part of a record: it is
//! given to whoever may see the field that holds it, and a command may only name a file that its asker brought
//! or that the record in question shows them already. Knowing a hash opens nothing.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030};
use grammar::{
    clerk::Clerk,
    form::{Fault, Form, Kind},
    kinds::{FileRef, Id},
};
use registry::{FileFault, Record};
use serde_json::{Value, json};

use super::values::kinds_of;
use crate::{denied::Trouble, guest::Guest, visit::Reply, ways::Answer};

/// Who has brought which file, for as long as they may go on to name it.
const BROUGHT: &str = "brought";
const BROUGHT_MILLIS: i64 = 30 * 86_400_000;
const NAME_MAX: usize = 100;
/// Deepest nesting of a record in which a file is looked for.
const DEPTH_MAX: u8 = 8;
/// Bytes of a text that are looked at for marks of a page.
const HEAD: usize = 1_024;

/// What a file may be: its first bytes, how it is served, and the endings that fit it.
struct Sort {
    first: &'static [&'static [u8]],
    kind: &'static str,
    endings: &'static [&'static str],
}

const BYTES: &str = "application/octet-stream";
const SORTS: [Sort; 9] = [
    Sort { first: &[b"%PDF-"], kind: "application/pdf", endings: &["pdf"] },
    Sort { first: &[b"\x89PNG\r\n\x1a\n"], kind: "image/png", endings: &["png"] },
    Sort { first: &[b"\xff\xd8\xff"], kind: "image/jpeg", endings: &["jpg", "jpeg"] },
    Sort { first: &[b"GIF87a", b"GIF89a"], kind: "image/gif", endings: &["gif"] },
    Sort { first: &[b"II*\0", b"MM\0*"], kind: "image/tiff", endings: &["tif", "tiff"] },
    Sort { first: &[b"BM"], kind: "image/bmp", endings: &["bmp"] },
    Sort { first: &[b"RIFF"], kind: "image/webp", endings: &["webp"] },
    // Word, Excel and WPS before 2007.
    Sort {
        first: &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
        kind: BYTES,
        endings: &["doc", "xls", "ppt", "wps", "et", "dps"],
    },
    // Packed: office files since 2007, OpenDocument, OFD (GB/T 33190) and archives.
    Sort {
        first: &[b"PK\x03\x04"],
        kind: BYTES,
        endings: &["zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "ofd"],
    },
];
const TEXTS: Sort = Sort { first: &[], kind: BYTES, endings: &["txt", "csv", "tsv", "md", "json", "jsonl"] };

/// What the bytes are, whatever they are called; a code of `[fault]` when they are not taken.
fn sort(bytes: &[u8]) -> Result<&'static Sort, &'static str> {
    let starts = |sort: &&Sort| sort.first.iter().any(|first| bytes.starts_with(first));
    let has = |mark: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
    match SORTS.iter().find(starts) {
        Some(sort) if sort.kind == "image/webp" && bytes.get(8..12) != Some(b"WEBP") => Err("file-sort"),
        Some(sort) if sort.kind == BYTES && has(b"vbaProject.bin") => Err("file-active"),
        Some(sort) => Ok(sort),
        None => text(bytes),
    }
}

/// A text is one in every byte, and no page, drawing or script.
fn text(bytes: &[u8]) -> Result<&'static Sort, &'static str> {
    let decoded = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => {
                GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or("file-sort")?
            }
        },
    };
    if decoded.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("file-sort");
    }
    let head: String = decoded.trim_start().chars().take(HEAD).collect::<String>().to_lowercase();
    let is_active = head.starts_with(['<', '#']) && (head.starts_with("#!") || head.starts_with('<'))
        || ["<script", "<html", "<svg", "<!doctype", "javascript:"].iter().any(|mark| head.contains(mark));
    if is_active { Err("file-active") } else { Ok(&TEXTS) }
}

/// The text of a file that is one field's value: UTF-8, what its first bytes say, or what an XML file says of itself. Never
/// guessed: nothing when it is none of these.
#[must_use]
pub fn read_text(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return encoding.decode_without_bom_handling_and_without_replacement(rest).map(Cow::into_owned);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(HEAD)).unwrap_or_default()).into_owned();
    let declared = head.strip_prefix("<?xml")?.split("?>").next()?.split("encoding=").nth(1)?;
    let label = declared.split(['"', '\'']).nth(1)?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned)
}

/// A name without paths, invisible characters and what systems treat specially, ending as its bytes deserve:
/// `../a\u{202e}fdp.exe` that holds a PDF is called `afdp.exe.pdf`.
fn name(given: &str, sort: &Sort) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let plain = last.chars().filter(|c| !invisible(*c));
    let plain: String = plain
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\'' | '&') { '_' } else { c })
        .collect();
    let plain = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
    let fits = sort.endings.contains(&ending.to_lowercase().as_str());
    let ending = if fits { ending } else { sort.endings.first().copied().unwrap_or("bin") };
    let stem = if fits { stem } else { plain };
    let stem: String = stem.chars().take(NAME_MAX - ending.len()).collect();
    format!("{}.{ending}", if stem.is_empty() { "file" } else { &stem })
}

/// Keeps an uploaded file and gives the text by which a field names it; inside, the code of `[fault]` for why
/// it is not taken.
///
/// # Errors
/// One must sign in first; breakages.
pub fn take(guest: &Guest, given: &str, bytes: &[u8]) -> Result<Result<String, &'static str>, Trouble> {
    let person = guest.session.as_ref().ok_or(Trouble::SignIn)?.person;
    let registry = &guest.house.registry;
    let sort = match sort(bytes) {
        _ if bytes.is_empty() => return Ok(Err("file-empty")),
        Ok(sort) => sort,
        Err(code) => return Ok(Err(code)),
    };
    let hash = match registry.put_file(bytes) {
        Ok(hash) => hash,
        Err(FileFault::TooLarge { .. }) => return Ok(Err("file-large")),
        Err(fault) => return Err(registry::Broken(fault.to_string()).into()),
    };
    let until = registry.now().plus_millis(BROUGHT_MILLIS);
    registry.keep(BROUGHT, &format!("{person}/{hash}"), &(), until)?;
    Ok(Ok(format!("{hash}:{}", name(given, sort))))
}

/// A fault for every file that a command names and its asker may not: not there, or neither brought by them nor
/// shown to them by this record.
#[must_use]
pub fn missing(
    guest: &Guest,
    clerk: &dyn Clerk,
    form: &Form,
    command: &Value,
    record: Option<&Record>,
) -> Vec<Fault> {
    let registry = &guest.house.registry;
    let mut missing = registry.missing_files(form, command);
    let may = |file: &FileRef| {
        let brought = guest.session.as_ref().is_some_and(|session| {
            let key = format!("{}/{}", session.person, file.hash());
            registry.kept::<()>(BROUGHT, &key).is_ok_and(|kept| kept.is_some())
        });
        brought || record.is_some_and(|record| held(clerk, &record.state, file.hash()).is_some())
    };
    form.walk(&mut command.clone(), &mut |path, kind, leaf| {
        let named = leaf.as_str().and_then(|text| text.parse::<FileRef>().ok());
        let known = missing.iter().any(|fault| fault.field == path);
        if matches!(kind, Kind::File) && !known && !named.is_some_and(|file| may(&file)) {
            missing.push(Fault::new(path, "no-such-file"));
        }
    });
    missing
}

/// The file of this hash in a field for files of the state as the viewer sees it. Texts that only look like
/// one do not count, or whoever may write a text could make a record hold any file.
fn held(clerk: &dyn Clerk, state: &Value, hash: &str) -> Option<FileRef> {
    in_fields(clerk, state, hash, DEPTH_MAX)
}

fn in_fields(clerk: &dyn Clerk, value: &Value, hash: &str, depth: u8) -> Option<FileRef> {
    let deeper = depth.checked_sub(1)?;
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match value {
            Value::String(text) => is_for_files(clerk, name).then(|| same(text, hash)).flatten(),
            Value::Array(values) if is_for_files(clerk, name) => {
                values.iter().find_map(|value| same(value.as_str()?, hash))
            }
            other => in_fields(clerk, other, hash, deeper),
        }),
        Value::Array(values) => values.iter().find_map(|value| in_fields(clerk, value, hash, deeper)),
        _ => None,
    }
}

/// Whether every form of the desk that has a field of this name means files by it.
fn is_for_files(clerk: &dyn Clerk, name: &str) -> bool {
    let kinds = kinds_of(clerk, name);
    let is_file = |kind: &Kind| {
        matches!(kind, Kind::File) || matches!(kind, Kind::List(each, _) if matches!(**each, Kind::File))
    };
    !kinds.is_empty() && kinds.iter().all(is_file)
}

fn same(text: &str, hash: &str) -> Option<FileRef> {
    text.parse::<FileRef>().ok().filter(|file| file.hash() == hash)
}

/// A file that a record holds, for those who may see it there. It is never shown in the place of a page: it is
/// saved, and were it opened it could run nothing.
///
/// # Errors
/// When the record does not show it, or the file is gone.
pub fn file(guest: &Guest, clerk: &dyn Clerk, id: Id, hash: &str) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?;
    let file = held(clerk, &record.state, hash).ok_or(Trouble::NotFound)?;
    let bytes = guest.house.registry.file(file.hash()).map_err(|_| Trouble::NotFound)?;
    let kind = sort(&bytes).map_or(BYTES, |sort| sort.kind);
    Ok(Reply::file(kind, file.name(), bytes)
        .with("content-security-policy", "sandbox; default-src 'none'")
        .with("cross-origin-resource-policy", "same-origin"))
}

/// The largest file in the words of a fault.
#[must_use]
pub fn fault(field: &str, code: &str) -> Fault {
    let max = registry::FILE_BYTES_MAX / 1_048_576;
    Fault { facts: json!({ "max": max }), ..Fault::new(field, code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(given: &str, bytes: &[u8]) -> Result<String, &'static str> {
        sort(bytes).map(|sort| name(given, sort))
    }

    #[test]
    fn a_file_is_what_its_bytes_are() {
        for (given, bytes, wants) in [
            ("minutes.pdf", &b"%PDF-1.7 x"[..], Ok("minutes.pdf")),
            ("../..\\a\u{202e}fdp.exe", b"%PDF-1.7 x", Ok("afdp.exe.pdf")),
            (".htaccess", b"plain words", Ok("htaccess.txt")),
            ("数据.csv", "地区,数量\n上海,3".as_bytes(), Ok("数据.csv")),
            ("gb.csv", b"\xc9\xcf\xba\xa3,3", Ok("gb.csv")),
            ("a.docx", b"PK\x03\x04 word/document.xml", Ok("a.docx")),
            ("a.docm", b"PK\x03\x04 word/vbaProject.bin", Err("file-active")),
            ("a.txt", b"<html><script>x</script>", Err("file-active")),
            ("a.csv", b"a,b\n<script>x</script>,1", Err("file-active")),
            ("picture.png", b"<svg onload=x>", Err("file-active")),
            ("run.txt", b"#!/bin/sh\nrm", Err("file-active")),
            ("run.exe", b"MZ\x90\0\x03", Err("file-sort")),
            ("a.webp", b"RIFF\0\0\0\0WAVE", Err("file-sort")),
            ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", Ok("a.webp")),
            ("<b>\".png", b"\x89PNG\r\n\x1a\n", Ok("_b__.png")),
            ("..", b"words", Ok("file.txt")),
        ] {
            assert_eq!(kept(given, bytes), wants.map(str::to_owned), "{given}");
        }
    }
}
