//! Exit codes: the table of the README as one enum.

use std::process::ExitCode;

use crate::heap::LoadError;
use crate::input::InputError;
use crate::report::output::OutputError;
use crate::verdict::evidence::EvidenceError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The dump was analysed (or the help printed, or the reader of the output went away).
    Analysed = 0,
    /// It could not be, or `--strict` was given and it is damaged.
    Failed = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// A condition of `--fail-on` is met.
    GateExceeded = 3,
}

impl Exit {
    /// The same, or failure where `strict` asks for a `complete` dump.
    pub fn strict(self, strict: bool, complete: bool) -> Exit {
        if strict && !complete {
            Exit::Failed
        } else {
            self
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command did not finish.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The dump cannot be opened.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The dump cannot be analysed.
    #[error("{file}: {error}")]
    Load {
        /// The file.
        file: String,
        /// Why.
        error: LoadError,
    },
    /// The report cannot be written.
    #[error(transparent)]
    Output(OutputError),
    /// Evidence cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Arguments that clap cannot check.
    #[error("{0}; see hprof-suspects --help")]
    Usage(String),
    /// Something else.
    #[error("{0}")]
    Other(String),
    /// Whoever read the output went away: no failure.
    #[error("the output was closed")]
    ClosedPipe,
}

impl Failure {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_)
            | Failure::Evidence(EvidenceError::UnknownOrder { .. })
            | Failure::Output(OutputError::OtherFormat { .. } | OutputError::NoText { .. }) => {
                Exit::Usage
            }
            Failure::ClosedPipe => Exit::Analysed,
            _ => Exit::Failed,
        }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        if error.is_closed_pipe() {
            Failure::ClosedPipe
        } else {
            Failure::Output(error)
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Other(format!("cannot write: {error}")),
        }
    }
}
