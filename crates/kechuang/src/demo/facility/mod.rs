//! Facility: one proposal round of an invented light source, from its announcement to the reports, and the next that is
//! open; and purchases of instruments that were reviewed before they were bought.
//!
//! Told day by day beside bookings and vouchers, so that windows, the line and overdue reports come by the clock.

mod buying;
mod giving;

use grammar::kinds::{Day, Id};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, at, invented},
    bookings::Kept,
    houses::{House, Town},
    texts::both,
};

/// Days before the founding.
const ANNOUNCED: i32 = 102;
const SUBMITTED: i32 = 101;
const MARKED: i32 = 94;
const CLOSES: i32 = 91;
const ALLOCATED: i32 = 89;
const USE_FROM: i32 = 84;
/// Experiments of the last round end this long after the founding.
const USE_AFTER: i32 = 40;
const AGAIN: i32 = 5;
/// A sitting of the facility begins at eight.
const EIGHT: i64 = 480;
const SHIFT: &str = "20000.00";

/// A proposal as it is told: who leads it, at which beamline, what it asks for, and the marks of its three reviewers.
struct Told {
    n: usize,
    /// University whose representative leads it.
    leader: usize,
    beamline: usize,
    kind: &'static str,
    shifts: i64,
    fewest: i64,
    title: [&'static str; 2],
    sample: [&'static str; 2],
    hazard: &'static str,
    marks: [i64; 3],
}

#[rustfmt::skip]
const TOLD: [Told; 9] = [
    Told { n: 1, leader: 0, beamline: 0, kind: "general", shifts: 6, fewest: 6, title: ["钠电池正极充放电过程的原位散射", "Sodium battery cathodes while they charge, by scattering"], sample: ["层状氧化物电极片", "layered oxide electrodes"], hazard: "corrosive", marks: [5, 5, 4] },
    Told { n: 2, leader: 1, beamline: 0, kind: "general", shifts: 6, fewest: 3, title: ["膜蛋白在脂质中的构象变化", "How a membrane protein changes shape in lipids"], sample: ["纯化膜蛋白溶液", "purified membrane protein"], hazard: "biological", marks: [4, 5, 4] },
    Told { n: 3, leader: 2, beamline: 0, kind: "general", shifts: 6, fewest: 4, title: ["高分子纤维拉伸结晶动力学", "Crystals that form while a polymer fibre is drawn"], sample: ["聚乙烯纤维", "polyethylene fibres"], hazard: "none", marks: [4, 4, 4] },
    Told { n: 4, leader: 3, beamline: 0, kind: "general", shifts: 6, fewest: 4, title: ["水泥水化早期的纳米结构", "Nanostructure of cement in its first hours"], sample: ["硅酸盐水泥浆", "Portland cement paste"], hazard: "none", marks: [4, 3, 4] },
    Told { n: 5, leader: 4, beamline: 0, kind: "general", shifts: 3, fewest: 2, title: ["市售涂料的常规检测", "Routine tests of paints on the market"], sample: ["水性涂料", "water-borne paint"], hazard: "none", marks: [2, 3, 2] },
    Told { n: 6, leader: 5, beamline: 1, kind: "general", shifts: 6, fewest: 4, title: ["增材制造钛合金内部缺陷的三维成像", "Flaws inside printed titanium, in three dimensions"], sample: ["钛合金试棒", "titanium rods"], hazard: "none", marks: [5, 4, 4] },
    Told { n: 7, leader: 6, beamline: 1, kind: "key", shifts: 6, fewest: 3, title: ["早期胚胎化石的无损成像", "Imaging fossil embryos without harm"], sample: ["磷酸盐化石", "phosphate fossils"], hazard: "none", marks: [5, 5, 5] },
    Told { n: 8, leader: 7, beamline: 1, kind: "proprietary", shifts: 3, fewest: 3, title: ["封装焊点失效分析", "Why solder joints in a package fail"], sample: ["封装样品", "packaged chips"], hazard: "none", marks: [4, 4, 3] },
    Told { n: 9, leader: 8, beamline: 0, kind: "urgent", shifts: 2, fewest: 2, title: ["储能电站事故电芯的应急分析", "Cells from an accident in a storage plant"], sample: ["受损电芯", "damaged cells"], hazard: "flammable", marks: [0; 3] },
];

/// When shifts are placed: which proposal, how many days before the founding, how many shifts, whether someone comes.
const PLACED: [(usize, i32, i64); 7] =
    [(1, 83, 6), (2, 80, 6), (3, 10, 3), (6, 78, 6), (7, 8, 3), (8, 75, 3), (9, 56, 2)];
/// Reports: which proposal, how many days before the founding. The second proposal's never comes.
const REPORTED: [(usize, i32); 4] = [(1, 70), (6, 60), (8, 52), (9, 40)];

/// What has come of it so far.
pub struct Facility {
    keeper: House,
    teams: Vec<House>,
    reviewers: Vec<House>,
    office: Asker,
    second: Asker,
    beamlines: Vec<Id>,
    round: Option<Id>,
    proposals: Vec<Id>,
    /// Bookings with the days on which they begin, of whom, and how many shifts.
    bookings: Vec<(i32, usize, i64, Id)>,
    purchases: Vec<Id>,
    buyer: House,
    nearby: Option<Id>,
}

fn day(f: &Founding, days_before: i32) -> Day {
    f.founded.day().plus_days(-days_before)
}

fn shanghai(houses: &[House]) -> Vec<House> {
    houses.iter().filter(|house| house.spot.province() == 310_000).copied().collect()
}

impl Facility {
    /// The light source with its two beamlines.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn open(f: &mut Founding, town: &Town, kept: &[Kept]) -> Result<Self, String> {
        let own = shanghai(&town.institutes);
        let keeper = *own.first().or(town.institutes.first()).ok_or("no institute")?;
        // Those of the region at scale 1 alone take part, so that a larger one tells the same.
        let teams: Vec<House> = town.universities.iter().take(super::houses::UNIVERSITIES).copied().collect();
        // Someone else shares an instrument in the buyer's province.
        let near = |team: &House| {
            let is_near =
                |one: &&Kept| one.keeper.id != team.id && one.keeper.spot.province() == team.spot.province();
            kept.iter().find(is_near).map(|one| one.id)
        };
        let here = shanghai(&teams).into_iter().find(|team| near(team).is_some());
        let buyer = here.or(teams.first().copied()).ok_or("no university")?;
        let nearby = near(&buyer);
        let mut facility = Self {
            keeper,
            teams,
            reviewers: town.far.iter().take(3).copied().collect(),
            office: town.officers.by("instruments-1")?,
            second: town.officers.by("instruments-2")?,
            beamlines: vec![],
            round: None,
            proposals: vec![],
            bookings: vec![],
            purchases: vec![],
            buyer,
            nearby,
        };
        let beamlines = [
            (
                "DEMO-F-0001",
                "示例光源小角散射线站",
                "Sample Light Source, scattering beamline",
                "86000000.00",
            ),
            ("DEMO-F-0002", "示例光源显微成像线站", "Sample Light Source, imaging beamline", "112000000.00"),
        ];
        let asks =
            beamlines.into_iter().map(|(code, zh, en, value)| facility.beamline(code, (zh, en), value));
        facility.beamlines = f.ask_all("facility", asks.collect())?;
        let using = |(id, n): (&Id, usize)| {
            let using = json!({
                "openings": [], "confirmation": "by-quote", "buffer_minutes": 0, "is_supervised": false,
                "needs_permit": false, "charges": { "outside_shift": SHIFT, "inside_shift": SHIFT }, "related": [],
            });
            let command = json!({ "verb": "set-using", "using": using });
            invented(format!("facility/using/{n}"), keeper.by(), "instrument", Some(*id), command)
        };
        f.ask_all("facility", facility.beamlines.iter().zip(1..).map(using).collect())?;
        Ok(facility)
    }

    fn beamline(&self, code: &str, (zh, en): (&str, &str), value: &str) -> Ask {
        let functions = both(
            "同步辐射用户装置，机时按轮次征集课题分配。",
            "A synchrotron beamline; its time is given by proposal rounds.",
        );
        let command = json!({
            "verb": "report", "code": code, "name": both(zh, en), "category": "nuclear", "unit": self.keeper.id,
            "region": self.keeper.region(), "place": self.keeper.spot.place(), "value": value, "fiscal": true,
            "functions": functions, "keywords": ["同步辐射", "synchrotron"], "source": "示例数据 / demo data",
            "terms": { "sharing": "external", "reason": null, "charges":
                "用户课题免费；专有课题每班次 20000 元。/ Proposals whose results are public are free; others pay 20,000 yuan a shift." },
        });
        invented(format!("facility/{code}"), self.keeper.by(), "instrument", None, command)
    }

    /// What happens on a day of the story.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn day(&mut self, f: &mut Founding, days_before: i32) -> Result<(), String> {
        match days_before {
            ANNOUNCED => self.announce(f)?,
            SUBMITTED => self.submit(f)?,
            MARKED => self.mark(f)?,
            ALLOCATED => self.allocate(f)?,
            58 => self.urgent(f)?,
            AGAIN => self.again(f)?,
            giving::GIVEN => self.gives_back(f)?,
            _ => {}
        }
        self.sit(f, days_before)?;
        self.report(f, days_before)?;
        self.buy(f, days_before)
    }

    fn plan(&self, f: &Founding, (zh, en): (&str, &str), days: [i32; 4]) -> Value {
        let [opens, closes, use_from, use_until] = days.map(|before| day(f, before));
        let offer = |(id, shifts): (&Id, i64)| json!({ "instrument": id, "shifts": shifts });
        json!({
            "verb": "announce", "title": both(zh, en), "region": "310000",
            "offers": self.beamlines.iter().zip([40, 30]).map(offer).collect::<Vec<_>>(),
            "reserves": { "urgent": 10, "key": 20, "proprietary": 10, "commissioning": 10 },
            "opens": opens, "closes": closes, "use_from": use_from, "use_until": use_until,
            "notes": "请先与线站联系实验条件（示例数据） / talk to the beamline first (demo)",
        })
    }

    fn announce(&mut self, f: &mut Founding) -> Result<(), String> {
        f.wait(ANNOUNCED)?;
        let days = [ANNOUNCED, CLOSES, USE_FROM, -USE_AFTER];
        let title = ("示例光源上一轮用户课题征集", "Sample Light Source, the last proposal round");
        let command = self.plan(f, title, days);
        let ask = invented("facility/round".into(), self.keeper.by(), "round", None, command);
        self.round = f.ask_all("facility", vec![ask])?.first().copied();
        let seat = json!({ "verb": "seat", "reviewers": self.reviewers.iter().map(|one| one.signer).collect::<Vec<_>>() });
        f.ask_all("facility", vec![self.of_round("seat", self.keeper.by(), seat)]).map(drop)
    }

    fn of_round(&self, key: &str, by: Asker, command: Value) -> Ask {
        invented(format!("facility/round/{key}"), by, "round", self.round, command)
    }

    fn of_proposal(&self, n: usize, verb: &str, by: Asker, command: Value) -> Ask {
        let id = self.proposals.get(n - 1).copied();
        invented(format!("facility/proposal/{n}/{verb}"), by, "proposal", id, command)
    }

    fn team(&self, leader: usize) -> Result<House, String> {
        self.teams.get(leader).copied().ok_or_else(|| format!("no team {leader}"))
    }

    fn wish(&self, told: &Told, round: Option<Id>) -> Result<Value, String> {
        let team = self.team(told.leader)?;
        let measures = (told.hazard != "none")
            .then_some("手套箱内操作，实验后由课题组带走 / handled in a glove box and taken away");
        let urgency = (told.kind == "urgent")
            .then_some("样品状态只能保持数日（示例数据） / the samples keep for a few days only (demo)");
        let sample = format!("{} / {}", told.sample[0], told.sample[1]);
        Ok(json!({
            "verb": "submit", "round": round, "instrument": self.beamlines.get(told.beamline),
            "applicant": team.id, "leader": team.signer, "kind": told.kind, "title": both(told.title[0], told.title[1]),
            "summary": format!("{}：原位测量，每个样品约半个班次（示例数据）。 / in situ, about half a shift for each sample (demo)", told.title[0]),
            "shifts": told.shifts, "least": told.fewest, "urgency": urgency,
            "samples": [{ "name": sample, "amount": "5 × 20 mg", "hazard": told.hazard, "measures": measures }],
            "no_secrets": true,
        }))
    }

    /// All but the urgent one come with the round, pass the check and go to the reviewers.
    fn submit(&mut self, f: &mut Founding) -> Result<(), String> {
        f.wait(SUBMITTED)?;
        let mut asks = Vec::new();
        for told in TOLD.iter().filter(|told| told.kind != "urgent") {
            let (by, wish) = (self.team(told.leader)?.by(), self.wish(told, self.round)?);
            asks.push(invented(format!("facility/proposal/{}", told.n), by, "proposal", None, wish));
        }
        self.proposals = f.ask_all("facility", asks)?;
        let check = json!({ "verb": "check", "verdict": "passed", "note": null });
        let numbers = 1..=self.proposals.len();
        let asks = numbers.map(|n| self.of_proposal(n, "check", self.keeper.by(), check.clone()));
        f.ask_all("facility", asks.collect())?;
        let admit = json!({ "verb": "admit", "proposals": self.proposals });
        f.ask_all("facility", vec![self.of_round("admit", self.keeper.by(), admit)]).map(drop)
    }

    fn mark(&self, f: &mut Founding) -> Result<(), String> {
        f.wait(MARKED)?;
        let mut asks = Vec::new();
        for told in TOLD.iter().filter(|told| told.kind != "urgent") {
            for ((reviewer, mark), nth) in self.reviewers.iter().zip(told.marks).zip(1..) {
                let marks = json!({
                    "significance": mark, "feasibility": mark.max(2), "expected_results": mark,
                    "need_for_time": mark.min(4), "earlier_use": 3,
                });
                let command = json!({ "verb": "mark", "number": told.n, "marks": marks, "comment": null });
                asks.push(self.of_round(&format!("mark/{}/{nth}", told.n), reviewer.by(), command));
            }
        }
        f.ask_all("facility", asks).map(drop)
    }

    fn allocate(&mut self, f: &mut Founding) -> Result<(), String> {
        f.wait(ALLOCATED)?;
        let allocate = self.of_round("allocate", self.keeper.by(), json!({ "verb": "allocate" }));
        f.ask_all("facility", vec![allocate])?;
        self.place(f, |told| told.kind != "urgent")
    }

    /// Samples are cleared, shifts come onto the calendar.
    fn place(&mut self, f: &mut Founding, of: impl Fn(&Told) -> bool) -> Result<(), String> {
        let is_of = |n: usize| TOLD.iter().any(|told| told.n == n && of(told));
        let keeper = self.keeper.by();
        let mut cleared: Vec<usize> = PLACED.iter().map(|(n, ..)| *n).filter(|n| is_of(*n)).collect();
        cleared.sort_unstable();
        cleared.dedup();
        let clear = json!({ "verb": "clear-samples", "note": null });
        f.ask_all(
            "facility",
            cleared.iter().map(|n| self.of_proposal(*n, "clear", keeper, clear.clone())).collect(),
        )?;
        for (n, before, shifts) in PLACED.into_iter().filter(|(n, ..)| is_of(*n)) {
            let beamline = TOLD.iter().find(|told| told.n == n).map_or(0, |told| told.beamline);
            let command = json!({
                "verb": "schedule", "instrument": self.beamlines.get(beamline), "from": at(day(f, before), EIGHT), "shifts": shifts,
            });
            f.ask_all("facility", vec![self.of_proposal(n, &format!("schedule/{before}"), keeper, command)])?;
            let id = self.proposals.get(n - 1).copied().ok_or("no proposal")?;
            let state = f.record(self.keeper.signer, id)?.state;
            // Told again, the record holds the later ones too.
            let nth = self.bookings.iter().filter(|(_, of, ..)| *of == n).count();
            let placed = state.get("placed").and_then(Value::as_array).and_then(|all| all.get(nth));
            let booking = placed.and_then(|placed| placed.get("booking")?.as_str()?.parse().ok());
            self.bookings.push((before, n, shifts, booking.ok_or("no booking")?));
        }
        Ok(())
    }

    /// The director gives time of the reserve.
    fn urgent(&mut self, f: &mut Founding) -> Result<(), String> {
        f.wait(58)?;
        let told = TOLD.last().ok_or("no urgent proposal")?;
        let (by, wish) = (self.team(told.leader)?.by(), self.wish(told, self.round)?);
        let ask = invented(format!("facility/proposal/{}", told.n), by, "proposal", None, wish);
        let id = f.ask_all("facility", vec![ask])?.first().copied().ok_or("no proposal")?;
        self.proposals.push(id);
        let check = json!({ "verb": "check", "verdict": "passed", "note": null });
        let grant = json!({ "verb": "grant-urgent", "proposal": id, "shifts": told.shifts });
        let asks = vec![
            self.of_proposal(told.n, "check", self.keeper.by(), check),
            self.of_round("urgent", self.keeper.by(), grant),
        ];
        f.ask_all("facility", asks)?;
        self.place(f, |told| told.kind == "urgent")
    }

    /// Whoever comes that day begins; they stop by themselves, and the keeper reports the day after the last shift.
    fn sit(&self, f: &mut Founding, today: i32) -> Result<(), String> {
        for (before, n, shifts, booking) in self.bookings.iter().copied() {
            let key = |verb: &str| format!("facility/booking/{n}/{before}/{verb}");
            let ask = |verb: &str, command: Value| {
                invented(key(verb), self.keeper.by(), "booking", Some(booking), command)
            };
            let days = i32::try_from((shifts + 2) / 3).unwrap_or(1);
            if today == before && today > 0 {
                f.wait_until(today, EIGHT)?;
                let beamline = TOLD.iter().find(|told| told.n == n).map_or(0, |told| told.beamline);
                let start =
                    json!({ "verb": "start", "instrument": self.beamlines.get(beamline), "code": "-" });
                f.ask_all("facility", vec![ask("start", start)])?;
            } else if today == before - days - 1 && today > 0 {
                f.wait(today)?;
                let report = json!({
                    "verb": "report", "summary": "按课题完成实验，数据已交付（示例数据） / done as proposed, data handed over (demo)",
                    "files": [], "samples_done": 5, "price": null,
                });
                let mut asks = vec![ask("report", report)];
                if TOLD.iter().any(|told| told.n == n && told.kind == "proprietary") {
                    let pay = json!({ "verb": "pay", "amount": "60000.00", "means": "transfer", "reference": null });
                    asks.push(ask("pay", pay));
                }
                f.ask_all("facility", asks)?;
            }
        }
        Ok(())
    }

    fn report(&self, f: &mut Founding, today: i32) -> Result<(), String> {
        for (n, _) in REPORTED.into_iter().filter(|(_, before)| *before == today) {
            f.wait(today)?;
            let told = TOLD.iter().find(|told| told.n == n).ok_or("no proposal")?;
            let works = if n == 6 { vec!["示例期刊，2026 / Sample Journal, 2026"] } else { vec![] };
            let report = json!({
                "verb": "report", "summary": format!("{}：实验完成，结果见附表（示例数据）。 / done, results in the annex (demo)", told.title[0]),
                "works": works, "acknowledged": !works.is_empty(), "files": [],
            });
            let evaluate = json!({ "verb": "evaluate", "mark": 4, "comment": null });
            let asks = vec![
                self.of_proposal(n, "report", self.team(told.leader)?.by(), report),
                self.of_proposal(n, "evaluate", self.keeper.by(), evaluate),
            ];
            f.ask_all("facility", asks)?;
        }
        Ok(())
    }
}
