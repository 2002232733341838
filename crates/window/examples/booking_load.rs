//! How many bookings a house takes in a second, with every rule looked at and every answer durable:
//! `cargo run --release -p window --example booking_load -- [BOOKINGS] [INSTRUMENTS] [TOGETHER,...]`.
//!
//! 200 instruments, one-hour bookings that begin on the half hour, as the peers' runs have it; first in process, then
//! in a second house through the JSON interface on loopback, by 1, 8 and 64 at a time. The bare rate of syncs of the
//! same minute stands beside. All bookings that were accepted are looked at: no two may overlap. NEMO was measured with
//! 20 instruments and some hundred bookings by 1 and 4: `-- 120 20 1,4`.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::{
    collections::BTreeMap,
    error::Error,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use desks::DESKS;
use grammar::{
    form::Dice,
    kinds::{Id, Moment},
};
use registry::{Ask, Asker, Chance, Clock, Registry, Settings};
use serde_json::{Value, json};
use window::{House, Options, SignIn, answer, visit::Visit};

type Outcome<T> = Result<T, Box<dyn Error>>;

const INSTRUMENTS: usize = 200;
const HALF_HOURS: usize = 28 * 48;
const TOGETHER: &str = "1,8,64";
const PASSWORD: &str = "a long enough password";

/// Monday, 2 March 2026, ten o'clock in China.
struct Monday;
impl Clock for Monday {
    fn now(&self) -> Moment {
        Moment::from_millis(1_772_416_800_000)
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

fn found(
    registry: &Registry,
    key: &str,
    by: Asker,
    (desk, record): (&str, Option<Id>),
    command: Value,
) -> Outcome<Id> {
    let name = command.get("verb").and_then(Value::as_str).unwrap_or_default().to_owned();
    let verb = DESKS.find(desk).and_then(|clerk| clerk.verb(&name)).ok_or("no such verb")?;
    let mut fields = command;
    fields.as_object_mut().and_then(|fields| fields.remove("verb"));
    let command = verb.read_json(&fields).map_err(|faults| format!("{key}: {faults:?}"))?;
    let receipt = registry.run(Ask::new(key, by, desk, record, command));
    Ok(receipt.map_err(|denied| format!("{key}: {denied:?}"))?.record)
}

/// What the measurement needs to know of the house.
struct World {
    firm: Id,
    booker: Id,
    instruments: Vec<Id>,
    accepted: Mutex<BTreeMap<(usize, usize), ()>>,
}

fn furnish(registry: &Registry, count: usize) -> Outcome<World> {
    let founder = Asker::Founder;
    let organisation = |key: &str, kind: &str| {
        let name = json!({ "zh": key, "en": key });
        let entry = json!({ "verb": "register", "name": name, "kind": kind, "region": "310115" });
        found(registry, key, founder, ("organisation", None), entry)
    };
    let (firm, unit) = (organisation("firm", "enterprise")?, organisation("institute", "institute")?);
    let person = |key: &str, of: Id| -> Outcome<Id> {
        let entry = json!({ "verb": "register", "name": key, "region": "310000", "public": false });
        let id = found(registry, &format!("person/{key}"), founder, ("person", None), entry)?;
        let claim = json!({ "verb": "claim-affiliation", "organisation": of, "role": "x", "may_sign": true, "from": "2026-01-01" });
        found(registry, &format!("claim/{key}"), founder, ("person", Some(id)), claim)?;
        let confirm = json!({ "verb": "confirm-affiliation", "organisation": of });
        found(registry, &format!("confirm/{key}"), founder, ("person", Some(id)), confirm)?;
        Ok(id)
    };
    let (booker, keeper) = (person("booker", firm)?, person("keeper", unit)?);
    let openings: Vec<Value> = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        .map(|weekday| json!({ "weekday": weekday, "opens": "00:00", "shuts": "24:00" }))
        .into();
    let using = json!({
        "openings": openings, "confirmation": "at-once", "step_minutes": 30, "shortest_minutes": 30,
        "longest_minutes": 480, "horizon_days": 60, "notice_hours": 0, "daily_minutes": 1440, "weekly_minutes": 10080,
        "buffer_minutes": 0, "late_hours": 24, "late_share": "1/4", "is_supervised": false, "needs_permit": false,
        "charges": { "outside_hour": "600.00" }
    });
    let mut instruments = Vec::new();
    for number in 0..count {
        let entry = json!({
            "verb": "report", "code": format!("SH-{number}"), "name": { "zh": format!("示例仪器 {number}") },
            "category": "analysis", "region": "310115", "unit": unit, "value": "800000", "fiscal": false,
            "functions": { "zh": "成像" }, "terms": { "sharing": "external", "charges": "published" }
        });
        let by = Asker::Person(keeper);
        let id = found(registry, &format!("instrument/{number}"), by, ("instrument", None), entry)?;
        let terms = json!({ "verb": "set-using", "using": using });
        found(registry, &format!("using/{number}"), by, ("instrument", Some(id)), terms)?;
        instruments.push(id);
    }
    Ok(World { firm, booker, instruments, accepted: Mutex::default() })
}

impl World {
    fn wish(&self, instrument: usize, half_hour: usize) -> Value {
        let from = Monday.now().plus_millis(7_200_000 + i64::try_from(half_hour).unwrap_or(0) * 1_800_000);
        json!({
            "instrument": self.instruments.get(instrument), "buyer": self.firm, "from": from, "minutes": 60,
            "basis": "by-hour", "purpose": "research", "detail": "two samples", "no_secrets": true
        })
    }

    /// Whether the accepted booking overlaps no other one; then it is kept.
    fn accept(&self, instrument: usize, at: usize) -> bool {
        let Ok(mut accepted) = self.accepted.lock() else { return false };
        let near = accepted.range((instrument, at.saturating_sub(1))..=(instrument, at + 1)).count();
        accepted.insert((instrument, at), ());
        near == 0
    }
}

/// What a run of tries came to.
#[derive(Default)]
struct Tally {
    taken: usize,
    refused: usize,
    broken: usize,
    overlaps: usize,
    times: Vec<Duration>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.refused += other.refused;
        self.broken += other.broken;
        self.overlaps += other.overlaps;
        self.times.extend(other.times);
    }

    fn show(mut self, what: &str, took: Duration) {
        self.times.sort_unstable();
        let at = |share: usize| self.times.get(self.times.len() * share / 1000).copied().unwrap_or_default();
        let rate = |count: usize| count as f64 / took.as_secs_f64();
        let (all, kept) = (rate(self.taken + self.refused), rate(self.taken));
        let Self { taken, refused, broken, overlaps, .. } = self;
        println!(
            "{what}: {kept:.0} bookings a second, {all:.0} tries; {taken} taken, {refused} refused, {broken} broken, {overlaps} overlaps; p50 {:.1?}, p99 {:.1?}",
            at(500),
            at(990)
        );
    }
}

/// Each of `together` asks, waits for its answer, and asks again. An answer: taken, refused, or neither.
fn measure<A>(
    what: &str,
    world: &World,
    (together, tries): (usize, usize),
    seed: u64,
    open: impl Fn(usize) -> Outcome<A> + Sync,
) -> Outcome<()>
where
    A: FnMut(usize, usize) -> Option<bool>,
{
    let began = Instant::now();
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for thread in 0..together {
            let (tally, open) = (&tally, &open);
            scope.spawn(move || {
                let mut own = Tally::default();
                let Ok(mut ask) = open(thread) else { return eprintln!("no connection") };
                let mut dice = Dice::new(seed * 1_000 + thread as u64);
                for _ in 0..tries / together {
                    let instrument = dice.below(world.instruments.len());
                    let half_hour = dice.below(HALF_HOURS);
                    let start = Instant::now();
                    let answer = ask(instrument, half_hour);
                    own.times.push(start.elapsed());
                    match answer {
                        Some(true) => {
                            own.taken += 1;
                            own.overlaps += usize::from(!world.accept(instrument, half_hour));
                        }
                        Some(false) => own.refused += 1,
                        None => own.broken += 1,
                    }
                }
                if let Ok(mut tally) = tally.lock() {
                    tally.add(own);
                }
            });
        }
    });
    let tally = tally.into_inner().map_err(|_| "a thread stopped")?;
    tally.show(&format!("{what}, {together} at a time"), began.elapsed());
    Ok(())
}

fn in_process(registry: &Registry, world: &World, (tries, crowds): (usize, &[usize])) -> Outcome<()> {
    let verb = DESKS.find("booking").and_then(|clerk| clerk.verb("request")).ok_or("no verb")?;
    for &together in crowds {
        let counter = AtomicU64::new(0);
        let keys = &counter;
        let open = move |_: usize| {
            Ok(move |instrument: usize, half_hour: usize| {
                let command = verb.read_json(&world.wish(instrument, half_hour)).ok()?;
                let key = format!("in/{together}/{}", keys.fetch_add(1, Ordering::Relaxed));
                match registry.run(Ask::new(key, Asker::Person(world.booker), "booking", None, command)) {
                    Ok(_) => Some(true),
                    Err(registry::Denied::Refused(_)) => Some(false),
                    Err(denied) => {
                        eprintln!("{denied:?}");
                        None
                    }
                }
            })
        };
        measure("in process", world, (together, tries), together as u64, open)?;
    }
    Ok(())
}

/// The cookie and the token of a session, as a browser gets them.
fn sign_in(house: &Arc<House>) -> Outcome<(String, String)> {
    let visit = |path: &str, cookies: BTreeMap<String, String>| Visit {
        path: path.into(),
        steps: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
        cookies,
        headers: BTreeMap::from([("accept-language".to_owned(), "en".to_owned())]),
        from: "127.0.0.1".into(),
        ..Visit::default()
    };
    let hidden = |html: &[u8], name: &str| {
        let html = String::from_utf8_lossy(html).into_owned();
        let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1).map(str::to_owned);
        rest.and_then(|rest| rest.split('"').next().map(str::to_owned)).unwrap_or_default()
    };
    let page = answer(house, &visit("/sign-in", BTreeMap::new()));
    let mut form: BTreeMap<String, String> =
        ["csrf", "key"].map(|name| (name.to_owned(), hidden(&page.body, name))).into();
    form.extend(
        [("login", "booker"), ("password", PASSWORD)]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let reply = answer(house, &Visit { is_post: true, form, ..visit("/sign-in", BTreeMap::new()) });
    let cookie = reply.headers.iter().find(|(name, _)| *name == "set-cookie").ok_or("no session")?;
    let cookie = cookie.1.split(';').next().unwrap_or_default().to_owned();
    let (name, value) = cookie.split_once('=').ok_or("no cookie")?;
    let cookies = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let page = answer(house, &visit("/booking/new/request", cookies));
    Ok((cookie, hidden(&page.body, "csrf")))
}

fn through_http(house: &Arc<House>, world: &World, (tries, crowds): (usize, &[usize])) -> Outcome<()> {
    let (cookie, csrf) = sign_in(house)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address: SocketAddr = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = Arc::clone(house);
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(window::serve(served, listener, async {
            let _ = stopped.await;
        }))
    });
    let (cookie, csrf) = (cookie.as_str(), csrf.as_str());
    for &together in crowds {
        let open = move |_: usize| {
            let mut stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            let mut reader = BufReader::new(stream.try_clone()?);
            Ok(move |instrument: usize, half_hour: usize| {
                let body = world.wish(instrument, half_hour).to_string();
                write!(
                    stream,
                    "POST /api/v1/booking/request HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nX-CSRF-Token: {csrf}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .ok()?;
                match status(&mut reader).ok()? {
                    200 | 201 => Some(true),
                    409 | 422 => Some(false),
                    other => {
                        eprintln!("status {other}");
                        None
                    }
                }
            })
        };
        measure("through HTTP", world, (together, tries), 100 + together as u64, open)?;
    }
    let _ = stop.send(());
    server.join().map_err(|_| "the server stopped")??;
    Ok(())
}

/// Reads one answer whole and gives its status.
fn status(reader: &mut impl BufRead) -> Outcome<u16> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or("no status")?;
    let (mut length, mut is_chunked) = (0_usize, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        is_chunked |= header == "transfer-encoding: chunked";
    }
    if !is_chunked {
        reader.read_exact(&mut vec![0; length])?;
        return Ok(status);
    }
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16)?;
        reader.read_exact(&mut vec![0; size + 2])?;
        if size == 0 {
            return Ok(status);
        }
    }
}

/// How often a file of this folder can be written to and synced in a second.
fn syncs(folder: &std::path::Path) -> Outcome<f64> {
    let mut file = std::fs::File::create(folder.join("sync"))?;
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 512])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

/// A new house with its world.
fn open(folder: &std::path::Path, instruments: usize) -> Outcome<(Arc<Registry>, World)> {
    let settings = Settings::new(folder, "kechuang.example/bench");
    let registry = Registry::open(settings, &DESKS, Arc::new(Monday), Arc::new(Numbered(7.into())))?;
    let world = furnish(&registry, instruments)?;
    println!("bare syncs: {:.0} a second", syncs(folder)?);
    Ok((registry, world))
}

fn close(folder: &std::path::Path, world: &World) -> Outcome<()> {
    let accepted = world.accepted.lock().map_err(|_| "a thread stopped")?.len();
    println!("bare syncs: {:.0} a second; {accepted} bookings stand", syncs(folder)?);
    Ok(())
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let tries: usize = arguments.next().map_or(Ok(4_000), |text| text.parse())?;
    let instruments: usize = arguments.next().map_or(Ok(INSTRUMENTS), |text| text.parse())?;
    let crowds = arguments.next().unwrap_or_else(|| TOGETHER.into());
    let crowds: Vec<usize> = crowds.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let folder = tempfile::TempDir::new()?;
    let (registry, world) = open(folder.path(), instruments)?;
    in_process(&registry, &world, (tries, &crowds))?;
    close(folder.path(), &world)?;
    registry.close();
    let folder = tempfile::TempDir::new()?;
    let (registry, world) = open(folder.path(), instruments)?;
    window::set_password(&registry, "booker", PASSWORD, world.booker)?
        .map_err(|fault| format!("{fault:?}"))?;
    let sign_in = SignIn { limits: false, ..SignIn::default() };
    let options = Options { public_url: "http://127.0.0.1:1".into(), upload_max: 1 << 20, sign_in };
    let house = House::new(registry, options)?;
    through_http(&house, &world, (tries, &crowds))?;
    close(folder.path(), &world)
}
