//! What every kind of provisioner promises, held against the real target of each: do, do again, undo, undo
//! again, undo what was never done, leave standing access alone, refuse what is late, and tell failures apart.

mod command;
mod postgres;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::port::provisioner::{
    Deprovisioned, Listing, Observation, Place, Presence, Provision, ProvisionError, Provisioned,
    Provisioner,
};
use breakglass_core::time::Timestamp;
use tokio::time::timeout;

/// Until long after these tests.
const IN_TIME: Timestamp = Timestamp::from_millis(4_102_444_800_000);
/// Before any target's clock.
const LATE: Timestamp = Timestamp::from_millis(1);
/// No call takes longer, whatever the target does.
const CALL_MAX: Duration = Duration::from_secs(15);

/// A target with a person on it who may be given two things.
trait Stage {
    async fn create() -> Self;

    fn provisioner(&self) -> &dyn Provisioner;

    fn holding(&self) -> HoldingId;

    /// The same person, something else.
    fn other(&self) -> HoldingId;

    /// Does the target itself say that the person has it?
    async fn has(&mut self, holding: &HoldingId) -> bool;

    /// Somebody else gives the same to the same person.
    async fn give_standing(&mut self);

    /// From now on the target does what it is told to, but never says so.
    async fn fall_silent(&mut self);

    /// Now it says so again.
    async fn speak_again(&mut self);

    /// An adapter like ours to a target that is away.
    async fn away(&self) -> Arc<dyn Provisioner>;
}

async fn give(stage: &impl Stage, holding: HoldingId) -> Result<Provisioned, ProvisionError> {
    give_until(stage, holding, IN_TIME).await
}

async fn give_until(
    stage: &impl Stage,
    holding: HoldingId,
    begin_by: Timestamp,
) -> Result<Provisioned, ProvisionError> {
    let call = Provision {
        holding,
        request: RequestId::new(1),
        begin_by,
        not_after: IN_TIME,
    };
    timeout(CALL_MAX, stage.provisioner().provision(&call))
        .await
        .unwrap()
}

async fn take(stage: &impl Stage, holding: HoldingId) -> Result<Deprovisioned, ProvisionError> {
    timeout(CALL_MAX, stage.provisioner().deprovision(&holding))
        .await
        .unwrap()
}

async fn look(stage: &impl Stage, holding: HoldingId) -> Observation {
    let look = timeout(CALL_MAX, stage.provisioner().inspect(&holding)).await;
    look.unwrap().unwrap()
}

const fn only(ours: Presence) -> Observation {
    Observation {
        ours,
        foreign: Vec::new(),
    }
}

async fn given_twice_is_given_once(mut stage: impl Stage) {
    let holding = stage.holding();
    for _ in 0..2 {
        assert_eq!(give(&stage, holding.clone()).await, Ok(Provisioned::Done));
        assert!(stage.has(&holding).await);
        assert_eq!(look(&stage, holding.clone()).await, only(Presence::Present));
    }
    for _ in 0..2 {
        assert_eq!(
            take(&stage, holding.clone()).await,
            Ok(Deprovisioned::default())
        );
        assert!(!stage.has(&holding).await);
        assert_eq!(look(&stage, holding.clone()).await, only(Presence::Absent));
    }
    assert_eq!(
        give(&stage, holding.clone()).await,
        Ok(Provisioned::Done),
        "and again"
    );
    assert!(stage.has(&holding).await);
}

async fn what_was_never_given_can_be_taken(mut stage: impl Stage) {
    let holding = stage.holding();
    assert_eq!(look(&stage, holding.clone()).await, only(Presence::Absent));
    assert_eq!(
        take(&stage, holding.clone()).await,
        Ok(Deprovisioned::default())
    );
    assert!(!stage.has(&holding).await);
}

async fn the_end_of_one_holding_leaves_the_other(mut stage: impl Stage) {
    let (holding, other) = (stage.holding(), stage.other());
    give(&stage, holding.clone()).await.unwrap();
    give(&stage, other.clone()).await.unwrap();
    take(&stage, other.clone()).await.unwrap();
    assert!(stage.has(&holding).await);
    assert!(!stage.has(&other).await);
}

async fn standing_access_survives(mut stage: impl Stage) {
    let holding = stage.holding();
    stage.give_standing().await;
    assert!(stage.has(&holding).await);
    let before = look(&stage, holding.clone()).await;
    assert_eq!((before.ours, before.foreign.len()), (Presence::Absent, 1));
    give(&stage, holding.clone()).await.unwrap();
    assert_eq!(look(&stage, holding.clone()).await.foreign, before.foreign);
    for _ in 0..2 {
        take(&stage, holding.clone()).await.unwrap();
        assert!(stage.has(&holding).await);
        assert_eq!(look(&stage, holding.clone()).await, before);
    }
}

async fn what_could_be_given_is_known_beforehand(mut stage: impl Stage) {
    let holding = stage.holding();
    let preflight = stage.provisioner().preflight(&holding);
    assert_eq!(timeout(CALL_MAX, preflight).await.unwrap(), Ok(()));
    assert!(!stage.has(&holding).await, "nothing is done");
    give(&stage, holding.clone()).await.unwrap();
    let preflight = stage.provisioner().preflight(&holding);
    assert_eq!(timeout(CALL_MAX, preflight).await.unwrap(), Ok(()));
    let away = stage.away().await.preflight(&holding).await;
    assert!(
        matches!(away, Err(ProvisionError::Unavailable(_))),
        "{away:?}"
    );
}

async fn all_that_is_there_is_listed(mut stage: impl Stage) {
    let (holding, other) = (stage.holding(), stage.other());
    let place = |holding: &HoldingId| Place {
        account: holding.account.clone(),
        entitlement: holding.entitlement.clone(),
    };
    let entitlements = [holding.entitlement.clone(), other.entitlement.clone()];
    let list = async |stage: &dyn Provisioner| {
        let list = stage.list(&holding.provisioner, &entitlements);
        timeout(CALL_MAX, list).await.unwrap().unwrap()
    };
    let mut expected = Listing::default();
    assert_eq!(list(stage.provisioner()).await, expected);
    give(&stage, holding.clone()).await.unwrap();
    give(&stage, other.clone()).await.unwrap();
    expected.ours = BTreeSet::from([place(&holding), place(&other)]);
    assert_eq!(list(stage.provisioner()).await, expected);
    take(&stage, holding.clone()).await.unwrap();
    stage.give_standing().await;
    let seen = look(&stage, holding.clone()).await.foreign;
    expected.ours = BTreeSet::from([place(&other)]);
    expected.foreign = BTreeMap::from([(place(&holding), seen.into_iter().collect())]);
    assert_eq!(list(stage.provisioner()).await, expected);
}

async fn what_comes_late_is_refused(mut stage: impl Stage) {
    let holding = stage.holding();
    let late = give_until(&stage, holding.clone(), LATE).await;
    assert_eq!(late, Err(ProvisionError::TooLate));
    assert!(!stage.has(&holding).await);
}

async fn names_are_never_more_than_names(mut stage: impl Stage) {
    let holding = stage.holding();
    give(&stage, holding.clone()).await.unwrap();
    for odd in [
        "x\"; DROP TABLE secret; --",
        "$(reboot)",
        "../up",
        "a\0b",
        "",
    ] {
        for hostile in [
            HoldingId {
                account: odd.to_owned(),
                ..holding.clone()
            },
            HoldingId {
                entitlement: odd.to_owned(),
                ..holding.clone()
            },
        ] {
            let given = give(&stage, hostile.clone()).await;
            assert!(
                matches!(given, Err(ProvisionError::Refused(_))),
                "{odd:?}: {given:?}"
            );
            assert!(!stage.provisioner().by_hand(&hostile).is_empty());
        }
    }
    assert!(stage.has(&holding).await);
}

async fn silence_leaves_the_outcome_unknown(mut stage: impl Stage) {
    let holding = stage.holding();
    stage.fall_silent().await;
    let given = give(&stage, holding.clone()).await;
    assert!(
        matches!(given, Err(ProvisionError::Unknown(_))),
        "{given:?}"
    );
    stage.speak_again().await;
    assert_eq!(look(&stage, holding.clone()).await, only(Presence::Present));
    assert_eq!(
        take(&stage, holding.clone()).await,
        Ok(Deprovisioned::default())
    );
    assert!(!stage.has(&holding).await);
}

async fn a_target_that_is_away_is_tried_again(stage: impl Stage) {
    let away = stage.away().await;
    let holding = stage.holding();
    let call = Provision {
        holding: holding.clone(),
        request: RequestId::new(1),
        begin_by: IN_TIME,
        not_after: IN_TIME,
    };
    let unavailable = |error: Option<ProvisionError>| {
        assert!(
            matches!(error, Some(ProvisionError::Unavailable(_))),
            "{error:?}"
        );
    };
    unavailable(
        timeout(CALL_MAX, away.provision(&call))
            .await
            .unwrap()
            .err(),
    );
    unavailable(
        timeout(CALL_MAX, away.deprovision(&holding))
            .await
            .unwrap()
            .err(),
    );
    unavailable(
        timeout(CALL_MAX, away.inspect(&holding))
            .await
            .unwrap()
            .err(),
    );
    unavailable(
        timeout(CALL_MAX, away.list(&holding.provisioner, &[]))
            .await
            .unwrap()
            .err(),
    );
}

/// Holds a kind of target against every promise.
macro_rules! conforms {
    ($kind:ident: $stage:ty) => {
        mod $kind {
            use super::*;

            conforms!(@ $stage:
                given_twice_is_given_once
                what_was_never_given_can_be_taken
                the_end_of_one_holding_leaves_the_other
                standing_access_survives
                what_could_be_given_is_known_beforehand
                all_that_is_there_is_listed
                what_comes_late_is_refused
                names_are_never_more_than_names
                silence_leaves_the_outcome_unknown
                a_target_that_is_away_is_tried_again
            );
        }
    };
    (@ $stage:ty: $($promise:ident)+) => {$(
        #[tokio::test]
        async fn $promise() {
            super::$promise(<$stage>::create().await).await;
        }
    )+};
}

conforms!(commands: command::Doors);
conforms!(postgres_15: postgres::Fifteen);
conforms!(postgres_newest: postgres::Newest);
