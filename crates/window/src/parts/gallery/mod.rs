//! The gallery: every part with realistic words in both languages. For tests and for looking at.

mod figures;
mod forms;
mod lists;
mod records;

use maud::{Markup, html};

use super::{
    Account, DemoStrip, Empty, Heading, Icon, Link, NavLink, Notice, Press, Role, Search, Section, Shell,
    Switch, Tone, badge, demo_badge, empty, hash, heading, icon, kind_badge, notice, roles, section, shell,
};

/// A language to draw in: picks one of two texts.
#[derive(Clone, Copy)]
pub(super) struct Tongue(bool);

impl Tongue {
    pub(super) fn t(self, zh: &str, en: &str) -> String {
        if self.0 { zh } else { en }.to_owned()
    }

    pub(super) fn link(self, href: &str, zh: &str, en: &str) -> Link {
        Link::new(href, self.t(zh, en))
    }
}

/// The whole page in `zh` or `en`.
pub fn gallery(lang: &str) -> Markup {
    let l = Tongue(lang == "zh");
    let main = html! {
        (lists::find(l))
        (records::record(l))
        (lists::list(l))
        (figures::figures(l))
        (forms::forms(l))
        (records::proofs(l))
        (signs(l))
        (doors(l))
    };
    shell(&Shell { main, ..frame(l) })
}

/// A page of one part of the gallery, for looking at it by itself.
pub fn plate(lang: &str, name: &str) -> Markup {
    let l = Tongue(lang == "zh");
    let main = match name {
        "find" => lists::find(l),
        "list" => lists::list(l),
        "record" => records::record(l),
        "form" => html! { (title(l)) (forms::forms(l)) },
        "figures" => html! { (title(l)) (figures::figures(l)) },
        "proof" => html! { (title(l)) (records::proofs(l)) },
        _ => html! { (title(l)) (signs(l)) (doors(l)) },
    };
    shell(&Shell { main, ..frame(l) })
}

fn title(l: Tongue) -> Markup {
    heading(&Heading { title: l.t("部件样张", "Gallery of parts"), ..Heading::default() })
}

fn frame(l: Tongue) -> Shell {
    Shell {
        lang: l.t("zh-CN", "en"),
        title: l.t("部件样张", "Gallery of parts"),
        product: l.t("科创", "Kechuang"),
        tagline: l.t("长三角科技资源配置服务", "Science and technology resources, Yangtze Delta"),
        style: "style.css".into(),
        script: "script.js".into(),
        skip: l.t("跳到正文", "Skip to the matter"),
        menu: l.t("菜单", "Menu"),
        nav_label: l.t("主导航", "Main navigation"),
        nav: nav(l),
        account: account(l),
        switches_label: l.t("语言与显示", "Language and display"),
        switches: switches(l),
        demo: Some(DemoStrip {
            badge: l.t("示例", "Demo"),
            text: l.t(
                "机构为真实公共机构，业务均为虚构，仅供试用。",
                "Institutions are real, all business is invented for trying out.",
            ),
            link: Some(l.link("/demo", "换个角色", "Change part")),
        }),
        search: Some(search_box(l)),
        crumbs_label: l.t("当前位置", "You are here"),
        crumbs: vec![l.link("/", "首页", "Home"), l.link("/need", "需求", "Needs")],
        footer: vec![
            html! { (l.t("主办：长三角科技资源配置服务中心（示例）", "Run by the Yangtze Delta Resource Service (demo)")) },
            html! {
                (l.t("最新检查点 ", "Latest checkpoint "))
                (hash("8f1c22aa90d3e7b1"))
                (l.t("，2026-11-23 16:05 签署", ", signed 2026-11-23 16:05"))
            },
        ],
        footer_links: vec![
            l.link("/proof", "存证核验", "Verify a proof"),
            l.link("/api", "接口", "API"),
            l.link("/accessibility", "无障碍声明", "Accessibility"),
            l.link("/privacy", "个人信息保护", "Privacy"),
        ],
        ..Shell::default()
    }
}

fn nav(l: Tongue) -> Vec<NavLink> {
    let nav = [
        ("/find", "找资源", "Find"),
        ("/need", "需求", "Needs"),
        ("/achievement", "成果", "Achievements"),
        ("/instrument", "仪器", "Instruments"),
        ("/call", "申报指南", "Calls"),
        ("/auction", "竞价", "Auctions"),
        ("/indicators", "指标", "Indicators"),
        ("/rulebook", "规则", "Rulebook"),
        ("/inbox", "待办", "Inbox"),
    ];
    let nav_link = |(href, zh, en): (&str, &str, &str)| NavLink {
        href: href.into(),
        label: l.t(zh, en),
        current: href == "/need",
        count: if href == "/inbox" { 3 } else { 0 },
    };
    nav.into_iter().map(nav_link).collect()
}

fn account(l: Tongue) -> Account {
    Account::In {
        me: l.link("/account", "沈嘉宁", "Shen Jianing"),
        acting_for: l.t("代表 松江精工有限公司", "for Songjiang Precision Ltd"),
        sign_out: Press {
            action: "/sign-out".into(),
            hidden: vec![("token".into(), "x".into())],
            label: l.t("退出", "Sign out"),
        },
    }
}

fn switches(l: Tongue) -> Vec<Switch> {
    vec![
        Switch {
            href: "/display?text=large".into(),
            label: l.t("大字版", "Larger text"),
            lang: String::new(),
        },
        Switch { href: "/display?theme=dark".into(), label: l.t("深色", "Dark"), lang: String::new() },
        Switch {
            href: "/display?lang=other".into(),
            label: l.t("English", "中文"),
            lang: l.t("en", "zh-CN"),
        },
    ]
}

fn search_box(l: Tongue) -> Search {
    Search {
        action: "/find".into(),
        name: "q".into(),
        label: l.t("查找需求、成果、仪器、人员", "Search needs, achievements, instruments, people"),
        placeholder: l.t("需求、成果、仪器、人员", "Needs, achievements, instruments"),
        button: l.t("查找", "Search"),
        id: "search".into(),
        ..Search::default()
    }
}

fn signs(l: Tongue) -> Markup {
    let tones = [
        (Tone::Plain, "草稿", "Draft"),
        (Tone::Info, "已发布", "Published"),
        (Tone::Good, "已签约", "Contracted"),
        (Tone::Warn, "三天后到期", "Ends in three days"),
        (Tone::Bad, "已驳回", "Rejected"),
        (Tone::Accent, "已封存", "Sealed"),
    ];
    let box_ = |tone, title: String, text: String| {
        notice(&Notice { tone, title, body: html! { p { (text) } }, links: vec![] })
    };
    let body = html! {
        p.row {
            @for (tone, zh, en) in tones { (badge(tone, &l.t(zh, en))) }
            (demo_badge(&l.t("示例", "Demo"), &l.t("虚构数据", "Invented data")))
            (kind_badge(1, &l.t("需求", "Need"))) (kind_badge(2, &l.t("成果", "Achievement")))
            (kind_badge(3, &l.t("仪器", "Instrument"))) (icon(Icon::Lock))
        }
        div.grid {
            (box_(Tone::Info, l.t("申报将于 12 月 1 日开始", "Applications open on 1 December"),
                l.t("届时可在本页提交。", "You can apply on this page from then.")))
            (box_(Tone::Good, l.t("已收到", "Received"), l.t("受理编号 call-7k3m9q2a。", "Your number is call-7k3m9q2a.")))
            (box_(Tone::Warn, l.t("营业执照即将到期", "Your licence ends soon"),
                l.t("请在 2026-12-31 前更新。", "Please renew it by 2026-12-31.")))
        }
        (empty(&Empty {
            title: l.t("还没有需求", "No needs yet"),
            text: l.t("用一句话写下您要解决的问题，我们来找可用的资源。",
                "Say in one sentence what you want to solve; we look for what the region can put behind it."),
            links: vec![l.link("/need/new", "发布需求", "Publish a need")],
        }))
    };
    section(&Section { title: l.t("标记与提示", "Signs and notices"), body, ..Section::default() })
}

fn doors(l: Tongue) -> Markup {
    let role = |sign: &str, name: [&str; 2], part: [&str; 2], does: [&str; 2]| Role {
        sign: sign.into(),
        name: l.t(name[0], name[1]),
        part: l.t(part[0], part[1]),
        does: l.t(does[0], does[1]),
        press: Press {
            action: "/demo".into(),
            hidden: vec![("who".into(), sign.into())],
            label: l.t("以此身份进入", "Enter as this person"),
        },
    };
    let body = roles(&[
        role(
            "企",
            ["沈嘉宁", "Shen Jianing"],
            ["技术负责人，松江精工有限公司", "Head of technology, Songjiang Precision Ltd"],
            ["发布需求，使用创新券，预约仪器。", "Publish a need, use a voucher, book an instrument."],
        ),
        role(
            "研",
            ["顾明远", "Gu Mingyuan"],
            ["研究员，材料表征实验室", "Researcher, materials laboratory"],
            ["登记成果，应答需求，开放仪器。", "Register achievements, answer needs, open instruments."],
        ),
        role(
            "审",
            ["林毓", "Lin Yu"],
            ["项目官员，市科技主管部门", "Programme officer, city science office"],
            ["发布指南，组织评审，作出资助决定。", "Publish calls, run panels, decide on awards."],
        ),
    ]);
    section(&Section { title: l.t("选择一个角色", "Choose a part"), body, ..Section::default() })
}
