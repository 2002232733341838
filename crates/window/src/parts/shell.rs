//! The shell: everything around a page's matter.

use maud::{DOCTYPE, Markup, html};

use super::{Link, Press, hidden, seal, some};

/// What stands around the matter of a page. All texts in the reader's language.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// `zh-CN` or `en`.
    pub lang: String,
    /// The page's own title; the product's name is added.
    pub title: String,
    pub description: String,
    pub product: String,
    /// A line under the product's name.
    pub tagline: String,
    /// Addresses of `style.css`, `script.js` and the icon, with their versions.
    pub style: String,
    pub script: String,
    pub icon: String,
    /// The reader's choice: `light`, `dark`, or empty for the system's.
    pub theme: String,
    /// `large`, or empty.
    pub text: String,
    /// "Skip to the matter", and the name of the menu on small windows.
    pub skip: String,
    pub menu: String,
    pub nav_label: String,
    pub nav: Vec<NavLink>,
    pub account: Account,
    pub switches_label: String,
    /// Language, theme, size of text.
    pub switches: Vec<Switch>,
    pub demo: Option<DemoStrip>,
    /// Left out on pages that have a search box of their own.
    pub search: Option<Search>,
    pub crumbs_label: String,
    /// The way here; the page itself is not in it.
    pub crumbs: Vec<Link>,
    pub main: Markup,
    pub footer: Vec<Markup>,
    pub footer_links: Vec<Link>,
}

#[derive(Clone, Debug, Default)]
pub struct NavLink {
    pub href: String,
    pub label: String,
    pub current: bool,
    /// How many wait there; 0 shows nothing.
    pub count: u32,
}

/// A choice of how pages look. `lang` is the language its label is written in, when it is another one.
#[derive(Clone, Debug, Default)]
pub struct Switch {
    pub href: String,
    pub label: String,
    pub lang: String,
}

#[derive(Clone, Debug, Default)]
pub enum Account {
    #[default]
    None,
    /// The link to the sign-in page.
    Out(Link),
    /// Who is signed in: name and link to the own account, for whom, and how to sign out.
    In { me: Link, acting_for: String, sign_out: Press },
}

/// The strip that says that business here is invented.
#[derive(Clone, Debug, Default)]
pub struct DemoStrip {
    pub badge: String,
    pub text: String,
    pub link: Option<Link>,
}

/// A search box: a form that gets `action?name=…`.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub action: String,
    pub name: String,
    pub value: String,
    pub label: String,
    pub placeholder: String,
    pub button: String,
    /// Further parameters to keep.
    pub hidden: Vec<(String, String)>,
    /// Unique in the page: `search`.
    pub id: String,
}

/// The whole page.
#[must_use]
pub fn shell(page: &Shell) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(page.lang) data-theme=[some(&page.theme)] data-text=[some(&page.text)] {
            (head(page))
            body {
                a.skip href="#main" { (page.skip) }
                header.site {
                    @if let Some(demo) = &page.demo { (demo_strip(demo)) }
                    (utility(page))
                    (masthead(page))
                    (nav(page))
                }
                main #main.band tabindex="-1" {
                    @if !page.crumbs.is_empty() { (crumbs(page)) }
                    (page.main)
                }
                (foot(page))
            }
        }
    }
}

fn head(page: &Shell) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title {
                @if page.title.is_empty() { (page.product) } @else { (page.title) " · " (page.product) }
            }
            @if !page.description.is_empty() { meta name="description" content=(page.description); }
            link rel="stylesheet" href=(page.style);
            @if !page.icon.is_empty() { link rel="icon" type="image/svg+xml" href=(page.icon); }
            @if !page.script.is_empty() { script src=(page.script) defer {} }
        }
    }
}

fn demo_strip(demo: &DemoStrip) -> Markup {
    html! {
        div.demo-strip {
            div.band {
                span.badge.demo { (demo.badge) }
                span { (demo.text) }
                @if let Some(link) = &demo.link { (link.show()) }
            }
        }
    }
}

fn utility(page: &Shell) -> Markup {
    html! {
        div.utility {
            div.band {
                ul.bare aria-label=(page.switches_label) {
                    @for switch in &page.switches {
                        li {
                            a href=(switch.href) lang=[some(&switch.lang)] hreflang=[some(&switch.lang)]
                                rel="nofollow" { (switch.label) }
                        }
                    }
                }
                @match &page.account {
                    Account::None => {}
                    Account::Out(link) => { a.who href=(link.href) { (link.label) } }
                    Account::In { me, acting_for, sign_out } => {
                        a.who href=(me.href) { (me.label) }
                        @if !acting_for.is_empty() { span.soft { (acting_for) } }
                        (sign_out.show("plain"))
                    }
                }
            }
        }
    }
}

fn masthead(page: &Shell) -> Markup {
    html! {
        div.masthead {
            div.band {
                a.brand href="/" {
                    (seal())
                    span {
                        strong { (page.product) }
                        @if !page.tagline.is_empty() { small { (page.tagline) } }
                    }
                }
                @if let Some(box_) = &page.search { (search(box_)) }
            }
        }
    }
}

/// A search box by itself.
#[must_use]
pub fn search(search: &Search) -> Markup {
    html! {
        form.search role="search" aria-label=(search.label) method="get" action=(search.action) {
            (hidden(&search.hidden))
            label.unseen for=(search.id) { (search.label) }
            input #(search.id) type="search" name=(search.name) value=(search.value) maxlength="500"
                placeholder=[some(&search.placeholder)] autocomplete="off" enterkeyhint="search";
            button.main type="submit" { (search.button) }
        }
    }
}

/// The navigation twice, of which the window's width shows one: a line of links, or a menu that opens.
fn nav(page: &Shell) -> Markup {
    html! {
        div.nav {
            @if !page.nav.is_empty() {
                div.band {
                    nav.wide aria-label=(page.nav_label) { (nav_links(page)) }
                    details.menu {
                        summary { (page.menu) }
                        nav aria-label=(page.nav_label) { (nav_links(page)) }
                    }
                }
            }
        }
    }
}

/// Beyond two digits nobody counts.
fn capped(count: u32) -> String {
    if count > 99 { "99+".into() } else { count.to_string() }
}

fn nav_links(page: &Shell) -> Markup {
    html! {
        ul.bare {
            @for link in &page.nav {
                li {
                    a href=(link.href) aria-current=[link.current.then_some("page")] {
                        (link.label)
                        @if link.count > 0 { span.count { (capped(link.count)) } }
                    }
                }
            }
        }
    }
}

fn crumbs(page: &Shell) -> Markup {
    html! {
        nav.crumbs aria-label=(page.crumbs_label) {
            ol.bare { @for crumb in &page.crumbs { li { (crumb.show()) } } }
        }
    }
}

fn foot(page: &Shell) -> Markup {
    html! {
        footer.foot {
            div.band {
                div { @for line in &page.footer { p { (line) } } }
                @if !page.footer_links.is_empty() {
                    ul.bare { @for link in &page.footer_links { li { (link.show()) } } }
                }
            }
        }
    }
}
