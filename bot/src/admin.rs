//! The admin socket: operators' commands to the running server.
