//! A laboratory keeps its chemicals: they are entered by hand and from a sheet, what does not go together is refused without a reason,
//! what is controlled moves by two, and others see what is offered to them and nothing else.

use super::{judged::officer, *};

const NEW: &str = "/chemical/new/enter";
const SHEET: &[u8] = b"%PDF-1.7 safety data sheet of ethanol";

/// A laboratory of the institute, where two of its people keep chemicals.
struct Bench {
    town: Town,
    laboratory: String,
    custodians: [String; 2],
}

impl Bench {
    fn set_up() -> Self {
        let town = town();
        let registry = &town.house.registry;
        let enrol = json!({
            "verb": "enrol", "platform_no": "L-1", "name": { "zh": "示例化学实验室", "en": "Sample laboratory" },
            "kind": "other", "tier": "unranked", "field": "new-materials", "region": "310115", "lead": town.institute,
        });
        let laboratory = founded(registry, "laboratory", "laboratory", None, enrol).to_string();
        let custodians = ["first", "second"].map(|login| {
            let display = json!({ "verb": "register", "name": login, "region": "310000", "public": true, "display_name": { "en": login } });
            let id = founded(registry, &format!("person/{login}"), "person", None, display);
            window::set_password(registry, login, PASSWORD, id).unwrap().unwrap();
            let claim = json!({ "verb": "claim-affiliation", "organisation": town.institute, "role": "chemist", "may_sign": false, "from": "2026-01-01" });
            founded(registry, &format!("claim/{login}"), "person", Some(id), claim);
            let confirm = json!({ "verb": "confirm-affiliation", "organisation": town.institute });
            founded(registry, &format!("confirm/{login}"), "person", Some(id), confirm);
            id.to_string()
        });
        officer(&town, "laboratories", &["laboratory-office"]);
        Self { town, laboratory, custodians }
    }

    fn by(&self, login: &str) -> Browser<'_> {
        sign_in(&self.town, login, "en")
    }

    fn public(&self) -> Browser<'_> {
        Browser { town: &self.town, cookies: BTreeMap::new(), language: "en" }
    }

    fn room(&self) -> String {
        format!("/chemicals/{}", self.laboratory)
    }

    /// What is typed to enter a chemical, with what differs.
    fn typed<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut typed = vec![
            ("laboratory", self.laboratory.as_str()),
            ("name.zh", "乙醇"),
            ("name.en", "ethanol"),
            ("cas", "64-17-5"),
            ("hazards.1", "flammable"),
            ("control", "not-controlled"),
            ("unit", "millilitre"),
            ("most", "5000"),
            ("place", "B2 / 1"),
            ("is_offered", "yes"),
            ("at_hand", "2345"),
        ];
        typed.retain(|(field, _)| more.iter().all(|(other, _)| other != field));
        typed.extend(more);
        typed
    }

    /// Enters a chemical. Gives its address.
    fn entered(&self, more: &[(&str, &str)]) -> String {
        made(&self.by("first").send(NEW, NEW, &self.typed(more)))
    }

    fn azide(&self) -> String {
        let [first, second] = &self.custodians;
        self.entered(&[
            ("name.zh", "叠氮化钠"),
            ("name.en", "sodium azide"),
            ("cas", "26628-22-8"),
            ("hazards.1", "acutely-toxic"),
            ("control", "highly-toxic"),
            ("unit", "gram"),
            ("most", "100"),
            ("at_hand", "50"),
            ("place", "T1"),
            ("is_offered", "no"),
            ("custodians.1", first),
            ("custodians.2", second),
        ])
    }
}

fn made(reply: &Reply) -> String {
    location(reply).split('?').next().unwrap().to_owned()
}

fn said(reply: &Reply) -> String {
    text_of(&String::from_utf8_lossy(&reply.body))
}

/// Sends the form of a chemical's verb.
fn does(who: &Browser, chemical: &str, verb: &str, typed: &[(&str, &str)]) -> Reply {
    let form = format!("{chemical}/{verb}");
    who.send(&form, &form, typed)
}

#[test]
fn a_chemical_is_entered_and_others_see_what_it_can_do_and_not_how_much_there_is() {
    let bench = Bench::set_up();
    let (first, public, room) = (bench.by("first"), bench.public(), bench.room());
    assert!(public.get(&format!("/laboratory/{}", bench.laboratory)).1.contains("Sample laboratory"));
    let wrong = first.send(NEW, NEW, &bench.typed(&[("cas", "64-17-6")]));
    assert!(wrong.status == 422 && said(&wrong).contains("64-17-6 is no CAS number"), "{}", said(&wrong));
    let too_much = first.send(NEW, NEW, &bench.typed(&[("at_hand", "5001")]));
    assert!(too_much.status == 422 && said(&too_much).contains("at most 5000"), "{}", said(&too_much));

    let html = first.get(NEW).1;
    let mut form: BTreeMap<String, String> = BTreeMap::new();
    for name in ["csrf", "key", "seen"] {
        let value =
            html.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        form.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    let with_sheet = [("safety_sheet.language", "en"), ("safety_sheet.issued", "2020-01-15")];
    form.extend(
        bench.typed(&with_sheet).into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let file = ("ethanol.pdf".to_owned(), SHEET.to_vec());
    let uploads = BTreeMap::from([("safety_sheet.file".to_owned(), file)]);
    let visit = Visit { is_post: true, form, uploads, ..first.visit(NEW) };
    let ethanol = made(&answer(&bench.town.house, &visit));

    let shown = public.get(&room).1;
    let text = text_of(&shown);
    assert!(text.contains("ethanol") && text.contains("GHS02") && text.contains("64-17-5"), "{text}");
    for hidden in ["2345", "B2 / 1", "5000", "To be done"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
        assert!(!text_of(&public.get(&ethanol).1).contains(hidden), "{hidden}");
    }
    let file = shown.split(&format!("{ethanol}/file/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sheet = answer(&bench.town.house, &public.visit(&format!("{ethanol}/file/{file}")));
    assert!(sheet.status == 200 && sheet.body == SHEET, "everyone reads the safety data sheet");

    let text = text_of(&first.get(&room).1);
    assert!(text.contains("2345 mL") && text.contains("B2 / 1"), "{text}");
    assert!(
        text.contains("To be done") && text.contains("sheet to be renewed"),
        "it is six years old: {text}"
    );
    assert!(first.get("/inbox").1.contains(&ethanol), "its unit is told");
    assert!(text_of(&first.get(&format!("/laboratory/{}", bench.laboratory)).1).contains("Chemicals"));
    let zh = sign_in(&bench.town, "first", "zh-CN");
    let text = text_of(&zh.get(&room).1);
    assert!(text.contains("示例化学实验室：化学品台账") && text.contains("2345 毫升"), "{text}");
    let wrong = zh.send(NEW, NEW, &bench.typed(&[("name.zh", "水"), ("cas", "7732-18-6")]));
    assert!(wrong.status == 422 && said(&wrong).contains("校验位不符"), "{}", said(&wrong));
    let again = first.send(NEW, NEW, &bench.typed(&[]));
    assert_eq!(again.status, 409, "one record a chemical: {}", said(&again));
}

#[test]
fn what_is_there_is_taken_counted_and_kept_no_longer() {
    let bench = Bench::set_up();
    let ethanol = bench.entered(&[]);
    let first = bench.by("first");
    let receive = [("amount", "500"), ("batch", "L7"), ("expires", "2026-03-31")];
    location(&does(&first, &ethanol, "receive", &receive));
    let much = does(&first, &ethanol, "use", &[("amount", "9999"), ("purpose", "washing")]);
    assert!(much.status == 422 && said(&much).contains("Only 2845 are left"), "{}", said(&much));
    location(&does(&first, &ethanol, "use", &[("amount", "45"), ("purpose", "washing"), ("batch", "L7")]));
    let differs = does(&first, &ethanol, "count", &[("counted", "2790")]);
    assert!(differs.status == 422 && said(&differs).contains("by -10"), "{}", said(&differs));
    location(&does(&first, &ethanol, "count", &[("counted", "2790"), ("reason", "evaporated")]));
    let text = text_of(&first.get(&ethanol).1);
    assert!(text.contains("2790 mL") && text.contains("L7") && text.contains("difference"), "{text}");
    let laboratory = bench.laboratory.as_str();
    let close = [("laboratory", laboratory), ("reason", "no more of it")];
    assert_eq!(does(&first, &ethanol, "close", &close).status, 422, "something is left");
    let firm = bench.by("firm");
    assert_ne!(does(&firm, &ethanol, "use", &[("amount", "1"), ("purpose", "x")]).status, 303, "not theirs");
    location(&does(&first, &ethanol, "dispose", &[("amount", "2790"), ("how", "to the disposer")]));
    location(&does(&first, &ethanol, "close", &close));
    assert_eq!(bench.public().get(&ethanol).0, 404, "what is kept no longer is nobody's business");
}

#[test]
fn what_does_not_go_together_is_refused_without_a_reason() {
    let bench = Bench::set_up();
    bench.entered(&[]);
    let peroxide = [
        ("name.zh", "过氧化氢"),
        ("name.en", "hydrogen peroxide"),
        ("cas", "7722-84-1"),
        ("hazards.1", "oxidising"),
    ];
    let first = bench.by("first");
    let refused = first.send(NEW, NEW, &bench.typed(&peroxide));
    let text = said(&refused);
    assert!(
        refused.status == 422 && text.contains("stands ethanol") && text.contains("does not go with"),
        "{text}"
    );
    assert!(text.contains("GB 15603"), "the article stands beside it: {text}");
    let reasoned = [peroxide.as_slice(), &[("together", "each in a tray of its own")]].concat();
    location(&first.send(NEW, NEW, &bench.typed(&reasoned)));
    let text = text_of(&first.get(&bench.room()).1);
    assert!(text.contains("Beside what it does not go with") && text.contains("each in a tray"), "{text}");
    assert!(!text_of(&bench.public().get(&bench.room()).1).contains("each in a tray"));
}

#[test]
fn what_is_controlled_moves_by_two_and_what_is_missing_is_told_to_the_office() {
    let bench = Bench::set_up();
    let azide = bench.azide();
    let (first, second, public) = (bench.by("first"), bench.by("second"), bench.public());
    assert_eq!(public.get(&azide).0, 404);
    assert!(!public.get(&bench.room()).1.contains("azide") && !public.get("/chemical").1.contains("azide"));
    assert!(second.get("/inbox").1.contains(&azide) && !first.get("/inbox").1.contains(&azide));
    let own = first.send(&azide, &format!("{azide}/confirm"), &[]);
    assert!(own.status == 422 && said(&own).contains("You asked for it yourself"), "{}", said(&own));
    let page = second.get(&azide).1;
    assert!(
        text_of(&page).contains("first asked on") && page.contains(&format!("{azide}/confirm")),
        "{}",
        text_of(&page)
    );
    location(&second.send(&azide, &format!("{azide}/confirm"), &[]));
    let scientist = bench.by("scientist");
    let refused = does(&scientist, &azide, "use", &[("amount", "1"), ("purpose", "x")]);
    assert!(refused.status == 422 && said(&refused).contains("Only its custodians"), "{}", said(&refused));
    location(&does(&first, &azide, "use", &[("amount", "5"), ("purpose", "preserving samples")]));
    location(&second.send(&azide, &format!("{azide}/confirm"), &[]));

    location(&does(&first, &azide, "report-loss", &[("amount", "10"), ("what", "a vial is missing")]));
    let office = bench.by("laboratories");
    assert!(office.get("/inbox").1.contains(&azide), "the office is told at once");
    let page = text_of(&first.get(&azide).1);
    assert!(page.contains("reported to the local police") && page.contains("第二十三条"), "{page}");
    location(&does(&office, &azide, "look-into", &[("finding", "found behind the drawer")]));
    assert!(!bench.by("laboratories").get("/inbox").1.contains(&azide));

    let room = text_of(&first.get(&bench.room()).1);
    assert!(room.contains("Flow of controlled chemicals") && room.contains("preserving samples"), "{room}");
    let flow = format!("{}/flow.csv", bench.room());
    let ledger = first.get(&flow).1;
    let lines: Vec<&str> = ledger.lines().collect();
    assert!(lines.len() == 4 && lines[2].contains("-5,45") && lines[2].contains("second"), "{ledger}");
    assert_eq!((public.get(&flow).0, bench.by("firm").get(&flow).0), (404, 404));
    assert_eq!(answer(&bench.town.house, &first.visit(&format!("{}/flow.xlsx", bench.room()))).status, 200);
}

/// Twenty substances as they stand in a sheet: Chinese and English name, CAS number, hazards.
const TWENTY: [(&str, &str, &str, &str); 20] = [
    ("甲醇", "methanol", "67-56-1", "flammable;acutely-toxic;health-hazard"),
    ("乙醇", "ethanol", "64-17-5", "flammable;irritant"),
    ("异丙醇", "isopropanol", "67-63-0", "flammable;irritant"),
    ("正己烷", "n-hexane", "110-54-3", "flammable;health-hazard;environmental"),
    ("乙酸乙酯", "ethyl acetate", "141-78-6", "flammable;irritant"),
    ("乙腈", "acetonitrile", "75-05-8", "flammable;irritant"),
    ("四氢呋喃", "tetrahydrofuran", "109-99-9", "flammable;irritant;health-hazard"),
    ("二甲基甲酰胺", "dimethylformamide", "68-12-2", "flammable;irritant;health-hazard"),
    ("二甲基亚砜", "dimethyl sulfoxide", "67-68-5", ""),
    ("二氯甲烷", "dichloromethane", "75-09-2", "irritant;health-hazard"),
    ("氯化钠", "sodium chloride", "7647-14-5", ""),
    ("氢氧化钠", "sodium hydroxide", "1310-73-2", "corrosive"),
    ("碳酸钠", "sodium carbonate", "497-19-8", "irritant"),
    ("乙酸", "acetic acid", "64-19-7", "flammable;corrosive"),
    ("柠檬酸", "citric acid", "77-92-9", "irritant"),
    ("葡萄糖", "glucose", "50-99-7", ""),
    ("尿素", "urea", "57-13-6", ""),
    ("甘油", "glycerol", "56-81-5", ""),
    ("氯化钾", "potassium chloride", "7447-40-7", ""),
    ("水", "water", "7732-18-5", ""),
];

/// Brings a sheet: it is looked at, then run. Gives what was seen in it, and the page of the import when it is over.
fn brought(who: &Browser, sheet: &str) -> [String; 2] {
    let page = "/chemical/import/enter";
    let html = who.get(page).1;
    let csrf = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = |more: &[(&str, &str)]| -> BTreeMap<String, String> {
        let all = [&[("csrf", csrf)], more].concat();
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let file = ("chemicals.csv".to_owned(), sheet.as_bytes().to_vec());
    let uploads = BTreeMap::from([("sheet".to_owned(), file)]);
    let looked = Visit { is_post: true, form: form(&[]), uploads, ..who.visit(page) };
    let html = String::from_utf8(answer(&who.town.house, &looked).body).unwrap();
    let checked = html.split("name=\"checked\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let checked = checked.unwrap_or_else(|| panic!("{}", text_of(&html)));
    let run = Visit { is_post: true, form: form(&[("checked", checked)]), ..who.visit(page) };
    let job = location(&answer(&who.town.house, &run));
    loop {
        let text = text_of(&who.get(&job).1);
        if text.contains("导入完成") {
            return [text_of(&html), text];
        }
        std::thread::yield_now();
    }
}

#[test]
fn twenty_chemicals_come_from_a_sheet() {
    let bench = Bench::set_up();
    let zh = sign_in(&bench.town, "first", "zh-CN");
    let template = zh.get("/chemical/template.csv?verb=enter").1;
    for column in ["实验室*", "名称（中文）", "CAS 号", "危险类别", "管制类别", "计量单位*"]
    {
        assert!(template.contains(column), "the sheet has no column {column}: {template}");
    }
    let columns =
        ["laboratory", "name.zh", "name.en", "CAS 号", "hazards", "control", "unit", "at_hand", "is_offered"];
    let line = |(zh, en, cas, hazards): &(&str, &str, &str, &str)| {
        format!("示例化学实验室,{zh},{en},{cas},{hazards},not-controlled,gram,500,yes\r\n")
    };
    let sheet = |lines: &[String]| format!("{}\r\n{}", columns.join(","), lines.concat());
    let good: Vec<String> = TWENTY.iter().map(line).collect();
    let mut wrong = good.clone();
    wrong[3] = line(&("正己烷", "n-hexane", "110-54-4", "flammable"));
    let [looked, text] = brought(&zh, &sheet(&wrong));
    assert!(looked.contains("20 行中有 1 行不符合规则") && looked.contains("导入其余 19 行"), "{looked}");
    assert!(looked.contains("D5") && looked.contains("110-54-4 不是有效的 CAS 号"), "{looked}");
    assert!(text.contains("新增 19 条") && text.contains("未通过 1 条"), "{text}");
    assert!(text.contains("110-54-4 不是有效的 CAS 号") && text.contains("再导入一个表格"), "{text}");
    let [looked, text] = brought(&zh, &sheet(&good));
    assert!(looked.contains("20 行都可以导入"), "{looked}");
    assert!(text.contains("新增 1 条，已存在 19 条"), "what has come is not brought twice: {text}");
    let text = text_of(&zh.get(&bench.room()).1);
    assert!(TWENTY.iter().all(|(name, ..)| text.contains(name)) && text.contains("500 克"), "{text}");
}

#[test]
fn a_laboratory_says_which_samples_it_takes() {
    let bench = Bench::set_up();
    let (first, at) = (bench.by("first"), format!("/laboratory/{}", bench.laboratory));
    let set = format!("{at}/set-hazards");
    let twice =
        first.send(&set, &set, &[("hazards.1", "gas"), ("hazards.2", "gas"), ("only_these_hazards", "yes")]);
    assert!(twice.status == 422 && said(&twice).contains("named twice"), "{}", said(&twice));
    location(&first.send(&set, &set, &[("hazards.1", "irritant"), ("only_these_hazards", "yes")]));
    let text = text_of(&bench.public().get(&at).1);
    assert!(text.contains("Takes samples with these hazards only") && text.contains("GHS07"), "{text}");
}
