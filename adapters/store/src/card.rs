//! Where cards stand. A view only: if it is lost, cards are drawn anew.

use std::collections::BTreeMap;

use breakglass_core::id::{Platform, RequestId};
use breakglass_core::notice::CardKind;
use breakglass_core::port::chat::MessageRef;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use crate::database::Flush;
use crate::entity::card::{self, Column};
use crate::error::StoreError;
use crate::number::{from_db, to_db};
use crate::outbox::Draft;
use crate::store::Store;
use crate::write::{Piled, WRITTEN_MAX, Work};

/// A card on a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnCard {
    /// Which chat.
    pub platform: Platform,
    /// Which card.
    pub kind: CardKind,
    /// Of which request.
    pub request: RequestId,
    /// Where it stands.
    pub message: MessageRef,
    /// The record as of which it was drawn.
    pub drawn: u64,
}

impl Store {
    /// Remembers where a card stands and what it shows, unless what is remembered is newer.
    pub async fn keep_card(&self, drawn: &DrawnCard) -> Result<(), StoreError> {
        let row = card::Model {
            platform: drawn.platform.as_str().to_owned(),
            kind: Draft::card_name(drawn.kind).to_owned(),
            request: to_db(drawn.request.number()),
            channel: drawn.message.channel.clone(),
            message: drawn.message.message.clone(),
            drawn: to_db(drawn.drawn),
        };
        self.writer().pile(&self.piles().cards, Kept(row)).await
    }

    /// Where a card stands, if it was drawn.
    pub async fn card(
        &self,
        platform: Platform,
        kind: CardKind,
        request: RequestId,
    ) -> Result<Option<DrawnCard>, StoreError> {
        let key = (
            platform.as_str().to_owned(),
            Draft::card_name(kind).to_owned(),
            to_db(request.number()),
        );
        let row = card::Entity::find_by_id(key)
            .one(&self.database().reader)
            .await?;
        Ok(row.map(|row| drawn(row, platform, kind)))
    }

    /// The card that is this message, if we remember it.
    pub async fn card_at(
        &self,
        platform: Platform,
        message: &MessageRef,
    ) -> Result<Option<DrawnCard>, StoreError> {
        let row = card::Entity::find()
            .filter(Column::Platform.eq(platform.as_str()))
            .filter(Column::Channel.eq(&message.channel))
            .filter(Column::Message.eq(&message.message))
            .one(&self.database().reader)
            .await?;
        let kinds = [CardKind::Approvers, CardKind::Security];
        Ok(row.and_then(|row| {
            let kind = kinds
                .into_iter()
                .find(|kind| Draft::card_name(*kind) == row.kind)?;
            Some(drawn(row, platform, kind))
        }))
    }

    /// The message is gone: the card is to be posted anew.
    pub async fn forget_card(&self, drawn: &DrawnCard) -> Result<(), StoreError> {
        let (platform, kind) = (drawn.platform.as_str(), Draft::card_name(drawn.kind));
        let (request, message) = (to_db(drawn.request.number()), drawn.message.message.clone());
        self.writer()
            .write(Flush::Later, move |transaction| {
                Box::pin(async move {
                    card::Entity::delete_many()
                        .filter(Column::Platform.eq(platform))
                        .filter(Column::Kind.eq(kind))
                        .filter(Column::Request.eq(request))
                        .filter(Column::Message.eq(message))
                        .exec(transaction)
                        .await?;
                    Ok(())
                })
            })
            .await
    }
}

/// A card, as it is written down.
#[derive(Debug)]
pub(crate) struct Kept(card::Model);

impl Piled for Kept {
    const FLUSH: Flush = Flush::Later;
    const ON_POSTGRES: bool = false;
    type Answer = ();

    fn write_all(all: Vec<Self>, transaction: &DatabaseTransaction) -> Work<'_, Vec<()>> {
        Box::pin(async move {
            let many = all.len();
            let mut newest = BTreeMap::<_, card::Model>::new();
            for Kept(row) in all {
                let key = (row.platform.clone(), row.kind.clone(), row.request);
                if newest
                    .get(&key)
                    .is_none_or(|other| other.drawn <= row.drawn)
                {
                    newest.insert(key, row);
                }
            }
            let rows: Vec<card::Model> = newest.into_values().collect();
            for some in rows.chunks(WRITTEN_MAX) {
                let told = Expr::col((Alias::new("excluded"), Column::Drawn));
                let or_newer =
                    OnConflict::columns([Column::Platform, Column::Kind, Column::Request])
                        .update_columns([Column::Channel, Column::Message, Column::Drawn])
                        .action_and_where(Expr::col((card::Entity, Column::Drawn)).lte(told))
                        .to_owned();
                let some = some.iter().map(|row| row.clone().into_active_model());
                card::Entity::insert_many(some)
                    .on_conflict(or_newer)
                    .exec_without_returning(transaction)
                    .await?;
            }
            Ok(vec![(); many])
        })
    }
}

fn drawn(row: card::Model, platform: Platform, kind: CardKind) -> DrawnCard {
    DrawnCard {
        platform,
        kind,
        request: RequestId::new(from_db(row.request)),
        message: MessageRef {
            channel: row.channel,
            message: row.message,
        },
        drawn: from_db(row.drawn),
    }
}
