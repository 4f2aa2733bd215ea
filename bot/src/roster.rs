//! Who is in which group and whose account is active, as chats tell; cached, with ages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use breakglass_core::fact::{Facts, Known};
use breakglass_core::id::{GroupId, PersonId, Platform};
use breakglass_core::policy::{Group, Person, Policy};
use breakglass_core::port::chat::{AccountStatus, Chat};
use breakglass_core::time::{Length, Timestamp};

use crate::clock::Clock;

/// A look-up older than this is made again before it is used.
pub const REFRESH_AFTER: Length = Length::from_mins(5);

/// A look-up older than this is not used at all.
pub const UNKNOWN_AFTER: Length = Length::from_mins(15);

/// Who holds access is looked up again when that was longer ago than this.
const LATELY: Length = Length::from_secs(25);

/// Look-ups in one go: what chats allow several times a minute.
const LOOK_UPS_MAX: usize = 40;

/// What was told of a group or account of a platform.
type Cache<T> = Mutex<BTreeMap<(Platform, String), Aged<T>>>;

/// What chats told, and when.
#[derive(Debug)]
pub struct Roster {
    chats: Vec<Arc<dyn Chat>>,
    clock: Arc<dyn Clock>,
    groups: Cache<BTreeSet<String>>,
    accounts: Cache<AccountStatus>,
}

#[derive(Debug, Clone)]
struct Aged<T> {
    value: T,
    at: Timestamp,
}

impl Roster {
    /// A roster that knows nothing yet.
    pub fn new(chats: Vec<Arc<dyn Chat>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            chats,
            clock,
            groups: Mutex::default(),
            accounts: Mutex::default(),
        }
    }

    /// The members that chats tell of every group kept there, and whether the beneficiary is on call.
    pub async fn members(&self, policy: &Policy) -> BTreeMap<GroupId, Known<BTreeSet<PersonId>>> {
        let mut members = BTreeMap::new();
        for group in policy.groups().filter(|group| group.is_kept_in_chat()) {
            members.insert(group.id.clone(), self.group(policy, group).await);
        }
        members
    }

    /// The same as far as it was looked up lately: nobody is asked.
    pub fn members_at_hand(&self, policy: &Policy) -> BTreeMap<GroupId, Known<BTreeSet<PersonId>>> {
        let at_hand = |group: &Group| {
            let mut all = BTreeSet::new();
            for (platform, id) in group.member_lists() {
                match self.accounts_at_hand(platform, id) {
                    Some(accounts) => all.extend(listed_in(policy, platform, &accounts)),
                    None => return Known::Unknown(format!("{platform} wasn't asked yet")),
                }
            }
            Known::Known(all)
        };
        let groups = policy.groups().filter(|group| group.is_kept_in_chat());
        groups
            .map(|group| (group.id.clone(), at_hand(group)))
            .collect()
    }

    fn accounts_at_hand(&self, platform: Platform, group: &str) -> Option<BTreeSet<String>> {
        let cached = lock(&self.groups)
            .get(&(platform, group.to_owned()))
            .cloned();
        let young = cached.filter(|aged| self.age(aged.at) < UNKNOWN_AFTER.millis());
        young.map(|aged| aged.value)
    }

    /// Is this person on call in any of their groups?
    pub async fn on_call(&self, policy: &Policy, person: &PersonId) -> Known<bool> {
        let mut unknown = None;
        for (platform, list) in policy.groups().flat_map(Group::on_call_lists) {
            match self.listed(policy, platform, list).await {
                Known::Known(people) if people.contains(person) => return Known::Known(true),
                Known::Known(_) => {}
                Known::Unknown(why) => unknown = Some(why),
            }
        }
        unknown.map_or(Known::Known(false), Known::Unknown)
    }

    /// What the chat says of an account, if it was told within [`UNKNOWN_AFTER`].
    pub async fn account(&self, platform: Platform, account: &str) -> Option<AccountStatus> {
        let key = (platform, account.to_owned());
        let cached = lock(&self.accounts).get(&key).cloned();
        if let Some(aged) = &cached
            && self.age(aged.at) < REFRESH_AFTER.millis()
        {
            return Some(aged.value);
        }
        let chat = self.chats.iter().find(|chat| chat.platform() == platform)?;
        match chat.account(account).await {
            Ok(value) => {
                let aged = Aged {
                    value,
                    at: self.clock.now(),
                };
                lock(&self.accounts).insert(key, aged);
                Some(value)
            }
            Err(error) => {
                tracing::warn!(%platform, %error, "an account couldn't be looked up");
                cached
                    .filter(|aged| self.age(aged.at) < UNKNOWN_AFTER.millis())
                    .map(|aged| aged.value)
            }
        }
    }

    /// Notes those of `people` who can't act: deactivated, gone, bots or guests that aren't listed as such on any chat, or
    /// on none to be looked up. Somebody without an account on any chat we serve is left alone.
    pub async fn note_inactive(
        &self,
        policy: &Policy,
        people: impl IntoIterator<Item = PersonId>,
        facts: &mut Facts,
    ) {
        let Facts {
            inactive, unsure, ..
        } = facts;
        for id in people {
            let Some(person) = policy.person(&id) else {
                inactive.insert(id);
                continue;
            };
            let (mut active, mut unknown) = (false, false);
            for chat in &self.chats {
                let platform = chat.platform();
                let Some(account) = person.account_on(platform) else {
                    continue;
                };
                match self.account(platform, account).await {
                    Some(status) if is_out(status, person) => {
                        inactive.insert(id.clone());
                    }
                    Some(_) => active = true,
                    None => unknown = true,
                }
            }
            // While one chat is away, the other vouches.
            if unknown && !active && inactive.insert(id.clone()) {
                unsure.insert(id);
            }
        }
    }

    /// Those of `people` who surely can't act any more: not listed, or no chat's account as it should be, by a look-up of
    /// the last seconds. One that fails says nothing, and at most [`LOOK_UPS_MAX`] are made: who was looked up longest
    /// ago comes first, and the others have their turn with the next call.
    pub async fn left(
        &self,
        policy: &Policy,
        people: impl IntoIterator<Item = PersonId>,
    ) -> BTreeSet<PersonId> {
        let people: Vec<PersonId> = people.into_iter().collect();
        let listed = || people.iter().filter_map(|id| policy.person(id));
        let accounts = |person: &Person| {
            let of_chat = |chat: &Arc<dyn Chat>| {
                let account = person.account_on(chat.platform())?;
                Some((chat.platform(), account.to_owned()))
            };
            self.chats.iter().filter_map(of_chat).collect::<Vec<_>>()
        };
        self.look_up_lately(listed().flat_map(accounts)).await;
        let cached = lock(&self.accounts);
        let is_left = |id: &&PersonId| {
            let Some(person) = policy.person(id) else {
                return true;
            };
            let mut known = accounts(person)
                .into_iter()
                .filter_map(|key| cached.get(&key));
            known.any(|aged| is_out(aged.value, person))
        };
        people.iter().filter(is_left).cloned().collect()
    }

    async fn look_up_lately(&self, accounts: impl Iterator<Item = (Platform, String)>) {
        let age = |key: &(Platform, String)| {
            let cached = lock(&self.accounts);
            cached.get(key).map_or(i64::MAX, |aged| self.age(aged.at))
        };
        let mut old: Vec<_> = accounts
            .map(|key| (age(&key), key))
            .filter(|(age, _)| *age >= LATELY.millis())
            .collect();
        old.sort_by_key(|(age, _)| std::cmp::Reverse(*age));
        for (_, (platform, account)) in old.into_iter().take(LOOK_UPS_MAX) {
            let chat = self.chats.iter().find(|chat| chat.platform() == platform);
            let Some(chat) = chat else { continue };
            match chat.account_now(&account).await {
                Ok(value) => {
                    let at = self.clock.now();
                    lock(&self.accounts).insert((platform, account), Aged { value, at });
                }
                Err(error) => {
                    tracing::warn!(%platform, %error, "an account couldn't be looked up");
                }
            }
        }
    }

    /// What was looked up on this platform is old: the next decision asks anew.
    pub fn forget(&self, platform: Platform) {
        lock(&self.groups).retain(|(of, _), _| *of != platform);
        lock(&self.accounts).retain(|(of, _), _| *of != platform);
    }

    async fn group(&self, policy: &Policy, group: &Group) -> Known<BTreeSet<PersonId>> {
        let mut all = BTreeSet::new();
        for (platform, id) in group.member_lists() {
            match self.listed(policy, platform, id).await {
                Known::Known(people) => all.extend(people),
                Known::Unknown(why) => return Known::Unknown(why),
            }
        }
        Known::Known(all)
    }

    /// The listed people among a chat group's members.
    async fn listed(
        &self,
        policy: &Policy,
        platform: Platform,
        group: &str,
    ) -> Known<BTreeSet<PersonId>> {
        match self.accounts_in(platform, group).await {
            Ok(accounts) => Known::Known(listed_in(policy, platform, &accounts)),
            Err(why) => Known::Unknown(why),
        }
    }

    async fn accounts_in(
        &self,
        platform: Platform,
        group: &str,
    ) -> Result<BTreeSet<String>, String> {
        let key = (platform, group.to_owned());
        let cached = lock(&self.groups).get(&key).cloned();
        if let Some(aged) = &cached
            && self.age(aged.at) < REFRESH_AFTER.millis()
        {
            return Ok(aged.value.clone());
        }
        let Some(chat) = self.chats.iter().find(|chat| chat.platform() == platform) else {
            return Err(format!("{platform} isn't configured"));
        };
        match chat.group_members(group).await {
            Ok(value) => {
                let aged = Aged {
                    value: value.clone(),
                    at: self.clock.now(),
                };
                lock(&self.groups).insert(key, aged);
                Ok(value)
            }
            Err(error) => match cached {
                Some(aged) if self.age(aged.at) < UNKNOWN_AFTER.millis() => Ok(aged.value),
                Some(_) | None => Err(format!("{platform} group {group}: {error}")),
            },
        }
    }

    /// A clock that went back makes everything old, which is the safe side.
    fn age(&self, at: Timestamp) -> i64 {
        let age = self.clock.now().millis_since(at);
        if age < 0 { i64::MAX } else { age }
    }
}

/// Can nobody act with this account? Guests can where the policy lists them as such.
const fn is_out(status: AccountStatus, listed: &Person) -> bool {
    !status.active || status.bot || status.guest && !listed.guest
}

/// The listed people behind accounts.
fn listed_in(
    policy: &Policy,
    platform: Platform,
    accounts: &BTreeSet<String>,
) -> BTreeSet<PersonId> {
    let person = |account: &String| Some(policy.person_by(platform, account)?.id.clone());
    accounts.iter().filter_map(person).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
