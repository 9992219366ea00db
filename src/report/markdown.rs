//! x
use super::{RenderOptions, Report};
/// x
pub fn render(_r: &Report, _o: &RenderOptions) -> String {
    String::new()
}
