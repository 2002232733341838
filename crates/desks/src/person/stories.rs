//! What a person does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const ME: Id = Id::named("person");
const FIRM: Id = Id::named("organisation-firm");
const LAB: Id = Id::named("organisation-lab");

fn entry(more: &str) -> Entry {
    serde_json::from_str(&format!(r#"{{"name":"c0ffee","region":"310115",{more}}}"#)).unwrap()
}

fn hidden() -> Entry {
    entry(r#""public":false,"phone":"beef","email":"face","id_number":"f00d""#)
}

fn open() -> Entry {
    let named = r#""public":true,"display_name":{"zh":"林工"},"orcid":"0000-0002-1825-0097","phone":"beef""#;
    entry(named)
}

fn signed_up(entry: Entry) -> Story<Person> {
    let mut story = Story::<Person>::new("2026-03-02");
    story.showing(&["phone", "erased"]);
    for organisation in [FIRM, LAB] {
        story.given(organisation, Card::new().status("active"));
    }
    story.when(SignUp(entry));
    story
}

fn claim(organisation: Id, until: Option<&str>) -> Command {
    ClaimAffiliation(Claim {
        organisation: organisation.r(),
        role: "researcher".parse().unwrap(),
        may_sign: true,
        from: day("2026-03-02"),
        until: until.map(day),
    })
}

fn myself() -> Viewer {
    Viewer { person: Some(ME), ..Viewer::default() }
}

fn signatory(organisation: Id) -> Viewer {
    let organisations = vec![organisation];
    Viewer {
        person: Some(Id::named("person-9")),
        signs_for: organisations.clone(),
        organisations,
        ..Viewer::default()
    }
}

fn officer(office: &str) -> Viewer {
    Viewer {
        offices: vec![(office.to_owned(), Region::code(310_000))],
        ..signatory(Id::named("organisation-x"))
    }
}

fn holders(story: &Story<Person>, part: &str) -> Vec<Id> {
    story.record().card().holders(part).collect()
}

#[test]
fn an_affiliation_is_claimed_confirmed_extended_and_over() {
    let mut story = signed_up(hidden());
    story.by(myself()).when(claim(FIRM, Some("2026-06-30")));
    assert_eq!((holders(&story, "claimed"), holders(&story, "signs-for")), (vec![FIRM], vec![]));
    story.by(signatory(FIRM)).when(ConfirmAffiliation { organisation: FIRM.r() });
    assert_eq!((holders(&story, "claimed"), holders(&story, "signs-for")), (vec![], vec![FIRM]));
    story.on("2026-06-01").when(ExtendAffiliation { organisation: FIRM.r(), until: Some(day("2026-07-31")) });
    story.by(myself()).when(claim(LAB, None));
    story.on("2026-07-01").when(EndAffiliation { organisation: LAB.r(), reason: "moved".parse().unwrap() });
    story.wait_until("2026-08-05");
    assert_eq!(holders(&story, "affiliation"), []);
    story.showing(&["affiliations"]).not_now(LapseAffiliations);
    story.when(claim(FIRM, None));
    story.expect(&expect![[r#"
        2026-03-02  sign-up   said registered  phone beef  erased -
        2026-03-02  claim-affiliation said affiliation-claimed  phone beef  erased -
        2026-03-02  confirm-affiliation said affiliation-confirmed  phone beef  erased -
        2026-06-01  extend-affiliation said affiliation-extended  phone beef  erased -
        2026-06-01  claim-affiliation said affiliation-claimed  phone beef  erased -
        2026-07-01  end-affiliation said affiliation-ended  phone beef  erased -
        2026-08-01  clock     said affiliation-lapsed  phone beef  erased -
        2026-08-05  claim-affiliation said affiliation-claimed  affiliations [{"organisation":"organisation-firm","role":"researcher","may_sign":true,"from":"2026-03-02","until":"2026-07-31","standing":"ended"},{"organisation":"organisation-firm","role":"researcher","may_sign":true,"from":"2026-03-02","until":null,"standing":"claimed"}]
    "#]]);
}

#[test]
fn a_claim_needs_a_living_organisation_sensible_days_and_room() {
    let mut story = signed_up(hidden());
    story.by(myself()).given(LAB, Card::new().status("merged"));
    story.refuses(claim(LAB, None), OrganisationIsGone { organisation: LAB.r() });
    story.refuses(
        claim(FIRM, Some("2026-03-01")),
        EndsBeforeItBegins { from: day("2026-03-02"), until: day("2026-03-01") },
    );
    story
        .on("2026-04-01")
        .refuses(claim(FIRM, Some("2026-03-31")), EndsInThePast { until: day("2026-03-31") });
    story.when(claim(FIRM, None)).refuses(claim(FIRM, None), AlreadyAffiliated { organisation: FIRM.r() });
    for n in 1..20 {
        let other: Id = format!("organisation-{n}").parse().unwrap();
        story.given(other, Card::new().status("active")).when(claim(other, None));
    }
    story.given(LAB, Card::new().status("active")).refuses(claim(LAB, None), TooManyAffiliations { max: 20 });
}

#[test]
fn only_the_organisation_or_the_registrar_confirms_and_nobody_for_themselves() {
    let mut story = signed_up(hidden());
    let (organisation, until) = (FIRM.r(), Some(day("2027-01-01")));
    story.by(myself()).when(claim(FIRM, None));
    story.refuses(ConfirmAffiliation { organisation }, NotOneself);
    story
        .by(signatory(LAB))
        .refuses(ConfirmAffiliation { organisation }, NotYourOrganisation { organisation });
    let reason: Text<300> = "x".parse().unwrap();
    story.refuses(
        EndAffiliation { organisation, reason: reason.clone() },
        NotYourOrganisation { organisation },
    );
    let strange = LAB.r();
    story.refuses(ConfirmAffiliation { organisation: strange }, NoSuchAffiliation { organisation: strange });
    story.by(officer("registrar"));
    story.refuses(ExtendAffiliation { organisation, until }, NoSuchAffiliation { organisation });
    story.when(ConfirmAffiliation { organisation });
    story.refuses(ConfirmAffiliation { organisation }, AlreadyAffiliated { organisation });
    let past = day("2026-03-01");
    story.refuses(ExtendAffiliation { organisation, until: Some(past) }, EndsInThePast { until: past });
    story.when(EndAffiliation { organisation, reason });

    let mut early = signed_up(hidden());
    let from = day("2026-05-01");
    let role: Text<80> = "engineer".parse().unwrap();
    early.by(myself());
    early.when(ClaimAffiliation(Claim { organisation, role, may_sign: false, from, until: None }));
    early.by(signatory(FIRM)).refuses(ConfirmAffiliation { organisation }, NotYetBegun { from });
    early.on("2026-05-01").when(ConfirmAffiliation { organisation });
    assert_eq!((holders(&early, "affiliation"), holders(&early, "signs-for")), (vec![FIRM], vec![]));
}

#[test]
fn what_is_public_needs_consent_and_a_name() {
    let mut story = Story::<Person>::new("2026-03-02");
    story.refuses(SignUp(entry(r#""public":false,"display_name":{"en":"Lin"}"#)), NotAgreedToBePublic);
    story.refuses(SignUp(entry(r#""public":false,"orcid":"0000-0002-1825-0097""#)), NotAgreedToBePublic);
    story.refuses(Register(entry(r#""public":true"#)), NoPublicName);
    for wrong in ["0000-0002-1825-0098", "00000-002-1825-0097", "0000000218250097", "0000-0002-1825-009é"] {
        let orcid = format!(r#""public":true,"display_name":{{"en":"Lin"}},"orcid":"{wrong}""#);
        story.refuses(Register(entry(&orcid)), NotAnOrcid);
    }
    story.when(Register(entry(r#""public":true,"display_name":{"en":"Lin"},"orcid":"0000-0002-1694-233X""#)));
    assert_eq!(story.record().card().keys, ["orcid:0000-0002-1694-233X"]);
    story.when(Amend(entry(r#""public":false"#)));
    assert!(story.record().card().keys.is_empty());
}

#[test]
fn others_see_only_what_the_person_agreed_to() {
    let seen = |story: &Story<Person>, viewer: &Viewer| {
        let mut record = story.record().clone();
        let sight = record.veil(viewer);
        (sight == Sight::Seen, record)
    };
    let mut story = signed_up(hidden());
    story.by(myself()).when(claim(FIRM, None)).when(claim(LAB, None));
    story.by(officer("registrar")).when(ConfirmAffiliation { organisation: LAB.r() });
    assert!(!seen(&story, &Viewer::public()).0);
    assert!(!seen(&story, &officer("treasurer")).0);
    let (_, to_firm) = seen(&story, &signatory(FIRM));
    assert!(to_firm.name.is_some() && to_firm.phone.is_none() && to_firm.email.is_none());
    assert!(to_firm.id_number.is_none());
    assert_eq!(to_firm.affiliations.all_open().map(|a| a.organisation.id()).collect::<Vec<_>>(), [FIRM]);
    let (_, to_admin) = seen(&story, &officer("system-admin"));
    assert!(to_admin.name.is_some() && to_admin.id_number.is_none() && to_admin.affiliations.is_empty());

    let mut story = signed_up(open());
    story.by(myself()).when(claim(FIRM, None)).when(claim(LAB, None));
    story.by(officer("registrar")).when(ConfirmAffiliation { organisation: LAB.r() });
    let (_, to_public) = seen(&story, &Viewer::public());
    let card = to_public.card();
    assert!(to_public.name.is_none() && to_public.phone.is_none() && !card.facts.contains_key("name"));
    assert_eq!(card.parties, [("itself".to_owned(), ME), ("affiliation".to_owned(), LAB)]);
    assert_eq!(card.title_en, "林工");
    let claimed = AffiliationClaimed(Claim {
        organisation: FIRM.r(),
        role: "x".parse().unwrap(),
        may_sign: true,
        from: day("2026-03-02"),
        until: None,
    });
    let told = |viewer: &Viewer| Person::veil_event(story.record(), claimed.clone(), viewer).is_some();
    assert!(told(&myself()) && told(&signatory(FIRM)) && !told(&signatory(LAB)) && !told(&Viewer::public()));
}

#[test]
fn the_three_administrators_are_different_persons_and_leave_before_they_are_erased() {
    let mut story = signed_up(open());
    story.by(Viewer { told_by: Some("office"), ..Viewer::default() });
    let take = |n: &str, office: &str| TakeOffice {
        appointment: n.parse().unwrap(),
        office: office.parse().unwrap(),
    };
    story.when(take("office-1", "registrar")).when(take("office-2", "system-admin"));
    story.when(take("office-3", "system-admin"));
    let held = Id::named("office-2");
    story.refuses(take("office-4", "auditor"), OfficesApart { held });
    let offices = vec![Id::named("office-1"), held, Id::named("office-3")];
    story.refuses(Erase { ground: Ground::Asked }, StillInOffice { offices });
    for appointment in ["office-1", "office-2", "office-3"] {
        story.when(LeaveOffice { appointment: appointment.parse().unwrap() });
    }
    story.not_now(LeaveOffice { appointment: held });
    for n in 0..20 {
        story.when(take(&format!("office-{n}"), "screening"));
    }
    story.refuses(take("office-99", "screening"), TooManyOffices { max: 20 });
}

#[test]
fn an_erased_person_leaves_nothing_but_the_id() {
    let mut story = signed_up(open());
    story.by(myself()).when(claim(FIRM, Some("2026-06-30")));
    story.on("2026-04-07").when(Erase { ground: Ground::ConsentWithdrawn });
    story.not_now(Amend(open())).not_now(Erase { ground: Ground::Asked }).not_now(SignUp(open()));
    story.wait_until("2026-07-07");
    let card = story.record().card();
    assert_eq!(
        (card.status.as_str(), card.parties, card.keys),
        ("erased", vec![("itself".into(), ME)], vec![])
    );
    let told = |event| Person::veil_event(story.record(), event, &officer("registrar")).is_some();
    assert!(!told(Registered { itself: ME.r(), entry: open() }));
    assert!(told(Erased { on: day("2026-04-07"), ground: Ground::ConsentWithdrawn }));
    story.expect(&expect![[r#"
        2026-03-02  sign-up   said registered  phone beef  erased -
        2026-03-02  claim-affiliation said affiliation-claimed  phone beef  erased -
        2026-04-07  erase     said erased  phone -  erased 2026-04-07
    "#]]);
}

#[test]
fn a_deputy_is_named_for_days_accepts_and_can_be_ended_by_either() {
    let deputy: Id = Id::named("person-zhou");
    let mut story = signed_up(open());
    story.given(deputy, Card::new().status("active"));
    let by = |id: Id| Viewer { person: Some(id), ..Viewer::default() };
    let span = |from: &str, until: &str| {
        NameDeputy(super::Span { deputy: deputy.r(), from: day(from), until: day(until) })
    };
    story.by(myself());
    story.refuses(
        span("2026-03-09", "2026-03-08"),
        EndsBeforeItBegins { from: day("2026-03-09"), until: day("2026-03-08") },
    );
    story.refuses(span("2026-03-09", "2027-03-20"), SpanTooLong { days: 366 });
    story.when(span("2026-03-02", "2026-03-06"));
    assert!(!story.record().card().holders("deputy").any(|id| id == deputy), "not before it is accepted");
    story.refuses(AcceptDeputy { deputy: deputy.r() }, NotForYou);
    story.by(by(deputy)).when(AcceptDeputy { deputy: deputy.r() });
    assert!(story.record().card().holders("deputy").any(|id| id == deputy));
    story.refuses(AcceptDeputy { deputy: deputy.r() }, NoSuchDeputy { deputy: deputy.r() });
    story.when(EndDeputy { deputy: deputy.r() });
    assert_eq!(story.record().card().holders("deputy").count(), 0);
}
