//! Conflict (回避): whether an expert may judge a candidate, as a pure function over what is known of both.
//!
//! Each hit says which rule fired and on which fact. A binding hit bars the expert; the others are for the office to
//! weigh: a body under the same parent, and the applicant's wish (EP-R16: considered, not obeyed, or else every
//! competent reviewer could be wished away).

use grammar::prelude::*;

/// What ties an expert to a person or an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Bond {
    Kin,
    /// Supervisor and student of a master's or doctor's degree: without limit of time.
    TeacherStudent,
    /// Projects, awards, papers or patents together.
    CoWork,
    Employment,
    /// A share, a post, pay, or any other major interest.
    Interest,
    Rivalry,
}

/// One tie, declared by the expert or noted by the office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// 1 for the first.
    pub number: u32,
    pub bond: Bond,
    pub with: Id,
    pub since: Option<Day>,
    pub until: Option<Day>,
    pub note: Option<Text<300>>,
    /// Found by the office, not declared.
    pub is_noted: bool,
    /// Why joint work does not bar: one of very many authors of the same paper.
    pub excepted: Option<Text<500>>,
    pub ended: Option<Day>,
}

/// A legal person, with what it belongs to and what it became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub id: Id,
    pub parent: Option<Id>,
    pub successor: Option<Id>,
}

impl Body {
    /// The body behind an organisation's card.
    #[must_use]
    pub fn of(id: Id, card: &Card) -> Self {
        Self { id, parent: card.holders("parent").next(), successor: card.holders("successor").next() }
    }

    /// Under which id it lives on: a merged body is its successor.
    fn lasting(&self) -> Id {
        self.successor.unwrap_or(self.id)
    }
}

/// Why an expert may not judge, or what the office should weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    Oneself,
    Kin,
    TeacherStudent,
    CoWork,
    Interest,
    Rivalry,
    SameLegalPerson,
    /// One body is the parent of the other.
    ParentBody,
    /// Both bodies have the same parent. Weighed.
    SisterBody,
    /// The expert has an own candidate in the same field of the same round.
    OwnCandidate,
    /// The expert's body stands behind a candidate for the same matter.
    BodyCompetes,
    /// The applicant asked for it. Weighed.
    AskedToAvoid,
    Sanctioned,
    LeftPool,
}

impl Why {
    /// The rule it rests on.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Kin | Self::TeacherStudent | Self::Interest | Self::Rivalry => "EP-R10",
            Self::CoWork => "EP-R11",
            Self::Oneself | Self::SameLegalPerson | Self::ParentBody | Self::SisterBody => "EP-R12",
            Self::OwnCandidate => "EP-R13",
            Self::BodyCompetes => "EP-R15",
            Self::AskedToAvoid => "EP-R16",
            Self::Sanctioned => "PG-R53",
            Self::LeftPool => "EP-R01",
        }
    }

    /// Whether it bars by itself.
    #[must_use]
    pub const fn is_binding(self) -> bool {
        !matches!(self, Self::SisterBody | Self::AskedToAvoid)
    }
}

/// A rule that fired, and on which fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub why: Why,
    pub rule: String,
    /// The person or organisation on the other side.
    pub with: Id,
    /// The relation it rests on, by its number.
    pub relation: Option<u32>,
    /// The day until which it bars, when it has one.
    pub until: Option<Day>,
}

impl Hit {
    #[must_use]
    pub fn new(why: Why, with: Id) -> Self {
        Self { why, rule: why.rule().to_owned(), with, relation: None, until: None }
    }
}

/// The one who is to judge.
pub struct Judge<'a> {
    pub person: Id,
    pub employers: &'a [Body],
    pub relations: &'a [Relation],
}

/// Who stands behind a candidate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    pub persons: Vec<Id>,
    pub bodies: Vec<Body>,
    /// Whom the applicant asked to leave out.
    pub avoid: Vec<Id>,
}

/// Everything that speaks against this judge for this candidate on `today`. `months` is how long joint work bars
/// (EP-R11). Binding hits come first.
#[must_use]
pub fn hits(judge: &Judge, judged: &Judged, today: Day, months: i32) -> Vec<Hit> {
    let mut hits = Vec::new();
    if judged.persons.contains(&judge.person) {
        hits.push(Hit::new(Why::Oneself, judge.person));
    }
    for employer in judge.employers {
        hits.extend(judged.bodies.iter().filter_map(|body| of_bodies(employer, body)));
    }
    let behind = |with: Id| {
        judged.persons.contains(&with) || judged.bodies.iter().any(|b| b.id == with || b.lasting() == with)
    };
    let standing =
        judge.relations.iter().filter(|relation| relation.ended.is_none() && behind(relation.with));
    hits.extend(standing.filter_map(|relation| of_relation(relation, today, months)));
    let units = judge.employers.iter().map(|body| body.id);
    let wished = units.chain([judge.person]).filter(|id| judged.avoid.contains(id));
    hits.extend(wished.map(|id| Hit::new(Why::AskedToAvoid, id)));
    hits.sort_by_key(|hit| !hit.why.is_binding());
    hits
}

/// What the other candidates of the round add: those of the same field, and among them those for the same matter.
#[must_use]
pub fn of_rivals<'a>(
    judge: &Judge,
    same_field: impl Iterator<Item = &'a Judged>,
    same_matter: impl Iterator<Item = &'a Judged>,
) -> Vec<Hit> {
    let mut hits = Vec::new();
    for rival in same_field {
        hits.extend(rival.persons.contains(&judge.person).then(|| Hit::new(Why::OwnCandidate, judge.person)));
    }
    for rival in same_matter {
        let own = |body: &&Body| judge.employers.iter().any(|employer| employer.lasting() == body.lasting());
        hits.extend(rival.bodies.iter().find(own).map(|body| Hit::new(Why::BodyCompetes, body.id)));
    }
    hits
}

/// Identity is the legal person's own id, never its name (trap 28); group and affiliated bodies have their own.
fn of_bodies(employer: &Body, body: &Body) -> Option<Hit> {
    let (one, other) = (employer.lasting(), body.lasting());
    let is_above = |above: Id, below: &Body| below.parent == Some(above);
    let why = if one == other || employer.id == body.id {
        Why::SameLegalPerson
    } else if is_above(one, body) || is_above(other, employer) {
        Why::ParentBody
    } else if employer.parent.is_some() && employer.parent == body.parent {
        Why::SisterBody
    } else {
        return None;
    };
    Some(Hit::new(why, body.id))
}

fn of_relation(relation: &Relation, today: Day, months: i32) -> Option<Hit> {
    let lasts = relation.until.is_none_or(|until| until >= today);
    let (why, bars, until) = match relation.bond {
        Bond::Kin => (Why::Kin, true, None),
        Bond::TeacherStudent => (Why::TeacherStudent, true, None),
        Bond::CoWork => {
            let end = relation.until.map(|until| until.plus_months(months));
            (Why::CoWork, relation.excepted.is_none() && end.is_none_or(|end| end >= today), end)
        }
        Bond::Employment => (Why::SameLegalPerson, lasts, relation.until),
        Bond::Interest => (Why::Interest, lasts, relation.until),
        Bond::Rivalry => (Why::Rivalry, lasts, relation.until),
    };
    bars.then(|| Hit { relation: Some(relation.number), until, ..Hit::new(why, relation.with) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Id = Id::named("person-me");
    const OTHER: Id = Id::named("person-other");
    const FUDAN: Id = Id::named("organisation-fudan");
    const HOSPITAL: Id = Id::named("organisation-hospital");
    const SECOND: Id = Id::named("organisation-second-hospital");

    fn body(id: Id, parent: Option<Id>) -> Body {
        Body { id, parent, successor: None }
    }

    fn relation(bond: Bond, until: Option<&str>) -> Relation {
        let until = until.map(|until| until.parse().unwrap());
        let (since, note, excepted, ended) = (None, None, None, None);
        Relation { number: 7, bond, with: OTHER, since, until, note, is_noted: false, excepted, ended }
    }

    fn told(employers: &[Body], relations: &[Relation], judged: &Judged) -> Vec<(Why, Option<u32>)> {
        let judge = Judge { person: ME, employers, relations };
        let hits = hits(&judge, judged, "2026-03-02".parse().unwrap(), 36);
        hits.iter().map(|hit| (hit.why, hit.relation)).collect()
    }

    fn behind(persons: &[Id], bodies: &[Body]) -> Judged {
        Judged { persons: persons.to_vec(), bodies: bodies.to_vec(), avoid: vec![] }
    }

    #[test]
    fn who_studied_with_whom_counts_for_ever_and_joint_work_for_three_years() {
        let judged = behind(&[OTHER], &[]);
        let one = |bond, until| told(&[], &[relation(bond, until)], &judged);
        assert_eq!(one(Bond::TeacherStudent, Some("1990-07-01")), [(Why::TeacherStudent, Some(7))]);
        assert_eq!(one(Bond::Kin, Some("1990-07-01")), [(Why::Kin, Some(7))]);
        assert_eq!(one(Bond::CoWork, Some("2023-03-02")), [(Why::CoWork, Some(7))], "the last day");
        assert_eq!(one(Bond::CoWork, Some("2023-03-01")), []);
        assert_eq!(one(Bond::CoWork, None), [(Why::CoWork, Some(7))]);
        assert_eq!(one(Bond::Interest, Some("2026-03-01")), []);
        assert_eq!(one(Bond::Rivalry, Some("2026-03-02")), [(Why::Rivalry, Some(7))]);
        assert_eq!(one(Bond::Employment, None), [(Why::SameLegalPerson, Some(7))]);
        assert_eq!(told(&[], &[relation(Bond::Kin, None)], &behind(&[ME], &[])), [(Why::Oneself, None)]);
    }

    #[test]
    fn a_paper_of_many_authors_bars_nobody_when_the_office_says_so_and_ended_ties_are_over() {
        let judged = behind(&[OTHER], &[]);
        let excepted =
            Relation { excepted: Text::read("one of 2,900 authors"), ..relation(Bond::CoWork, None) };
        assert_eq!(told(&[], &[excepted], &judged), []);
        let ended = Relation { ended: "2026-01-01".parse().ok(), ..relation(Bond::Kin, None) };
        assert_eq!(told(&[], &[ended], &judged), []);
    }

    #[test]
    fn the_same_legal_person_bars_by_its_id_and_a_parent_too_while_sisters_are_weighed() {
        let at = |employer, bodies: &[Body]| told(&[employer], &[], &behind(&[], bodies));
        assert_eq!(at(body(FUDAN, None), &[body(FUDAN, None)]), [(Why::SameLegalPerson, None)]);
        assert_eq!(at(body(FUDAN, None), &[body(HOSPITAL, Some(FUDAN))]), [(Why::ParentBody, None)]);
        assert_eq!(at(body(HOSPITAL, Some(FUDAN)), &[body(FUDAN, None)]), [(Why::ParentBody, None)]);
        assert_eq!(at(body(HOSPITAL, Some(FUDAN)), &[body(SECOND, Some(FUDAN))]), [(Why::SisterBody, None)]);
        assert!(!Why::SisterBody.is_binding() && Why::ParentBody.is_binding());
        assert_eq!(at(body(HOSPITAL, None), &[body(SECOND, None)]), []);
        let merged = Body { successor: Some(FUDAN), ..body(SECOND, None) };
        assert_eq!(at(merged, &[body(FUDAN, None)]), [(Why::SameLegalPerson, None)]);
        assert_eq!(at(body(FUDAN, None), &[merged]), [(Why::SameLegalPerson, None)]);
    }

    #[test]
    fn a_wish_to_avoid_is_shown_after_what_binds() {
        let wished = Judged { avoid: vec![ME, FUDAN], ..behind(&[ME], &[]) };
        let found = told(&[body(FUDAN, None)], &[], &wished);
        assert_eq!(found, [(Why::Oneself, None), (Why::AskedToAvoid, None), (Why::AskedToAvoid, None)]);
    }

    #[test]
    fn an_own_candidate_and_a_competing_body_bar() {
        let employers = [body(FUDAN, None)];
        let judge = Judge { person: ME, employers: &employers, relations: &[] };
        let own = behind(&[ME], &[]);
        let competing = behind(&[], &[body(FUDAN, None)]);
        let hits = of_rivals(&judge, [&own, &competing].into_iter(), [&competing].into_iter());
        let shown: Vec<(Why, &str)> = hits.iter().map(|hit| (hit.why, hit.rule.as_str())).collect();
        assert_eq!(shown, [(Why::OwnCandidate, "EP-R13"), (Why::BodyCompetes, "EP-R15")]);
        assert_eq!(of_rivals(&judge, [&competing].into_iter(), [].into_iter()), []);
    }
}
