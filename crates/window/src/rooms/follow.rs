//! Follow: searches someone keeps an eye on, and what is new in each since it was last looked at.

use grammar::kinds::{Id, Moment};
use maud::{Markup, html};
use registry::{FOREVER, NeedText};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{Link, Press},
    pass,
    visit::{Reply, escape},
    ways::Answer,
};

/// Searches one person may follow.
const FOLLOWED_MAX: u32 = 30;
/// Results of each that are looked at for new ones.
const LOOKED_AT: usize = 10;
const SPACE: &str = "follow";

/// A search that someone follows.
#[derive(Serialize, Deserialize)]
struct Followed {
    words: String,
    /// When it was last looked at.
    seen: Moment,
}

fn key(person: Id, words: &str) -> String {
    let digest: String = Sha256::digest(words).iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    format!("{person}/{digest}")
}

/// The button on the find page that begins or ends following, for those signed in.
#[must_use]
pub fn button(guest: &Guest, words: &str) -> Markup {
    let Some(session) = &guest.session else { return html! {} };
    let kept: Option<Followed> = guest.house.registry.kept(SPACE, &key(session.person, words)).ok().flatten();
    let (action, label) = if kept.is_some() { ("/unfollow", "unfollow") } else { ("/follow", "follow") };
    let mut hidden = guest.hidden();
    hidden.push(("words".into(), words.to_owned()));
    Press { action: action.into(), hidden, label: guest.word(label).into() }.show("")
}

/// Remembers that a followed search has been looked at now.
pub fn looked_at(guest: &Guest, words: &str) {
    let Some(session) = &guest.session else { return };
    let registry = &guest.house.registry;
    let key = key(session.person, words);
    if registry.kept::<Followed>(SPACE, &key).is_ok_and(|kept| kept.is_some()) {
        if pass::repeat(guest.house, guest.visit) {
            return;
        }
        let followed = Followed { words: words.to_owned(), seen: registry.now() };
        if let Err(broken) = registry.keep(SPACE, &key, &followed, FOREVER) {
            tracing::error!(%broken, "a read mark could not be kept");
        }
    }
}

/// Begins or ends following a search.
///
/// # Errors
/// When one has not signed in, or the store cannot be written.
pub fn follow(guest: &Guest, follows: bool) -> Answer {
    let person = guest.session.as_ref().ok_or(Trouble::SignIn)?.person;
    let registry = &guest.house.registry;
    let words: String = guest.visit.typed("words").chars().take(super::find::WORDS_MAX).collect();
    if words.is_empty() {
        return Err(Trouble::NotFound);
    }
    let key = key(person, &words);
    let held: Vec<(String, Followed)> = registry.kept_all(SPACE, &format!("{person}/"), FOLLOWED_MAX)?;
    if !follows {
        registry.throw_away(SPACE, &key)?;
    } else if held.len() < FOLLOWED_MAX as usize {
        registry.keep(SPACE, &key, &Followed { words: words.clone(), seen: registry.now() }, FOREVER)?;
    } else {
        return Err(Trouble::Unreadable(guest.say("follow-too-many", &json!({ "max": FOLLOWED_MAX }))));
    }
    Ok(Reply::go(format!("/find?q={}", escape(&words))))
}

/// The searches this guest follows, with how many of the best results are new or changed.
///
/// # Errors
/// When the store cannot be read.
pub fn followed(guest: &Guest) -> Result<Markup, Trouble> {
    let person = guest.session.as_ref().ok_or(Trouble::SignIn)?.person;
    let held: Vec<(String, Followed)> =
        guest.house.registry.kept_all(SPACE, &format!("{person}/"), FOLLOWED_MAX)?;
    let mut lines = Vec::new();
    for (_, search) in &held {
        let asked = NeedText { title: search.words.clone(), ..NeedText::default() };
        let found = guest.look.find(&asked, LOOKED_AT)?;
        let fresh = found.hits.iter().filter(|hit| hit.listed.changed > search.seen).count();
        let link = Link::new(format!("/find?q={}", escape(&search.words)), search.words.clone());
        let key = if fresh == 0 { "follow-nothing-new" } else { "follow-new" };
        lines.push((link, guest.say(key, &json!({ "count": fresh }))));
    }
    Ok(html! {
        @if lines.is_empty() { p.note { (guest.word("follow-none")) } }
        ul { @for (link, news) in &lines { li { (link.show()) " " small.soft { (news) } } } }
    })
}
