//! `[server]`: where we listen, and how we log.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::Section;
use crate::telemetry::{FILTER_DEFAULT, LogFilter, LogForm};

/// `[server]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// The chat's HTTP endpoints.
    pub listen: SocketAddr,
    /// Health and metrics.
    pub admin_listen: SocketAddr,
    /// Where operators' commands come in.
    pub admin_socket: PathBuf,
    /// Allows an `api_url` elsewhere; every message and event then says TEST.
    pub test_mode: bool,
    /// How log lines look.
    pub log: LogForm,
    /// Which log lines there are.
    pub log_filter: LogFilter,
}

impl ServerConfig {
    pub(super) fn read(section: &Section<'_, '_>) -> Option<Self> {
        let listen = section.parse_or("listen", "127.0.0.1:8420");
        let admin_listen = section.parse_or("admin_listen", "127.0.0.1:8422");
        let admin_socket = section.path_or("admin_socket", "breakglass.sock");
        let test_mode = section.flag("test_mode");
        let log = section.parse_or("log", "human");
        let log_filter = section.parse_or("log_filter", FILTER_DEFAULT);
        Some(Self {
            listen: listen?,
            admin_listen: admin_listen?,
            admin_socket: admin_socket?,
            test_mode: test_mode?,
            log: log?,
            log_filter: log_filter?,
        })
    }
}
