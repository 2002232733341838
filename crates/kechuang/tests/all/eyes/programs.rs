//! Programs: what calendar programs ask of `/dav/`, by every method, and what a visitor's own program is told.

use base64::{Engine, engine::general_purpose::STANDARD};
use window::visit::Reply;

use super::{Asked, Eyes};

/// What programs are told without a password is asked of so many addresses.
pub const PUBLIC_MAX: usize = 60;
/// Reports of calendars, as programs send them.
const REPORTS: [&str; 4] = [
    "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range start=\"20260301T000000Z\" end=\"20260801T000000Z\"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>",
    "<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data/></D:prop>HREFS</C:calendar-multiget>",
    "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range start=\"20260301T000000Z\" end=\"20260801T000000Z\"/></C:free-busy-query>",
    "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>",
];
/// An event that a program puts.
const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:eyes\r\nDTSTAMP:20260302T000000Z\r\nDTSTART:20260303T010000Z\r\nDTEND:20260303T020000Z\r\nSUMMARY:eyes\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// What a calendar program asks.
pub struct Program {
    pub method: &'static str,
    pub path: String,
    depth: &'static str,
    body: String,
}

/// A calendar program of a visitor, with a password of its own.
impl Eyes {
    /// `None` for someone who has not signed in.
    pub fn program(&self) -> Option<Self> {
        if self.token.is_empty() {
            return None;
        }
        let typed = [("do", "program"), ("name", "eyes"), ("no_secrets", "yes")];
        let page = String::from_utf8(self.post("/my/calendars", &typed).body).unwrap();
        let secret =
            page.split("<code>kc_").nth(1).unwrap_or_else(|| panic!("{page}")).split('<').next().unwrap();
        let mut program = self.from(&self.from);
        program.cookies.clear();
        program.token.clear();
        program.basic = format!("Basic {}", STANDARD.encode(format!("anyone:kc_{secret}")));
        Some(program)
    }

    /// What a program is told.
    pub fn put(&self, asked: &Program) -> Reply {
        let mut visit = self.visit(&asked.path);
        visit.headers.insert("depth".into(), asked.depth.into());
        if !self.basic.is_empty() {
            visit.headers.insert("authorization".into(), self.basic.clone());
        }
        (visit.method, visit.body) = (asked.method.into(), asked.body.clone().into_bytes());
        visit.is_post = matches!(asked.method, "PUT" | "DELETE");
        window::answer(&self.house, &visit)
    }
}

impl Asked {
    /// Every method at every calendar there could be: shelves of all records, known to the visitor or not, and files by the
    /// names of all bookings; at last what is put and deleted.
    pub fn programs(&self) -> Vec<Program> {
        let program = |method, path: &str, depth, body: &str| Program {
            method,
            path: path.into(),
            depth,
            body: body.into(),
        };
        let mut all: Vec<Program> = Vec::new();
        for path in ["/dav/", "/dav/me/", "/dav/calendars/", "/.well-known/caldav"] {
            all.extend(["OPTIONS", "GET"].map(|method| program(method, path, "0", "")));
            all.extend(["0", "1", "infinity"].map(|depth| program("PROPFIND", path, depth, "")));
        }
        let of = |desk: &'static str| self.all.iter().filter(move |(of, _)| of == desk).map(|(_, id)| *id);
        let mut shelves: Vec<String> = vec!["bookings".into()];
        shelves.extend(
            ["instrument", "booking", "proposal", "round"].into_iter().flat_map(of).map(|id| id.to_string()),
        );
        let further =
            of("instrument").flat_map(|id| self.parties.iter().map(move |party| format!("{id}.{party}")));
        shelves.extend(further);
        let files: Vec<String> = of("booking").chain(of("proposal")).map(|id| format!("{id}.ics")).collect();
        for shelf in &shelves {
            let path = format!("/dav/calendars/{shelf}/");
            all.extend(["0", "1"].map(|depth| program("PROPFIND", &path, depth, "")));
            all.push(program("OPTIONS", &path, "0", ""));
            let hrefs: String = files.iter().map(|file| format!("<D:href>{path}{file}</D:href>")).collect();
            for body in REPORTS {
                all.push(program("REPORT", &path, "1", &body.replace("HREFS", &hrefs)));
            }
            all.extend(files.iter().map(|file| program("GET", &format!("{path}{file}"), "0", "")));
        }
        for shelf in &shelves {
            let path = format!("/dav/calendars/{shelf}/");
            all.extend(files.iter().take(4).map(|file| program("PUT", &format!("{path}{file}"), "0", EVENT)));
            all.push(program("PUT", &format!("{path}import-x.ics"), "0", EVENT));
            all.extend(files.iter().take(4).map(|file| program("DELETE", &format!("{path}{file}"), "0", "")));
        }
        all
    }
}
