//! What `doctor` says of a server: nothing when it is set up as documented, else what to run.

use breakglass_core::port::provisioner::{Finding, FindingLevel, Presence, ProvisionError};
use breakglass_tests::postgres::{Server, authority};

use super::{Stage, holding, provisioner};

async fn findings(stage: &Stage) -> Vec<Finding> {
    let entitlements = [stage.target.admin.clone(), stage.target.read.clone()];
    stage.provisioner.examine(&entitlements).await
}

fn faults(findings: Vec<Finding>) -> Vec<Finding> {
    findings
        .into_iter()
        .filter(|finding| finding.level != FindingLevel::Ok)
        .collect()
}

#[tokio::test]
async fn the_documented_set_up_has_no_fault() {
    for server in Server::ALL {
        let stage = Stage::create(server).await;
        let findings = findings(&stage).await;
        let (us, admin) = (&stage.target.us, &stage.target.admin);
        assert_eq!(findings[1].what, format!("{us} may grant {admin}"));
        assert_eq!((findings.len(), faults(findings)), (3, vec![]));
    }
}

#[tokio::test]
async fn each_fault_is_mended_by_what_is_said() {
    let faulty = [
        ("ALTER ROLE {us} CREATEDB BYPASSRLS", FindingLevel::Warning),
        (
            "CREATE ROLE {us}_x; GRANT {us}_x TO {us}",
            FindingLevel::Warning,
        ),
        ("REVOKE pg_signal_backend FROM {us}", FindingLevel::Failure),
        (
            "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
            FindingLevel::Failure,
        ),
        (
            "REVOKE ADMIN OPTION FOR {read} FROM {us}",
            FindingLevel::Failure,
        ),
    ];
    let from_16_on = [("GRANT {read} TO {us} WITH SET TRUE", FindingLevel::Warning)];
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        let newest = from_16_on.iter().filter(|_| server == Server::Newest);
        for (fault, level) in faulty.iter().chain(newest) {
            stage.run(fault).await;
            let found = faults(findings(&stage).await);
            assert_eq!(found.len(), 1, "{fault}: {found:?}");
            assert_eq!(found[0].level, *level, "{fault}");
            stage.target.database.run(found[0].mend.clone()).await;
            assert_eq!(faults(findings(&stage).await), [], "{fault}");
        }
    }
}

#[tokio::test]
async fn what_no_statement_mends_is_said_too() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage.run("ALTER ROLE {us} SUPERUSER; ALTER ROLE {read} SUPERUSER; DROP TABLE secret; DROP ROLE {admin}").await;
        let found = faults(findings(&stage).await);
        let what: Vec<_> = found.iter().map(|finding| finding.what.as_str()).collect();
        let (us, admin, read) = (&stage.target.us, &stage.target.admin, &stage.target.read);
        assert_eq!(
            what,
            [
                format!("{us} is a superuser"),
                format!("there is no role {admin}"),
                format!("{read} is a superuser, which can't be given"),
            ]
        );
        assert!(
            found
                .iter()
                .all(|finding| finding.level == FindingLevel::Failure)
        );
        stage
            .run("ALTER ROLE {us} NOSUPERUSER; ALTER ROLE {read} NOSUPERUSER")
            .await;
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_one_line() {
    let found = provisioner("postgres://bg:canary@127.0.0.1:1/x", "")
        .examine(&[])
        .await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].what,
        "can't connect: Connection refused (os error 111)"
    );
}

#[tokio::test]
async fn a_certificate_is_checked_when_asked_for() {
    let stage = Stage::create(Server::Fifteen).await;
    let url = format!("{}?sslmode=verify-full", stage.target.url());
    let ours = format!("root_cert = '{}'", authority().display());
    let seen = provisioner(&url, &ours)
        .inspect(&stage.holding())
        .await
        .unwrap();
    assert_eq!(seen.ours, Presence::Absent);
    let unknown = provisioner(&url, "").inspect(&stage.holding()).await;
    assert!(
        matches!(&unknown, Err(ProvisionError::Refused(why)) if why.contains("certificate")),
        "{unknown:?}"
    );
    let plain = Stage::create(Server::Newest).await;
    let url = format!("{}?sslmode=require", plain.target.url());
    let refused = provisioner(&url, "").inspect(&holding("x", "y")).await;
    assert!(
        matches!(refused, Err(ProvisionError::Refused(_))),
        "{refused:?}"
    );
}
