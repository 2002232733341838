//! A desk promises chance, and the clock tells it later what came: nobody knows before, anyone repeats after.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicI64, AtomicU8, Ordering},
};

use grammar::{
    clerk::{Desks, desk},
    kinds::Moment,
    prelude::*,
};
use registry::{Ask, Asker, Chance, Clock, Registry, Settings};
use serde_json::json;
use tempfile::TempDir;

/// A spot check: which of ten claims are looked at is drawn at the end of its day.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Spot {
    lot: Lot,
    closes: Day,
    /// Wishes to be closed and drawn at once, which is refused each time.
    is_hasty: bool,
    is_closed: bool,
    drawn: Option<Drawn>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
enum Command {
    Begin {
        closes: Day,
        #[serde(default)]
        is_hasty: bool,
    },
    Peek,
    Close,
    Draw,
    /// Closes and draws in one case: too early, because no checkpoint can cover what is not written.
    Both,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    Begun { lot: Lot, closes: Day, is_hasty: bool },
    Closed {},
    Drawn { drawn: Drawn },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum Refusal {
    NotYet,
}

impl Desk for Spot {
    const NAME: &'static str = "spot";
    const OPENS: &'static [&'static str] = &["begin"];
    const WORDS: [&'static str; 2] = ["", ""];
    const RULES: &'static str = "";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Command::Begin { .. } | Command::Peek => Who::Anyone,
            _ => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Command::Begin { closes, is_hasty }) => {
                Ok(say(Event::Begun { lot: ctx.promise(), closes: *closes, is_hasty: *is_hasty }))
            }
            (Some(_), Command::Both) => {
                Ok(say(Event::Closed {}).and(tell(ctx.me.r::<Self>(), &Command::Draw)))
            }
            (Some(spot), Command::Close) if !spot.is_closed => Ok(say(Event::Closed {})),
            (Some(spot), Command::Peek | Command::Draw) if spot.drawn.is_none() => {
                let drawn = ctx.draw(&spot.lot).ok_or(Refusal::NotYet)?;
                Ok(say(Event::Drawn { drawn }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Event::Begun { lot, closes, is_hasty }) => {
                Self { lot, closes, is_hasty, is_closed: false, drawn: None }
            }
            (Some(spot), Event::Closed {}) => Self { is_closed: true, ..spot },
            (Some(spot), Event::Drawn { drawn }) => Self { drawn: Some(drawn), ..spot },
            _ => impossible(event),
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        match (self.is_closed, &self.drawn) {
            (false, _) if self.is_hasty => Some(Due::at(self.closes.begins(), Command::Both)),
            (false, _) => Some(Due::at(self.closes.begins(), Command::Close)),
            (true, None) => Some(Due::at(self.closes.begins().plus_millis(1), Command::Draw)),
            _ => None,
        }
    }

    fn card(&self) -> Card {
        Card::new().status(if self.drawn.is_some() { "drawn" } else { "open" })
    }
}

static DESKS: LazyLock<Desks> = LazyLock::new(|| Desks::new(vec![desk::<Spot>()]));

struct Moving(AtomicI64);
impl Clock for Moving {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Another 32 bytes each time, known to the test.
struct Counting(AtomicU8);
impl Chance for Counting {
    fn bytes(&self) -> [u8; 32] {
        [self.0.fetch_add(1, Ordering::Relaxed); 32]
    }
}

struct House {
    _folder: TempDir,
    clock: Arc<Moving>,
    registry: Arc<Registry>,
    closes: Day,
}

fn house() -> House {
    let folder = TempDir::new().unwrap();
    let closes: Day = "2031-06-30".parse().ok().unwrap();
    let clock = Arc::new(Moving(AtomicI64::new(closes.plus_days(-3).begins().in_millis())));
    let settings = Settings::new(folder.path(), "kechuang.example/lots");
    let chance = Arc::new(Counting(AtomicU8::new(1)));
    let registry = Registry::open(settings, &DESKS, clock.clone(), chance).unwrap();
    House { _folder: folder, clock, registry, closes }
}

impl House {
    fn begin(&self) -> Id {
        let command = json!({ "verb": "begin", "closes": self.closes });
        self.registry.run(Ask::new("begin", Asker::Public, "spot", None, command)).unwrap().record
    }

    fn at(&self, millis: i64) {
        self.clock.0.store(self.closes.begins().in_millis() + millis, Ordering::Relaxed);
    }

    fn state(&self, id: Id) -> Spot {
        serde_json::from_value(self.registry.look(None).unwrap().record(id).unwrap().unwrap().state).unwrap()
    }

    /// Everything anyone can read of the record.
    fn told(&self, id: Id) -> String {
        let look = self.registry.look(None).unwrap();
        let history: Vec<String> =
            look.history(id).unwrap().iter().map(|line| line.event.to_string()).collect();
        format!("{}{}", look.record(id).unwrap().unwrap().state, history.join(""))
    }
}

#[test]
fn what_was_promised_comes_with_the_first_checkpoint_behind_the_closing() {
    let house = house();
    let spot = house.begin();
    house.registry.seal_now().unwrap();
    let before = house.registry.checkpoint().unwrap().unwrap().0;
    let lot = house.state(spot).lot;
    assert_eq!(house.registry.reveal(lot.commitment()).unwrap(), None, "not even by its commitment");
    let peek = Ask::new("peek", Asker::Public, "spot", Some(spot), json!({ "verb": "peek" }));
    assert!(house.registry.run(peek).is_err(), "only for the clock");
    let early = Ask::new("early", Asker::Clock, "spot", Some(spot), json!({ "verb": "both" }));
    assert!(house.registry.run(early).is_err(), "no checkpoint covers what this case only says");

    house.at(0);
    assert_eq!(house.registry.tick().unwrap().woken, 1, "it closes");
    assert!(house.state(spot).drawn.is_none());
    house.at(1_000);
    assert_eq!(house.registry.tick().unwrap().woken, 1, "it is drawn");
    let drawn = house.state(spot).drawn.unwrap();
    assert!(lot.is_of(&drawn.secret));
    assert!(drawn.anchor.size > before, "a checkpoint from before the closing does not count");
    assert!(house.told(spot).contains(&drawn.secret));

    // Later checkpoints change nothing, and the anchor's proof leads to them.
    house.begin_another();
    house.registry.seal_now().unwrap();
    let dossier = house.registry.dossier(spot, Some(drawn.anchor.size)).unwrap().unwrap();
    assert_eq!(dossier.receipts.len(), 3);
    let size = dossier.receipts[0].size;
    assert!(size > drawn.anchor.size);
    let key: chain::Verifier = house.registry.log_key().parse().unwrap();
    let anchor = chain::Checkpoint::open(&dossier.anchor.clone().unwrap(), std::slice::from_ref(&key))
        .unwrap()
        .checkpoint;
    assert_eq!((anchor.size, anchor.root.to_string()), (drawn.anchor.size, drawn.anchor.root.clone()));
    let proven = chain::receipt::verify(&dossier.receipts[2], &[key]).unwrap();
    let proof = &dossier.consistency;
    chain::proof::verify_consistency(anchor.size, size, proof, anchor.root, proven.root).unwrap();
    assert_eq!(house.registry.dossier(spot, Some(drawn.anchor.size + 1_000)).unwrap(), None);
}

#[test]
fn without_a_checkpoint_nothing_is_drawn() {
    let house = house();
    let spot = house.begin();
    let ask = |key: &str, verb: &str| {
        house.registry.run(Ask::new(key, Asker::Clock, "spot", Some(spot), json!({ "verb": verb })))
    };
    ask("close", "close").unwrap();
    assert!(ask("draw", "draw").is_err(), "the closing is not sealed yet");
    house.registry.seal_now().unwrap();
    ask("draw again", "draw").unwrap();
    assert!(house.state(spot).drawn.is_some());
}

#[test]
fn a_draw_comes_with_the_turn_after_its_checkpoint() {
    let house = house();
    let spot = house.begin();
    house.at(1_000);
    let close = Ask::new("close", Asker::Clock, "spot", Some(spot), json!({ "verb": "close" }));
    house.registry.run(close).unwrap();
    let tick = house.registry.tick().unwrap();
    assert_eq!((tick.woken, tick.refused), (0, 1), "the closing is not sealed yet");
    assert_eq!(house.registry.tick().unwrap().woken, 1, "it does not wait an hour");
    assert!(house.state(spot).drawn.is_some());
}

#[test]
fn a_wish_that_is_refused_is_asked_again_an_hour_later() {
    let house = house();
    let command = json!({ "verb": "begin", "closes": house.closes, "is_hasty": true });
    house.registry.run(Ask::new("hasty", Asker::Public, "spot", None, command)).unwrap();
    house.registry.seal_now().unwrap();
    let refused_at = |millis: i64| {
        house.at(millis);
        house.registry.tick().unwrap().refused
    };
    assert_eq!([0, 1_000, 3_599_999, 3_600_000, 3_601_000].map(refused_at), [1, 0, 0, 1, 0]);
}

#[test]
fn two_promises_are_two_secrets_and_a_trial_keeps_none() {
    let house = house();
    let first = house.begin();
    let command = json!({ "verb": "begin", "closes": house.closes });
    house.registry.try_out(Ask::new("trial", Asker::Public, "spot", None, command)).unwrap();
    let second = house.begin_another();
    assert_ne!(house.state(first).lot, house.state(second).lot);
}

impl House {
    fn begin_another(&self) -> Id {
        let command = json!({ "verb": "begin", "closes": self.closes });
        self.registry.run(Ask::new("another", Asker::Public, "spot", None, command)).unwrap().record
    }
}
