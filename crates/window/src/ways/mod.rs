//! Ways in: pages, JSON, sheets and the public log. Each decides what a visit asks for; none knows a rule.

mod api;
pub mod dav;
pub mod journal;
mod log;
mod methods;
pub mod openapi;
mod query;
pub mod sheet;
mod turns;
mod web;

pub use methods::methods;
pub use sheet::Jobs;
pub use web::back;

use crate::{
    House,
    denied::{self, Trouble},
    guest::Guest,
    parts,
    visit::{Reply, Visit},
};

/// What a way gives: a reply, or why there is none.
pub type Answer = Result<Reply, Trouble>;

/// Answers a visit. Everything that goes wrong becomes words.
#[must_use]
pub fn answer(house: &House, visit: &Visit) -> Reply {
    if let Some(reply) = fixed(visit).or_else(|| log::answer(&house.registry, visit)) {
        return reply;
    }
    let guest = match Guest::of(house, visit) {
        Ok(guest) => guest,
        Err(broken) => {
            tracing::error!(%broken, "the store cannot be read");
            return Reply {
                status: 503,
                kind: "text/plain; charset=utf-8",
                body: b"the store cannot be read; the operator's log says why".to_vec(),
                headers: vec![],
            };
        }
    };
    if dav::is_here(&visit.path) {
        return dav::answer(&guest);
    }
    let is_api = visit.steps.first().is_some_and(|step| step == "api") && visit.steps.len() > 1;
    if visit.is_too_large {
        let trouble = Trouble::TooLarge { max: house.options.upload_max };
        return if is_api { denied::json(&guest, &trouble) } else { denied::page(&guest, &trouble) };
    }
    let answer = turns::take(&guest).and_then(|()| {
        turns::within_scopes(&guest)?;
        turns::strong_enough(&guest)?;
        if is_api { api::answer(&guest) } else { web::answer(&guest) }
    });
    let denied = if is_api { denied::json } else { denied::page };
    answer.unwrap_or_else(|trouble| denied(&guest, &trouble))
}

/// Files that are the same for everyone and change only with the program.
fn fixed(visit: &Visit) -> Option<Reply> {
    let (kind, body) = match visit.path.as_str() {
        "/style.css" => (
            "text/css; charset=utf-8",
            concat!(include_str!("../style.css"), include_str!("../figures.css")).to_owned(),
        ),
        "/script.js" => ("text/javascript; charset=utf-8", include_str!("../script.js").to_owned()),
        "/grid.js" => ("text/javascript; charset=utf-8", include_str!("../grid.js").to_owned()),
        "/favicon.svg" => ("image/svg+xml", parts::seal_file()),
        "/robots.txt" => (
            "text/plain; charset=utf-8",
            "User-agent: *\nDisallow: /account\nDisallow: /inbox\nDisallow: /my/\nDisallow: /reset/\n"
                .to_owned(),
        ),
        _ => return None,
    };
    Some(Reply {
        status: 200,
        kind,
        body: body.into_bytes(),
        headers: vec![("cache-control", "public, max-age=86400".into())],
    })
}
