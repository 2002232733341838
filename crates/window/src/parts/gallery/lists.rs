//! Find, and a list with facets.

use maud::{Markup, html};

use super::Tongue;
use crate::parts::{
    Column, Empty, FacetChoice, FacetGroup, Facets, Fact, Found, Heading, Hero, Link, Pager, Row, Score,
    Search, Sort, Sorted, Tab, Table, Tone, badge, demo_badge, facets, found, heading, hero, kind_badge,
    pager, table, tabs,
};

pub(super) fn find(l: Tongue) -> Markup {
    html! {
        (hero(&Hero {
            title: l.t("您要解决什么问题？", "What do you want to solve?"),
            lead: l.t("一句话即可。区域内的成果、人员、实验室、仪器和资金，一次找齐，并说明理由。",
                "One sentence is enough. Achievements, people, laboratories, instruments and money of the region, with the reasons why."),
            search: Search {
                action: "/find".into(),
                name: "q".into(),
                value: l.t("轴承滚道表面残余应力的无损测量", "non-destructive residual stress of bearing raceways"),
                label: l.t("您的问题", "Your question"),
                button: l.t("查找", "Find"),
                id: "hero-search".into(),
                ..Search::default()
            },
            examples_label: l.t("例如：", "For example:"),
            examples: vec![
                l.link("/find?q=1", "钙钛矿组件封装", "perovskite encapsulation"),
                l.link("/find?q=2", "冷冻电镜机时", "cryo-EM time"),
                l.link("/find?q=3", "小批量碳化硅外延", "small-batch SiC epitaxy"),
            ],
        }))
        div.with-facets {
            (facets(&panel(l)))
            div {
                (first(l)) (second(l))
                (pager(&Pager {
                    label: l.t("翻页", "Pages"),
                    previous: None,
                    next: Some(l.link("/find?after=2", "下一页", "Next")),
                    total: l.t("共 37 条，显示第 1–20 条", "1–20 of 37"),
                }))
            }
        }
    }
}

fn panel(l: Tongue) -> Facets {
    let choice = |zh: &str, en: &str, count, chosen| FacetChoice {
        label: l.t(zh, en),
        count,
        href: format!("/find?f={count}"),
        chosen,
    };
    Facets {
        title: l.t("缩小范围", "Narrow down"),
        groups: vec![
            FacetGroup {
                title: l.t("类别", "Kind"),
                choices: vec![
                    choice("仪器", "Instruments", 14, true),
                    choice("成果", "Achievements", 12, false),
                    choice("人员", "People", 8, false),
                    choice("实验室", "Laboratories", 3, false),
                ],
            },
            FacetGroup {
                title: l.t("地区", "Region"),
                choices: vec![
                    choice("上海市", "Shanghai", 19, false),
                    choice("江苏省", "Jiangsu", 11, false),
                    choice("浙江省", "Zhejiang", 7, false),
                ],
            },
        ],
        clear: Some(l.link("/find", "清除全部条件", "Clear all")),
    }
}

fn first(l: Tongue) -> Markup {
    found(&Found {
        over: vec![
            kind_badge(3, &l.t("仪器", "Instrument")),
            badge(Tone::Good, &l.t("可预约", "Can be booked")),
            demo_badge(&l.t("示例", "Demo"), ""),
        ],
        title: l.link(
            "/instrument/a",
            "X 射线残余应力分析仪（便携式）",
            "Portable X-ray residual stress analyser",
        ),
        facts: vec![
            Fact::new(l.t("地点", "Where"), &l.t("上海市松江区", "Songjiang, Shanghai")),
            Fact::new(l.t("领域", "Field"), &l.t("先进制造", "Advanced manufacturing")),
            Fact::new(l.t("机时费", "Rate"), &l.t("¥600／时", "¥600 an hour")),
        ],
        snippet: html! {
            (l.t("可对轴承、齿轮等曲面零件作", "For curved parts such as bearings and gears: "))
            mark { (l.t("残余应力无损测量", "non-destructive residual stress")) }
            (l.t("，最小光斑 1 mm，随设备提供标定样块。", " with a spot of 1 mm; calibration samples are supplied."))
        },
        for_label: l.t("支持", "Speaks for it"),
        spoke_for: vec![
            l.t("方法一致：无损", "Same method: non-destructive"),
            l.t("相距 8 公里", "8 km away"),
            l.t("可用创新券", "Accepts vouchers"),
        ],
        against_label: l.t("存疑", "Speaks against it"),
        spoke_against: vec![l.t("下周才有空档", "No free time before next week")],
        score: Some(Score {
            label: l.t("契合度", "Fit"),
            value: 87,
            text: "87".into(),
            explain: Some(l.link("/find/why/a", "为什么", "Why")),
        }),
        links: vec![],
    })
}

fn second(l: Tongue) -> Markup {
    found(&Found {
        over: vec![kind_badge(2, &l.t("成果", "Achievement"))],
        title: l.link(
            "/achievement/b",
            "基于巴克豪森噪声的滚道磨削烧伤检测",
            "Grinding burn detection by Barkhausen noise",
        ),
        facts: vec![
            Fact::new(l.t("地点", "Where"), &l.t("江苏省无锡市", "Wuxi, Jiangsu")),
            Fact::new(l.t("技术就绪度", "TRL"), "6"),
        ],
        for_label: l.t("支持", "Speaks for it"),
        spoke_for: vec![l.t("对象一致：轴承滚道", "Same object: bearing raceways")],
        score: Some(Score { label: l.t("契合度", "Fit"), value: 61, text: "61".into(), explain: None }),
        ..Found::default()
    })
}

pub(super) fn list(l: Tongue) -> Markup {
    let tab = |href: &str, zh: &str, en: &str, count: &str, current| Tab {
        href: href.into(),
        label: l.t(zh, en),
        count: count.into(),
        current,
    };
    html! {
        (heading(&Heading {
            title: l.t("科技创新券", "Vouchers"),
            lead: l.t("资金方承诺支付企业购买科研服务费用的一部分。",
                "A promise to pay part of what a firm spends on research services."),
            ..Heading::default()
        }))
        (tabs(&l.t("视图", "Views"), &[
            tab("?v=all", "全部", "All", "1,204", true),
            tab("?v=mine", "我的", "Mine", "4", false),
            tab("?v=due", "即将到期", "Ending soon", "37", false),
        ]))
        (vouchers(l))
        (pager(&Pager {
            label: l.t("翻页", "Pages"),
            previous: Some(l.link("?before=1", "上一页", "Previous")),
            next: Some(l.link("?after=9", "下一页", "Next")),
            total: l.t("共 1,204 张", "1,204 vouchers"),
        }))
        (sheet(l))
    }
}

fn vouchers(l: Tongue) -> Markup {
    let sort =
        |now| Sort { href: "?sort=face".into(), label: l.t("按面额排序", "sort by face value"), now };
    let row = |id: &str, zh: &str, en: &str, face: &str, left: &str, state: Markup| {
        Row::new(vec![
            html! { a href={ "/voucher/" (id) } { (id) } },
            html! { (l.t(zh, en)) },
            html! { (l.t("上海市松江区", "Songjiang")) },
            html! { (face) },
            html! { (left) },
            html! { "2026-12-31" },
            state,
        ])
    };
    let open = || badge(Tone::Info, &l.t("可用", "Open"));
    table(&Table {
        id: "vouchers".into(),
        caption: l.t("按到期日先后排列", "By last day, earliest first"),
        columns: vec![
            Column::new(l.t("编号", "Number")),
            Column::new(l.t("持有单位", "Held by")),
            Column::new(l.t("地区", "Region")),
            Column::end(l.t("面额（元）", "Face value, ¥")).sorted(sort(Sorted::No)),
            Column::end(l.t("余额（元）", "Left, ¥")).sorted(sort(Sorted::No)),
            Column::new(l.t("截止日", "Last day")).sorted(sort(Sorted::Up)),
            Column::new(l.t("状态", "Status")),
        ],
        rows: vec![
            row(
                "voucher-7k3m9q2a",
                "松江精工有限公司",
                "Songjiang Precision Ltd",
                "300,000.00",
                "118,500.00",
                open(),
            ),
            row(
                "voucher-2f8t0xw1",
                "青浦新材料科技有限公司",
                "Qingpu New Materials Ltd",
                "50,000.00",
                "0.00",
                badge(Tone::Good, &l.t("已用完", "Used")),
            ),
            row(
                "voucher-9d4h6n3c",
                "昆山微流控芯片有限公司",
                "Kunshan Microfluidics Ltd",
                "100,000.00",
                "100,000.00",
                open(),
            ),
        ],
        scrolls: false,
        empty: Empty::default(),
    })
}

fn sheet(l: Tongue) -> Markup {
    let months = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
    let mut columns = vec![Column::new(l.t("地区", "Region"))];
    columns.extend(months.iter().map(|month| Column::end(format!("2026-{month}"))));
    let row = |zh: &str, en: &str, base: u32| {
        let figures = (0..12).map(|n| html! { (format!("{},{:03}", base + n, (base * 37 + n * 91) % 1000)) });
        Row::new(std::iter::once(html! { (l.t(zh, en)) }).chain(figures).collect())
    };
    table(&Table {
        id: "months".into(),
        caption: l
            .t("每月兑付（千元），可左右滚动", "Paid out each month, in thousands of yuan; scrolls sideways"),
        columns,
        rows: vec![
            row("上海市", "Shanghai", 12),
            row("江苏省", "Jiangsu", 9),
            row("浙江省", "Zhejiang", 8),
            Row { strong: true, ..row("合计", "All", 29) },
        ],
        scrolls: true,
        empty: Empty { links: vec![Link::default()], ..Empty::default() },
    })
}
