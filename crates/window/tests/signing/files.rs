//! Files: what is taken, and that knowing a hash opens nothing.

use std::collections::BTreeMap;

use window::visit::{Reply, Visit};

use crate::town::{Browser, Town, between, header, page};

const PDF: &[u8] = b"%PDF-1.7 minutes of a meeting";

fn publish(
    browser: &mut Browser,
    about: &str,
    more: &[(&str, &str)],
    upload: Option<(&str, &[u8])>,
) -> Reply {
    let html = page(&browser.get("/notice/new/publish"));
    let csrf = between(&html, "name=\"csrf\" value=\"", "\"").unwrap();
    let typed = [
        ("about", about),
        ("csrf", &csrf),
        ("region", "310000"),
        ("title.en", "Notice of a provider"),
        ("text.en", "The firm is to be listed."),
        ("contact.en", "notice office"),
        ("basis", "article 8"),
        ("days", "5"),
        ("unit", "working-days"),
    ];
    let form: BTreeMap<String, String> =
        typed.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let uploads = upload
        .map(|(name, bytes)| ("attachments.1".to_owned(), (name.to_owned(), bytes.to_vec())))
        .into_iter()
        .collect();
    let visit = Visit { is_post: true, form, uploads, ..browser.visit("/notice/new/publish") };
    browser.go(&visit)
}

fn town() -> (Town, String) {
    let town = Town::new();
    town.officer("notices", "notice-office");
    town.officer("others", "notice-office");
    let firm = serde_json::json!({ "verb": "register", "name": { "zh": "示例企业", "en": "Sample Firm" }, "kind": "enterprise", "region": "310115" });
    let firm = town.found("firm", "organisation", None, firm).to_string();
    (town, firm)
}

#[test]
fn a_file_is_what_its_bytes_are_and_is_saved_not_shown() {
    let (town, firm) = town();
    let mut officer = town.signed_in("notices");
    for (name, bytes) in [
        ("page.pdf", &b"<!doctype html><script>alert(1)</script>"[..]),
        ("drawing.png", b"<svg xmlns='x' onload='x'/>"),
        ("tool.exe", b"MZ\x90\0\x03\0"),
    ] {
        let reply = publish(&mut officer, &firm, &[], Some((name, bytes)));
        assert!(reply.status == 400 && page(&reply).contains("not taken"), "{name}: {}", page(&reply));
        assert!(page(&reply).contains("The firm is to be listed."), "what was typed stays");
    }
    let made = publish(&mut officer, &firm, &[], Some(("../../minutes\u{202e}.exe", PDF)));
    let notice = header(&made, "location").split('?').next().unwrap().to_owned();
    let mut public = town.browser("192.0.2.3");
    let shown = page(&public.get(&notice));
    let link = between(&shown, &format!("href=\"{notice}/file/"), "\"").unwrap();
    let file = public.get(&format!("{notice}/file/{link}"));
    assert_eq!((file.status, file.body.as_slice(), file.kind), (200, PDF, "application/pdf"));
    assert_eq!(
        header(&file, "content-disposition"),
        "attachment; filename=\"minutes.exe.pdf\"; filename*=UTF-8''minutes.exe.pdf"
    );
    assert!(header(&file, "content-security-policy").contains("sandbox"));
    assert_eq!(public.get(&format!("/organisation/{firm}/file/{link}")).status, 404);
}

#[test]
fn knowing_a_hash_opens_nothing() {
    let (town, firm) = town();
    let mut officer = town.signed_in("notices");
    let made = publish(&mut officer, &firm, &[], Some(("minutes.pdf", PDF)));
    let notice = header(&made, "location").split('?').next().unwrap().to_owned();
    let shown = page(&officer.get(&notice));
    let hash = between(&shown, &format!("href=\"{notice}/file/"), "\"").unwrap();
    let named = format!("{hash}:minutes.pdf");
    let mut other = town.signed_in("others");
    let stolen = publish(&mut other, &firm, &[("attachments.1", &named)], None);
    assert!(stolen.status == 400 && page(&stolen).contains("This file is not there"), "{}", page(&stolen));
    let own = publish(&mut officer, &firm, &[("attachments.1", &named)], None);
    assert_eq!(own.status, 303, "who has brought it may name it again: {}", page(&own));
    // A text that only looks like a file makes its record hold none.
    let looks = publish(&mut other, &firm, &[("basis", &named), ("text.zh", &format!("\"{named}\""))], None);
    let looks = header(&looks, "location").split('?').next().unwrap().to_owned();
    assert_eq!(other.get(&looks).status, 200);
    assert_eq!(other.get(&format!("{looks}/file/{hash}")).status, 404);
}
