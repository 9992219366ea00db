//! How a dump is opened: mapped files, containers, standard input; what is not a dump is told apart here.
