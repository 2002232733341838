//! Numbers, charts, the map, the inbox.

use maud::{Markup, html};

use super::Tongue;
use crate::parts::{
    Bar, BarChart, Behind, Bounds, Funnel, Map, Point, Section, Stage, Stat, Tone, Waiting, bars, funnel,
    inbox, map, progress, section, stats,
};

pub(super) fn figures(l: Tongue) -> Markup {
    let body = html! {
        (stats(&numbers(l)))
        div.two-thirds {
            div.stack { (regions(l)) (way(l)) }
            (places(l))
        }
        (progress("import", &l.t("导入仪器清单", "Importing the list of instruments"), (640, 1000),
            &l.t("1,000 行中已检查 640 行", "640 of 1,000 rows checked")))
    };
    html! {
        (section(&Section { title: l.t("等您办理", "What waits for you"), body: inbox(&waiting(l)), ..Section::default() }))
        (section(&Section { title: l.t("指标", "Indicators"), body: html! { div.stack { (body) } }, ..Section::default() }))
    }
}

fn numbers(l: Tongue) -> Vec<Stat> {
    let one = |value: &str, unit: [&str; 2], label: [&str; 2]| Stat {
        value: value.into(),
        unit: l.t(unit[0], unit[1]),
        label: l.t(label[0], label[1]),
        href: "/facts".into(),
        source: l.t("来源：办件记录，截至 2026-11-23", "From case records up to 2026-11-23"),
    };
    vec![
        one("1,204", ["张", ""], ["有效创新券", "Vouchers in use"]),
        one("4,317", ["万元", "×10,000 ¥"], ["本年兑付", "Paid out this year"]),
        one("86%", ["", ""], ["期限内办结", "Closed in time"]),
        one("2.4", ["天", "days"], ["平均首次答复", "Mean time to first answer"]),
    ]
}

fn regions(l: Tongue) -> Markup {
    let bar = |zh: &str, en: &str, value: f64, text: &str| Bar {
        label: l.t(zh, en),
        value,
        text: text.into(),
        href: "/facts".into(),
        colour: 1,
    };
    bars(&BarChart {
        id: "by-region".into(),
        title: l.t("各地区兑付金额", "Paid out by region"),
        note: l.t("2026 年 1–10 月，万元", "January to October 2026, in 10,000 yuan"),
        bars: vec![
            bar("上海市", "Shanghai", 1842.0, "1,842"),
            bar("江苏省", "Jiangsu", 1310.0, "1,310"),
            bar("浙江省", "Zhejiang", 1022.0, "1,022"),
            bar("安徽省", "Anhui", 143.0, "143"),
        ],
        behind: Behind {
            summary: l.t("查看数据表", "Show the table"),
            columns: vec![l.t("地区", "Region"), l.t("万元", "10,000 yuan")],
        },
        source: l.t("来源：创新券兑付记录", "From voucher payments"),
    })
}

fn way(l: Tongue) -> Markup {
    let stage = |zh: &str, en: &str, value: f64, text: &str, share: &str| Stage {
        label: l.t(zh, en),
        value,
        text: text.into(),
        share: share.into(),
        href: String::new(),
    };
    funnel(&Funnel {
        id: "way".into(),
        title: l.t("从需求到签约", "From need to contract"),
        note: String::new(),
        stages: vec![
            stage("发布需求", "Needs published", 412.0, "412", ""),
            stage("收到方案", "With solutions", 287.0, "287", "70%"),
            stage("通过评审", "Passed review", 133.0, "133", "46%"),
            stage("签约", "Contracted", 94.0, "94", "71%"),
        ],
        behind: Behind {
            summary: l.t("查看数据表", "Show the table"),
            columns: vec![
                l.t("阶段", "Stage"),
                l.t("件数", "Number"),
                l.t("占上一阶段", "Of the stage before"),
            ],
        },
        source: String::new(),
    })
}

fn places(l: Tongue) -> Markup {
    let point = |latitude: f64, longitude: f64, zh: &str, en: &str, colour, count| Point {
        latitude,
        longitude,
        title: l.t(zh, en),
        href: "/find".into(),
        colour,
        count,
    };
    map(&Map {
        id: "places".into(),
        title: l.t("资源分布", "Where resources are"),
        note: l.t("圆内为数量", "Numbers in circles are counts"),
        bounds: Bounds { south: 29.6, west: 118.2, north: 32.6, east: 122.3 },
        points: vec![
            point(31.23, 121.47, "上海市：148 项", "Shanghai: 148", 1, 148),
            point(31.30, 120.62, "苏州市：52 项", "Suzhou: 52", 1, 52),
            point(30.27, 120.16, "杭州市：61 项", "Hangzhou: 61", 1, 61),
            point(32.06, 118.79, "南京市：39 项", "Nanjing: 39", 1, 39),
            point(31.57, 120.30, "无锡：巴克豪森噪声检测", "Wuxi: Barkhausen noise", 2, 1),
            point(29.87, 121.54, "宁波：稀土永磁实验室", "Ningbo: rare-earth magnets", 3, 1),
        ],
        outlines: vec![vec![
            (32.6, 121.0),
            (31.9, 121.7),
            (31.65, 121.1),
            (31.5, 121.5),
            (31.2, 121.95),
            (30.85, 121.9),
            (30.65, 121.1),
            (30.3, 120.8),
            (30.2, 121.3),
            (29.95, 121.8),
            (29.6, 121.9),
            (29.6, 118.2),
            (32.6, 118.2),
        ]],
        legend: vec![
            (1, l.t("集聚", "Several")),
            (2, l.t("成果", "Achievement")),
            (3, l.t("实验室", "Laboratory")),
        ],
        behind: Behind {
            summary: l.t("查看数据表", "Show the table"),
            columns: vec![l.t("地点", "Place"), l.t("项数", "Number")],
        },
        source: l.t("轮廓为示意", "The outline is a sketch"),
    })
}

fn waiting(l: Tongue) -> Vec<Waiting> {
    let one = |what: [&str; 2], about: [&str; 2], until: &str, left: [&str; 2], tone| Waiting {
        what: l.t(what[0], what[1]),
        href: "/inbox/1".into(),
        about: html! { (l.t(about[0], about[1])) },
        machine: until.into(),
        until: until.into(),
        left: l.t(left[0], left[1]),
        tone,
        action: l.t("办理", "Open"),
    };
    vec![
        one(
            ["答复异议", "Answer an objection"],
            ["申报指南 call-4t2k，公示期内收到", "Call call-4t2k, received while the result was on display"],
            "2026-11-21",
            ["已逾期 1 个工作日", "1 working day late"],
            Tone::Bad,
        ),
        one(
            ["复核资助决定", "Endorse an award"],
            ["需第二人复核，由林毓提出", "Needs a second person; asked by Lin Yu"],
            "2026-11-26",
            ["还剩 3 个工作日", "3 working days left"],
            Tone::Warn,
        ),
        one(
            ["评审 2 份方案", "Review 2 solutions"],
            ["轴承滚道残余应力的在线无损测量", "On-line residual stress measurement"],
            "2026-12-15",
            ["还剩 16 个工作日", "16 working days left"],
            Tone::Plain,
        ),
    ]
}
