//! Changes: what a term of the committee is after each event.

use grammar::prelude::*;

use super::{
    Advisory,
    Event::{self, *},
    Topic,
};

impl Advisory {
    pub fn begun(event: &Event) -> Self {
        let Formed { itself, title, region, basis, from, until } = event.clone() else { impossible(event) };
        let (members, topics, sessions) = (vec![], vec![], vec![]);
        Self { itself, title, region, basis, from, until, members, topics, sessions, ended: false }
    }

    fn at(&mut self, number: u32) -> &mut Topic {
        let found = self.topics.iter_mut().find(|topic| topic.number == number);
        found.unwrap_or_else(|| impossible(&number))
    }

    pub fn becomes(&mut self, event: &Event) {
        match event.clone() {
            Formed { .. } => impossible(event),
            Appointed { member } => self.members.push(member),
            Dismissed { person, on, .. } => {
                let own = self.members.iter_mut().filter(|member| member.person == person);
                own.filter(|member| member.left.is_none()).for_each(|member| member.left = Some(on));
            }
            TopicPut { topic } => self.topics.push(*topic),
            Declared { topic, person, interest } => {
                let declared = &mut self.at(topic).declared;
                declared.retain(|(own, _)| *own != person);
                declared.push((person, interest));
            }
            Met { session } => {
                session.topics.iter().for_each(|number| self.at(*number).session = Some(session.number));
                self.sessions.push(session);
            }
            Opined { topic, opinion } => self.at(topic).opinions.push(opinion),
            Advised { topic, advice } => self.at(topic).advice = Some(advice),
            Responded { topic, answered } => self.at(topic).answered = Some(answered),
            Disclosed { topic } => {
                let topic = self.at(topic);
                topic.public = true;
                topic.advice.iter_mut().for_each(|advice| advice.public = true);
            }
            Late { topics, .. } => topics.iter().for_each(|number| self.at(*number).late = true),
            Ended {} => self.ended = true,
        }
    }
}
