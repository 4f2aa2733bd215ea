use tokio::sync::mpsc;

use super::*;

#[tokio::test]
async fn a_thousand_are_handed_in_in_their_order() {
    let (queue, mut waiting) = mpsc::channel(1_000);
    let all = (0..1_000).map(|number| {
        let queue = queue.clone();
        async move { queue.send(number).await.unwrap() }
    });
    begun_in_order(all).await;
    let mut taken = Vec::new();
    waiting.recv_many(&mut taken, 1_000).await;
    assert!(taken.into_iter().eq(0..1_000));
}
