//! Buying: four purchases of instruments, each reviewed before it is bought.

use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{Facility, day};
use crate::demo::{
    asks::{Founding, invented},
    texts::both,
};

impl Facility {
    fn of_purchase(&self, n: usize, verb: &str, by: Asker, command: Value) -> Ask {
        invented(format!("purchase/{n}/{verb}"), by, "purchase", self.purchases.get(n - 1).copied(), command)
    }

    /// Purchases are proposed, reviewed by two persons, bought, accepted and reported, or not in time.
    pub(super) fn buy(&mut self, f: &mut Founding, today: i32) -> Result<(), String> {
        const NAMES: [[&str; 3]; 4] = [
            ["场发射扫描电子显微镜", "Field emission scanning electron microscope", "3200000.00"],
            [
                "低温强磁场输运测量系统",
                "Transport measurement at low temperature and high field",
                "4600000.00",
            ],
            ["飞秒瞬态吸收光谱仪", "Femtosecond transient absorption spectrometer", "2800000.00"],
            ["大容量材料疲劳试验机", "High-capacity fatigue testing machine", "1500000.00"],
        ];
        let buyer = self.buyer.by();
        match today {
            75 => {
                f.wait(today)?;
                let ask = |([zh, en, value], n): ([&str; 3], usize)| {
                    let command = json!({
                        "verb": "propose", "name": both(zh, en), "category": "analysis", "unit": self.buyer.id,
                        "region": self.buyer.region(), "value": value,
                        "need": "在研项目需要，年使用约 800 小时（示例数据） / needed by running projects, about 800 hours a year (demo)",
                        "promise": {
                            "feasibility": "场地与人员已落实（示例数据） / place and staff are there (demo)", "outside_hours": 400,
                            "scope": "面向长三角科研单位 / research units of the delta", "way": "网上预约 / booked here",
                        },
                        "no_secrets": true,
                    });
                    invented(format!("purchase/{n}"), buyer, "purchase", None, command)
                };
                let purchases = NAMES.into_iter().zip(1..).map(ask).collect();
                self.purchases = f.ask_all("purchases", purchases)?;
            }
            70 => self.review(f)?,
            62 => self.of_the_approved(f, today, "buy")?,
            50 => self.of_the_approved(f, today, "accept")?,
            40 => {
                f.wait(today)?;
                let accepted = day(f, 50);
                let command = json!({
                    "verb": "report", "code": "DEMO-F-0101", "name": both(NAMES[1][0], NAMES[1][1]), "category": "analysis",
                    "unit": self.buyer.id, "region": self.buyer.region(), "value": NAMES[1][2], "fiscal": true,
                    "purchased": day(f, 62), "accepted": accepted, "purchase": self.purchases.get(1),
                    "functions": both("低温强磁场下的电输运测量。", "Electrical transport at low temperature and high field."),
                    "terms": { "sharing": "external", "reason": null, "charges": "每小时 600 元 / 600 yuan an hour" },
                    "source": "示例数据 / demo data",
                });
                f.ask_all(
                    "purchases",
                    vec![invented("purchase/2/reported".into(), buyer, "instrument", None, command)],
                )?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The first is refused, for others share one nearby; the last still waits.
    fn review(&self, f: &mut Founding) -> Result<(), String> {
        f.wait(70)?;
        let refused = json!({
            "verb": "review", "equivalents": self.nearby, "they_meet_the_need": true, "use_budget": "160000.00",
            "opinion": "本市已有同类仪器开放共享，机时可满足需要，改列使用他人仪器经费（示例数据） / others share such an instrument in the city and it meets the need; a budget for using it instead (demo)",
        });
        let approved = json!({
            "verb": "review", "equivalents": [], "they_meet_the_need": false, "use_budget": null,
            "opinion": "本市无同类开放仪器，同意购置（示例数据） / none such is shared in the city; approved (demo)",
        });
        let asks = vec![
            self.of_purchase(1, "review", self.office, one_as_list(refused)),
            self.of_purchase(2, "review", self.office, approved.clone()),
            self.of_purchase(3, "review", self.office, approved),
        ];
        f.ask_two("purchases", asks, self.second)
    }

    fn of_the_approved(&self, f: &mut Founding, today: i32, verb: &str) -> Result<(), String> {
        f.wait(today)?;
        let on = day(f, today);
        let price = |n: usize| if n == 2 { "4380000.00" } else { "2650000.00" };
        let command = |n: usize| match verb {
            "buy" => json!({ "verb": "buy", "on": on, "price": price(n) }),
            _ => json!({ "verb": "accept", "on": on }),
        };
        f.ask_all("purchases", [2, 3].map(|n| self.of_purchase(n, verb, self.buyer.by(), command(n))).into())
            .map(drop)
    }
}

/// The one equivalent as the list that the review takes.
fn one_as_list(mut review: Value) -> Value {
    if let Some(place) = review.get_mut("equivalents") {
        *place = place.as_str().map_or_else(|| json!([]), |id| json!([id]));
    }
    review
}
