//! The systems that access is given on, and what can be held there.

use crate::document::Table;
use crate::id::{Platform, ProvisionerId, RoleId, TargetId};
use crate::ruling::Selector;

use super::draft::{Draft, Placed, line, selectors};

/// How bad it is if the target is misused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitivity {
    /// Nothing of value.
    Low,
    /// Internal.
    Medium,
    /// Customers notice.
    High,
    /// The company is hurt. Also when nothing is said.
    Critical,
}

impl Sensitivity {
    /// The word used in the policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How far damage reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlastRadius {
    /// One service.
    Service,
    /// One team's services.
    Team,
    /// The whole company.
    Company,
    /// People outside. Also when nothing is said.
    Public,
}

impl BlastRadius {
    /// The word used in the policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Team => "team",
            Self::Company => "company",
            Self::Public => "public",
        }
    }
}

/// A system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As typed in chat.
    pub id: TargetId,
    /// As shown; the id if none is given.
    pub title: String,
    /// Part of the risk.
    pub sensitivity: Sensitivity,
    /// Part of the risk.
    pub blast_radius: BlastRadius,
    /// Which configured provisioner gives access here.
    pub provisioner: ProvisionerId,
    /// May revoke any grant here; meant by `owners-of-target`. People and groups.
    pub owners: Vec<Selector>,
    /// Where to ask a human; named in refusals.
    pub help: Option<String>,
    /// How to connect; shown to who has access.
    pub connect: Option<String>,
    /// Where Slack approvers of this target sit, if not in the usual channel.
    pub slack_approvers_channel: Option<String>,
    /// Where Discord approvers of this target sit, if not in the usual channel.
    pub discord_approvers_channel: Option<String>,
    /// What can be held here, in file order.
    pub roles: Vec<Role>,
}

/// Something that can be held on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// As typed in chat.
    pub id: RoleId,
    /// As shown; the id if none is given.
    pub title: String,
    /// What it is in the provisioner's own terms.
    pub grants: String,
    /// What people should know of it.
    pub note: Option<String>,
}

impl Target {
    /// One of its roles.
    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == *id)
    }

    /// The channel of its own where approvers are asked on this chat.
    pub fn approvers_channel_on(&self, platform: Platform) -> Option<&str> {
        match platform {
            Platform::Slack => self.slack_approvers_channel.as_deref(),
            Platform::Discord => self.discord_approvers_channel.as_deref(),
            Platform::Cli | Platform::Http => None,
        }
    }

    pub(super) fn read(table: &Table<'_>, draft: &mut Draft) -> Option<Placed<Self>> {
        use BlastRadius::{Company, Public, Service, Team};
        use Sensitivity::{Critical, High, Low, Medium};
        let id: Option<TargetId> = table.need("id").parse();
        let title = line(&table.get("title"));
        let levels = [Low, Medium, High, Critical].map(|level| (level.as_str(), level));
        let sensitivity = table.get("sensitivity").one_of(&levels).unwrap_or(Critical);
        let reaches = [Service, Team, Company, Public].map(|reach| (reach.as_str(), reach));
        let blast_radius = table.get("blast_radius").one_of(&reaches).unwrap_or(Public);
        let provisioner = table.need("provisioner").parse::<ProvisionerId>();
        let owners = owners(table, draft);
        let help = line(&table.get("help"));
        let connect = line(&table.get("connect"));
        let slack_approvers_channel = line(&table.get("slack_approvers_channel"));
        let discord_approvers_channel = line(&table.get("discord_approvers_channel"));
        let roles = roles(table);
        let id = id?;
        for role in &roles {
            draft.role_ids.insert((id.clone(), role.id.clone()));
        }
        draft.target_ids.insert(id.clone());
        let value = Self {
            title: title.unwrap_or_else(|| id.to_string()),
            // Without a provisioner this is a fault already, and the policy is never used.
            provisioner: provisioner.or_else(|| ProvisionerId::new(id.as_str()).ok())?,
            id,
            sensitivity,
            blast_radius,
            owners,
            help,
            connect,
            slack_approvers_channel,
            discord_approvers_channel,
            roles,
        };
        Some(Placed {
            value,
            place: table.place(),
        })
    }
}

fn owners(table: &Table<'_>, draft: &mut Draft) -> Vec<Selector> {
    let field = table.get("owners");
    let owners = selectors(&field, draft).unwrap_or_default();
    if !owners
        .iter()
        .all(|owner| matches!(owner, Selector::Person(_) | Selector::Group(_)))
    {
        field.fault("owners are people and groups: person:ID, group:ID");
    }
    owners
}

fn roles(table: &Table<'_>) -> Vec<Role> {
    let field = table.need("roles");
    let mut roles: Vec<Role> = Vec::new();
    for table in field.tables() {
        let id = table.need("id");
        let title = line(&table.get("title"));
        let grants = line(&table.need("grants")).unwrap_or_default();
        let note = line(&table.get("note"));
        let Some(role) = id.parse::<RoleId>() else {
            continue;
        };
        if roles.iter().any(|other| other.id == role) {
            id.fault(format!("there are two roles {role}"));
            continue;
        }
        let title = title.unwrap_or_else(|| role.to_string());
        roles.push(Role {
            id: role,
            title,
            grants,
            note,
        });
    }
    if roles.is_empty() && field.is_present() {
        field.fault("a target without roles can't be asked for");
    }
    roles
}
