//! A sealed value stays closed to everyone until its record's clock command opens it.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicI64, Ordering},
};

use grammar::{
    clerk::{Desks, desk},
    kinds::Moment,
    prelude::*,
};
use registry::{Ask, Asker, Chance, Clock, Registry, Settings};
use serde_json::json;
use tempfile::TempDir;

/// A bid that nobody reads before its day.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Bid {
    price: Sealed<Money>,
    opens: Day,
    opened: Option<Money>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
enum Command {
    Place { price: Sealed<Money>, opens: Day },
    Peek,
    Open,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    Placed { price: Sealed<Money>, opens: Day },
    Opened { price: Money },
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        json!(self) == json!(other)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum Refusal {
    StaysClosed,
}

impl Desk for Bid {
    const NAME: &'static str = "bid";
    const OPENS: &'static [&'static str] = &["place"];
    const WORDS: [&'static str; 2] = ["", ""];
    const RULES: &'static str = "";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        if let Command::Open = command { Who::Clock } else { Who::Anyone }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Command::Place { price, opens }) => {
                Ok(say(Event::Placed { price: price.clone(), opens: *opens }))
            }
            (Some(bid), Command::Peek | Command::Open) if bid.opened.is_none() => {
                let price = ctx.open(&bid.price).ok_or(Refusal::StaysClosed)?;
                Ok(say(Event::Opened { price }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Placed { price, opens }) => Self { price, opens, opened: None },
            (Some(bid), Event::Opened { price }) => Self { opened: Some(price), ..bid },
            _ => impossible(event),
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        self.opened.is_none().then(|| Due::at(self.opens.begins(), Command::Open))
    }

    fn card(&self) -> Card {
        Card::new().status(if self.opened.is_some() { "open" } else { "closed" })
    }
}

static DESKS: LazyLock<Desks> = LazyLock::new(|| Desks::new(vec![desk::<Bid>()]));

struct Moving(AtomicI64);
impl Clock for Moving {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Fixed;
impl Chance for Fixed {
    fn bytes(&self) -> [u8; 32] {
        [9; 32]
    }
}

#[test]
fn a_sealed_bid_is_opened_by_the_clock_alone() {
    let folder = TempDir::new().unwrap();
    let opens: Day = "2031-06-30".parse().ok().unwrap();
    let clock = Arc::new(Moving(AtomicI64::new(opens.plus_days(-3).begins().in_millis())));
    let settings = Settings::new(folder.path(), "kechuang.example/sealed");
    let house = Registry::open(settings, &DESKS, clock.clone(), Arc::new(Fixed)).unwrap();
    let place = DESKS.find("bid").unwrap().verb("place").unwrap();
    let command = place.read_json(&json!({ "price": "1234567", "opens": opens })).unwrap();
    let bid = house.run(Ask::new("a", Asker::Public, "bid", None, command)).unwrap().record;

    let told = |house: &Registry| {
        let look = house.look(None).unwrap();
        let history: Vec<String> =
            look.history(bid).unwrap().iter().map(|line| line.event.to_string()).collect();
        format!("{}{}", look.record(bid).unwrap().unwrap().state, history.join(""))
    };
    assert!(!told(&house).contains("1234567"));
    let commitment = house.look(None).unwrap().record(bid).unwrap().unwrap().state;
    let commitment = commitment.get("price").and_then(|price| price.as_str()).unwrap().to_owned();
    assert_eq!(house.reveal(&commitment).unwrap(), None, "not even by its commitment");
    // The key of the ask tells nobody else whether a guess is right, and its own asker that it was another price.
    for (by, price) in [(Asker::Public, "1234568"), (Asker::Founder, "1234567"), (Asker::Founder, "1234568")]
    {
        let command = place.read_json(&json!({ "price": price, "opens": opens })).unwrap();
        assert_eq!(house.run(Ask::new("a", by, "bid", None, command)), Err(registry::Denied::KeyUsed));
    }
    let command = place.read_json(&json!({ "price": "1234567", "opens": opens })).unwrap();
    assert!(house.run(Ask::new("a", Asker::Public, "bid", None, command)).unwrap().is_repeat);
    let peek = Ask::new("b", Asker::Public, "bid", Some(bid), json!({ "verb": "peek" }));
    assert!(house.run(peek).is_err());
    assert_eq!(house.tick().unwrap().woken, 0, "the day has not come");

    clock.0.store(opens.begins().in_millis(), Ordering::Relaxed);
    assert_eq!(house.tick().unwrap().woken, 1);
    assert!(told(&house).contains("1234567"));
}
