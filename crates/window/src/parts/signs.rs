//! Signs: the seal, icons, badges, hashes, moments.

use maud::{Markup, html};

use super::{Tone, some};

/// The strokes of 科 over 创, drawn by hand so that no font is needed.
const STROKES: &str = "M28.5 11.5 21 13.6M19.5 17H30.5M25 12.8V31M25 17.5Q23 22.5 19.3 25M25.8 19.6 29.6 23\
    M33.8 12.8 36.4 15M33 18 35.6 20.2M32 25.6 45 23.2M40.4 11V31\
    M27 34Q24.5 39 19 42M27 34Q29.5 38.7 34.6 41M23.4 43.4H30.6V47.4M23.4 43.4V51Q23.4 53.4 25.6 53.4H31.4Q33.6 53.4 33.8 50.4\
    M38.8 38V47M44 34.6V51.6Q44 54.2 41.2 54";

/// The seal: the house's sign, a round red stamp with 科创 cut into it. Beside it stands the name in words, so
/// it is hidden from screen readers.
#[must_use]
pub fn seal() -> Markup {
    html! {
        svg.seal viewBox="0 0 64 64" aria-hidden="true" focusable="false" {
            circle.seal-ground cx="32" cy="32" r="31" {}
            circle.seal-ring cx="32" cy="32" r="28.2" {}
            path.seal-cut d=(STROKES) {}
        }
    }
}

/// The seal as a file of its own, for the address bar: `/favicon.svg`.
#[must_use]
pub fn seal_file() -> String {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" {
            circle cx="32" cy="32" r="31" fill="#a9251d" {}
            path d=(STROKES) fill="none" stroke="#fffaf2" stroke-width="2.7" stroke-linecap="square" {}
        }
    }
    .into_string()
}

/// The few icons there are. Each stands beside words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Tick,
    Cross,
    Note,
    Warning,
    Lock,
    Up,
    Down,
    Either,
    Dot,
    Ring,
    Branch,
    Square,
    SquareTicked,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Tick => "M4 12.5 9.5 18 20 6.5",
            Self::Cross => "M6 6 18 18M18 6 6 18",
            Self::Note => "M12 3a9 9 0 1 0 .01 0M12 11v6M12 7v.5",
            Self::Warning => "M12 3.5 22 20.5H2zM12 10v5M12 17.5v.5",
            Self::Lock => "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
            Self::Up => "M6 15l6-7 6 7",
            Self::Down => "M6 9l6 7 6-7",
            Self::Either => "M7 10l5-6 5 6M7 14l5 6 5-6",
            Self::Dot => "M12 5a7 7 0 1 0 .01 0z",
            Self::Ring => "M12 4a8 8 0 1 0 .01 0z",
            Self::Branch => "M12 3 21 12 12 21 3 12z",
            Self::Square => "M4.5 4.5h15v15h-15z",
            Self::SquareTicked => "M4.5 4.5h15v15h-15zM8 12l3 3.5 5.5-7",
        }
    }
}

#[must_use]
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(icon.path()) {} }
    }
}

/// The sign that goes with a tone, so that colour never stands alone.
pub(super) fn sign(tone: Tone) -> Option<Icon> {
    match tone {
        Tone::Plain => None,
        Tone::Info => Some(Icon::Note),
        Tone::Good => Some(Icon::Tick),
        Tone::Warn => Some(Icon::Warning),
        Tone::Bad => Some(Icon::Cross),
        Tone::Accent => Some(Icon::Dot),
    }
}

/// A short state in a pill: its sign, its word.
#[must_use]
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! {
        span class={ "badge " (tone.class()) } {
            @if let Some(sign) = sign(tone) { (icon(sign)) }
            (text)
        }
    }
}

/// 示例: marks what is invented for demonstration. `explains` is shown on pointing.
#[must_use]
pub fn demo_badge(text: &str, explains: &str) -> Markup {
    html! { span.badge.demo title=[some(explains)] { (text) } }
}

/// What sort of record it is, with one of five marks (1 to 5; 0 for grey).
#[must_use]
pub fn kind_badge(mark: u8, text: &str) -> Markup {
    html! { span class={ "kind k" (mark.min(5)) } { (text) } }
}

/// A hash or another long code: breaks after every eighth character, is copied whole.
#[must_use]
pub fn hash(code: &str) -> Markup {
    let letters: Vec<char> = code.chars().collect();
    html! {
        code.hash {
            @for (place, eight) in letters.chunks(8).enumerate() {
                @if place > 0 { wbr; }
                (eight.iter().collect::<String>())
            }
        }
    }
}

/// A day or moment: `machine` as `2031-06-30` or RFC 3339, `text` as people write it.
#[must_use]
pub fn moment(machine: &str, text: &str) -> Markup {
    html! { time.nowrap datetime=(machine) { (text) } }
}
