//! x
use super::{RenderOptions, Report};
/// x
pub fn render(_r: &Report, _o: &RenderOptions) -> Result<String, String> {
    Ok(String::new())
}
