//! Facts that somebody supposes rather than looks up: for `policy explain` and policy tests.

use std::collections::BTreeSet;

use crate::document::nearest;
use crate::fact::{Facts, Known};
use crate::id::GroupId;

/// Why a supposed fact is unknown.
const SUPPOSED: &str = "supposed to be unknown";

/// A fact that can be supposed, by its name in conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// `on_call` and others that are true or false.
    YesNo(YesNo),
    /// `open_grants` and `requests_24h`.
    Count(Count),
}

/// A fact that is true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YesNo {
    /// `on_call`
    OnCall,
    /// `severity_verified`
    SeverityVerified,
    /// `incident_verified`
    IncidentVerified,
    /// `incident_open`
    IncidentOpen,
    /// `first_time`
    FirstTime,
    /// `denied_1h`
    Denied1h,
}

/// A fact that is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// `open_grants`
    OpenGrants,
    /// `requests_24h`
    Requests24h,
}

/// The facts by their names.
pub const FACTS: [(&str, Fact); 8] = [
    ("on_call", Fact::YesNo(YesNo::OnCall)),
    ("severity_verified", Fact::YesNo(YesNo::SeverityVerified)),
    ("incident_verified", Fact::YesNo(YesNo::IncidentVerified)),
    ("incident_open", Fact::YesNo(YesNo::IncidentOpen)),
    ("first_time", Fact::YesNo(YesNo::FirstTime)),
    ("denied_1h", Fact::YesNo(YesNo::Denied1h)),
    ("open_grants", Fact::Count(Count::OpenGrants)),
    ("requests_24h", Fact::Count(Count::Requests24h)),
];

/// Why a fact can't be supposed. Told to whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SupposeError {
    /// There is no such fact.
    #[error("there is no fact {name:?}{}", did_you_mean(*near))]
    Name {
        /// As it was written.
        name: String,
        /// What was probably meant.
        near: Option<&'static str>,
    },
    /// It is true or false.
    #[error("{0} is true or false")]
    YesNo(String),
    /// It is a whole number.
    #[error("{0} is a whole number")]
    Count(String),
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

/// The fact of this name.
pub fn fact(name: &str) -> Result<Fact, SupposeError> {
    let found = FACTS.iter().find(|(known, _)| *known == name);
    found.map(|(_, fact)| *fact).ok_or_else(|| {
        let near = nearest(name, FACTS.iter().map(|(known, _)| *known));
        SupposeError::Name {
            name: name.to_owned(),
            near,
        }
    })
}

impl Facts {
    /// Supposes a fact, written as in `on_call=true`.
    pub fn suppose(&mut self, name: &str, value: &str) -> Result<(), SupposeError> {
        match fact(name)? {
            Fact::YesNo(key) => {
                let value = value
                    .parse()
                    .map_err(|_| SupposeError::YesNo(name.to_owned()))?;
                *self.yes_no(key) = Known::Known(value);
            }
            Fact::Count(key) => {
                let value = value
                    .parse()
                    .map_err(|_| SupposeError::Count(name.to_owned()))?;
                *self.count(key) = Known::Known(value);
            }
        }
        Ok(())
    }

    /// Supposes that a fact, or with `group:ID` the members of a group, couldn't be looked up.
    pub fn suppose_unknown(&mut self, name: &str) -> Result<(), SupposeError> {
        let why = || SUPPOSED.to_owned();
        if let Some(group) = name.strip_prefix("group:") {
            let unknown = |_| SupposeError::Name {
                name: name.to_owned(),
                near: None,
            };
            self.members
                .insert(group.parse().map_err(unknown)?, Known::Unknown(why()));
            return Ok(());
        }
        match fact(name)? {
            Fact::YesNo(key) => *self.yes_no(key) = Known::Unknown(why()),
            Fact::Count(key) => *self.count(key) = Known::Unknown(why()),
        }
        Ok(())
    }

    /// Supposes that chat told of a member of a group.
    pub fn suppose_member(&mut self, group: GroupId, person: crate::id::PersonId) {
        let members = self.members.entry(group).or_default();
        match members {
            Known::Known(members) => drop(members.insert(person)),
            Known::Unknown(_) => *members = Known::Known(BTreeSet::from([person])),
        }
    }

    /// The place of a fact that is true or false.
    pub const fn yes_no(&mut self, key: YesNo) -> &mut Known<bool> {
        match key {
            YesNo::OnCall => &mut self.on_call,
            YesNo::SeverityVerified => &mut self.severity_verified,
            YesNo::IncidentVerified => &mut self.incident_verified,
            YesNo::IncidentOpen => &mut self.incident_open,
            YesNo::FirstTime => &mut self.first_time,
            YesNo::Denied1h => &mut self.denied_1h,
        }
    }

    /// The place of a fact that is a number.
    pub const fn count(&mut self, key: Count) -> &mut Known<u32> {
        match key {
            Count::OpenGrants => &mut self.open_grants,
            Count::Requests24h => &mut self.requests_24h,
        }
    }
}
