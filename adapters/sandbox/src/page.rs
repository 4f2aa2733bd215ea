//! The web page: shows the workspace as one of its people sees it, and lets them act.

mod act;
mod files;
mod guard;
mod guild;
mod live;
mod picture;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::sandbox::Sandbox;

/// All routes of the page.
pub(crate) fn routes(sandbox: Sandbox) -> Router {
    let guard = from_fn_with_state(sandbox.address(), guard::same_origin);
    Router::new()
        .route("/", get(files::index))
        .route("/discord", get(files::guild))
        .route("/page/guild/state", get(guild::state))
        .route("/page/guild/act", post(guild::act))
        .route("/page/files/{name}", get(files::file))
        .route("/page/state", get(picture::state))
        .route("/page/live", get(live::live))
        .route("/page/slash", post(act::slash))
        .route("/page/say", post(act::say))
        .route("/page/choose", post(act::choose))
        .route("/page/enter", post(act::enter))
        .route("/page/submit", post(act::submit))
        .route("/page/close", post(act::close))
        .route("/page/options", post(act::options))
        .route("/page/shortcut", post(act::shortcut))
        .route("/page/home", post(act::home))
        .route("/page/read", post(act::read))
        .layer(guard)
        .with_state(sandbox)
}
