//! Bodies that Discord takes, and bodies that it refuses, with the place and the reason.
