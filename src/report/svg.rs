//! `--format svg`: the dominator tree as an interactive flame graph, or the difference between two inputs as a differential one, drawn by
//! the `inferno` crate.

use inferno::flamegraph::color::{BasicPalette, Palette};
use inferno::flamegraph::{self, Direction, Options};

use super::model::Report;
use super::options::RenderOptions;
use super::{describe, difference, folded, neutralise};

/// An SVG file that a browser zooms and searches; every box is as wide as the bytes it retains.
///
/// # Errors
///
/// What `inferno` said.
pub fn render(report: &Report, options: &RenderOptions) -> Result<Vec<u8>, String> {
    let title = neutralise::plain(&describe::headline(report, options.units()), true);
    let mut settings = Options::default();
    settings.title = neutralise::shorten(&title, 90, "…");
    let mut subtitle = match difference::of(report) {
        Some(difference) => {
            let files = neutralise::plain(&difference::files(report, difference), true);
            format!("Owners: width is what they keep now, red grew, blue shrank, from {files}")
        }
        None => {
            "Dominator tree: width is retained size, below an object what it alone keeps".to_owned()
        }
    };
    if report.tool.values_shown {
        subtitle.push_str(&format!(". CONTAINS VALUES: {}", describe::VALUES_SHOWN));
    }
    settings.subtitle = Some(subtitle);
    settings.count_name = "bytes".to_owned();
    settings.name_type = "Object:".to_owned();
    settings.direction = Direction::Inverted;
    settings.colors = Palette::Basic(BasicPalette::Mem);
    // By name and not at random: same report, same bytes.
    settings.hash = true;
    settings.image_width = Some(1200);
    let lines = folded::render(report);
    let lines = if lines.is_empty() {
        "(nothing) 1\n".to_owned()
    } else {
        lines
    };
    let mut out = Vec::new();
    flamegraph::from_lines(&mut settings, lines.lines(), &mut out).map_err(|e| e.to_string())?;
    Ok(out)
}
