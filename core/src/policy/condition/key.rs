//! What a condition can read: the attributes of `context`.

/// An attribute of `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// 1 (worst) to 5, as claimed; 5 when not given.
    Severity,
    /// Did somebody other than the requester confirm the severity?
    SeverityVerified,
    /// Was an incident named?
    HasIncident,
    /// Does the incident exist in the tracker?
    IncidentVerified,
    /// Is it open there?
    IncidentOpen,
    /// 0 to 100.
    Risk,
    /// The lease that is asked for, in minutes, rounded up. In guards only: a rule has its maximum.
    DurationMinutes,
    /// Is the beneficiary on call?
    OnCall,
    /// The beneficiary's: `"employee"` or `"contractor"`.
    Employment,
    /// 0 to 23, in the policy's time zone.
    Hour,
    /// 1 (Monday) to 7, in the policy's time zone.
    Weekday,
    /// Is it asked for somebody else?
    OnBehalf,
    /// Has the beneficiary never held a grant on this target?
    FirstTime,
    /// How many live grants the beneficiary holds.
    OpenGrants,
    /// Requests in the last 24 hours, the worse of requester and beneficiary.
    Requests24h,
    /// Was the requester or the beneficiary denied within the last hour?
    Denied1h,
    /// `"slack"`, `"discord"`, `"cli"` or `"http"`.
    Platform,
}

/// What kind of value an attribute has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number, from the least to the greatest.
    Long(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Key {
    /// All of them, in the order of their values.
    pub const ALL: [Self; 17] = [
        Self::Severity,
        Self::SeverityVerified,
        Self::HasIncident,
        Self::IncidentVerified,
        Self::IncidentOpen,
        Self::Risk,
        Self::DurationMinutes,
        Self::OnCall,
        Self::Employment,
        Self::Hour,
        Self::Weekday,
        Self::OnBehalf,
        Self::FirstTime,
        Self::OpenGrants,
        Self::Requests24h,
        Self::Denied1h,
        Self::Platform,
    ];

    /// As it is written after `context.`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::SeverityVerified => "severity_verified",
            Self::HasIncident => "has_incident",
            Self::IncidentVerified => "incident_verified",
            Self::IncidentOpen => "incident_open",
            Self::Risk => "risk",
            Self::DurationMinutes => "duration_minutes",
            Self::OnCall => "on_call",
            Self::Employment => "employment",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::OnBehalf => "on_behalf",
            Self::FirstTime => "first_time",
            Self::OpenGrants => "open_grants",
            Self::Requests24h => "requests_24h",
            Self::Denied1h => "denied_1h",
            Self::Platform => "platform",
        }
    }

    /// What its values are.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Severity => Kind::Long(1, 5),
            Self::Risk => Kind::Long(0, 100),
            Self::DurationMinutes => Kind::Long(1, 24 * 60),
            Self::Hour => Kind::Long(0, 23),
            Self::Weekday => Kind::Long(1, 7),
            Self::OpenGrants | Self::Requests24h => Kind::Long(0, u32::MAX as i64),
            Self::Employment => Kind::Word(&["employee", "contractor"]),
            Self::Platform => Kind::Word(&["slack", "discord", "cli", "http"]),
            Self::SeverityVerified
            | Self::HasIncident
            | Self::IncidentVerified
            | Self::IncidentOpen
            | Self::OnCall
            | Self::OnBehalf
            | Self::FirstTime
            | Self::Denied1h => Kind::Bool,
        }
    }

    /// Is it what the requester says about the incident, unverified?
    pub const fn is_claim(self) -> bool {
        matches!(self, Self::Severity | Self::HasIncident)
    }

    /// Is it something that the requester can't simply choose, and so supports a claim?
    pub const fn is_evidence(self) -> bool {
        !self.is_claim()
            && !matches!(
                self,
                Self::DurationMinutes | Self::Platform | Self::OnBehalf
            )
    }

    /// The attribute of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == name)
    }
}
