//! Pictures as static SVG, for readers without scripts and for what needs none: icicle and treemap of the dominator tree, and a bar.
//!
//! Positions from left to right are percentages, positions downwards pixels: letters keep their size on every screen, and each box is an
//! `svg` element of its own that cuts off what is too long for it.

use super::super::blocks::{Bar, Swatch};
use super::super::drawing::Element;
use super::super::units::Units;
use super::tree::Node;

/// Height of a box of the icicle, and levels that are drawn.
const ROW: f64 = 22.0;
const LEVELS: usize = 24;
/// Width that the treemap is laid out for, its height, and the height of the name of a box that holds others.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 320.0;
const TITLE: f64 = 18.0;
/// Narrower boxes (percent) have no name, lower ones (pixels) neither.
const NAMED: [f64; 2] = [3.0, 15.0];
/// Colours of the style sheet.
const COLOURS: u32 = 8;

/// A rectangle: percent from left to right, pixels downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A picture of this height, in pixels, that takes all the width there is.
pub(super) fn still(height: f64, label: &str) -> Element {
    let picture = Element::picture(label).set("class", "still");
    picture.set("width", "100%").set("height", height)
}

/// A picture in `area` of another one, which cuts off what is too long for it.
pub(super) fn part(area: Area) -> Element {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    let part = Element::new("svg").set("x", format_args!("{x:.2}%"));
    let part = part.set("y", format_args!("{y:.0}"));
    let part = part.set("width", format_args!("{width:.2}%"));
    part.set("height", format_args!("{height:.0}"))
}

/// A box of the style class `fill`, with `name` in it where there is room, and `title` for the pointer.
fn boxed(area: Area, fill: &str, name: &str, title: &str) -> Element {
    let part = part(area).title(title).with(Element::filled(fill));
    if area.width < NAMED[0] || area.height < NAMED[1] {
        return part;
    }
    // What the box has no room for is cut here too: the page stays small.
    let letters = (area.width * 2.0) as usize + 4;
    let name: String = name.chars().take(letters).collect();
    part.with(Element::letters(4, 14, &name))
}

/// The style class of a part of a bar.
fn fill(swatch: Swatch) -> String {
    match swatch {
        Swatch::Part(part) => format!("f{}", part % COLOURS as usize),
        Swatch::Unexplained => "hit".to_owned(),
        Swatch::Rest => "rest".to_owned(),
    }
}

/// A small square in the colour of a part, for a list that explains a picture.
pub(super) fn swatch(swatch: Swatch) -> String {
    let square = Element::ornament().set("class", "swatch");
    square.with(Element::filled(&fill(swatch))).to_string()
}

/// How much of a whole something is, as a thin line.
pub(super) fn meter(label: &str, class: &str, share: f64) -> String {
    let share = if share.is_finite() { share } else { 0.0 };
    let width = share.clamp(0.0, 1.0) * 100.0;
    let part = Element::new("rect").set("class", format_args!("meter {class}"));
    let part = part.set("width", format_args!("{width:.3}%"));
    let line = Element::picture(label).set("class", "thin");
    let line = line.with(Element::filled("empty"));
    line.with(part.set("height", "100%")).to_string()
}

/// A bar of parts that follow each other; what is left of the whole stays empty.
pub(super) fn bar(bar: &Bar) -> String {
    let mut picture = still(ROW, &bar.label);
    let whole = Area {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: ROW,
    };
    picture.add(boxed(whole, "rest", "", &bar.label));
    let mut at = 0.0;
    for part in &bar.parts {
        let share = part.bytes as f64 / bar.bytes.max(1) as f64 * 100.0;
        let width = share.min(100.0 - at);
        let area = Area {
            x: at,
            width,
            ..whole
        };
        let (name, title) = (&part.name, &part.title);
        picture.add(boxed(area, &fill(part.swatch), name, title));
        at += width;
    }
    picture.to_string()
}

/// The children of each node, largest first.
fn children(nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); nodes.len()];
    for (i, node) in nodes.iter().enumerate().skip(1) {
        if let Some(list) = children.get_mut(node.parent) {
            list.push(i);
        }
    }
    for list in &mut children {
        list.sort_by_key(|&i| {
            (
                std::cmp::Reverse(nodes.get(i).map_or(0, |node| node.bytes)),
                i,
            )
        });
    }
    children
}

fn share(nodes: &[Node], part: usize, whole: usize) -> f64 {
    let bytes = |i: usize| nodes.get(i).map_or(0, |node| node.bytes);
    if bytes(whole) == 0 {
        return 0.0;
    }
    (bytes(part) as f64 / bytes(whole) as f64).min(1.0)
}

fn name_and_title(node: &Node, units: Units) -> [String; 2] {
    let bytes = units.bytes(node.bytes);
    [
        format!("{} {bytes}", short(&node.name)),
        format!("{}: {bytes}", node.name),
    ]
}

/// The tree from top to bottom, a level in each row, `most` boxes: widths are retained sizes.
pub(super) fn icicle(nodes: &[Node], most: usize, units: Units) -> String {
    let children = children(nodes);
    let whole = Area {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: ROW - 1.0,
    };
    let mut open = std::collections::VecDeque::from([(0, whole, 0)]);
    let mut boxes = Vec::new();
    let mut lowest = 0;
    // Level by level: where there are too many boxes, the lowest are left out.
    while let Some((at, area, level)) = open.pop_front() {
        if boxes.len() >= most {
            break;
        }
        boxes.push((at, area));
        lowest = level;
        if level + 1 >= LEVELS {
            continue;
        }
        let mut x = area.x;
        for &child in children.get(at).into_iter().flatten() {
            let width = (area.width * share(nodes, child, at)).min(area.x + area.width - x);
            let below = Area {
                x,
                y: area.y + ROW,
                width,
                ..area
            };
            if width >= 0.3 {
                open.push_back((child, below, level + 1));
            }
            x += width;
        }
    }
    let height = ROW * (lowest + 1) as f64;
    let mut picture = still(height, "Dominator tree, widths are retained sizes");
    for (at, area) in boxes {
        put(&mut picture, nodes, at, area, units);
    }
    picture.to_string()
}

fn put(picture: &mut Element, nodes: &[Node], at: usize, area: Area, units: Units) {
    let Some(node) = nodes.get(at) else { return };
    let [name, title] = name_and_title(node, units);
    picture.add(boxed(area, &colour(at, &node.name), &name, &title));
}

/// The tree as boxes in boxes, `most` of them: areas are retained sizes.
pub(super) fn treemap(nodes: &[Node], most: usize, units: Units) -> String {
    let children = children(nodes);
    let mut picture = still(HEIGHT, "Dominator tree, areas are retained sizes");
    let whole = Area {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: HEIGHT,
    };
    let mut open = std::collections::VecDeque::from([(0, whole)]);
    for _ in 0..most {
        let Some((at, area)) = open.pop_front() else {
            break;
        };
        put(&mut picture, nodes, at, area, units);
        let inner = inside(area);
        let list = children.get(at).map_or(&[][..], Vec::as_slice);
        let shares: Vec<f64> = list.iter().map(|&i| share(nodes, i, at)).collect();
        let areas = squarified(&shares, inner);
        let visible = |area: &Area| area.width >= 0.3 && area.height >= 3.0;
        let parts = list.iter().copied().zip(areas);
        open.extend(parts.filter(|(_, area)| visible(area)));
    }
    picture.to_string()
}

/// The room for others in a box: below its name and within its border.
fn inside(area: Area) -> Area {
    let title = if area.height > 2.0 * TITLE {
        TITLE
    } else {
        2.0
    };
    Area {
        x: area.x + 0.2,
        y: area.y + title,
        width: (area.width - 0.4).max(0.0),
        height: (area.height - title - 2.0).max(0.0),
    }
}

/// Areas for `shares` of `area`, largest first, close to squares (Bruls, Huizing, van Wijk: Squarified Treemaps). What the shares leave
/// of 1 stays free.
fn squarified(shares: &[f64], mut area: Area) -> Vec<Area> {
    let total = area.width * area.height;
    let mut out = Vec::with_capacity(shares.len());
    let mut rest = shares;
    while let Some(first) = rest.first() {
        let shorter = (area.width / 100.0 * WIDTH).min(area.height);
        let whole = total / 100.0 * WIDTH;
        // Parts are added to a row while that makes its longest box less long.
        let (mut length, mut sum) = (1, *first);
        let mut worst = longest(first * whole, first * whole, shorter);
        while let Some(next) = rest.get(length) {
            let longer = longest(next * whole, (sum + next) * whole, shorter);
            let of_first = longest(first * whole, (sum + next) * whole, shorter);
            if longer.max(of_first) > worst {
                break;
            }
            worst = longer.max(of_first);
            sum += next;
            length += 1;
        }
        let (row, others) = rest.split_at(length);
        area = put_row(row, sum, total, area, &mut out);
        rest = others;
    }
    out
}

/// How long a box of `part` is, in widths or heights, where boxes of `row` lie along a side.
fn longest(part: f64, row: f64, side: f64) -> f64 {
    let (side, row) = (side * side, row * row);
    let ratio = side * part / row;
    ratio.max(1.0 / ratio)
}

/// A row of boxes along the shorter side of `area`; what is left of it.
fn put_row(row: &[f64], sum: f64, total: f64, area: Area, out: &mut Vec<Area>) -> Area {
    let is_wide = area.width / 100.0 * WIDTH > area.height;
    let side = if is_wide { area.height } else { area.width };
    let across = if side > 0.0 { sum * total / side } else { 0.0 };
    let mut at = 0.0;
    for part in row {
        let along = if sum > 0.0 { part / sum * side } else { 0.0 };
        out.push(if is_wide {
            Area {
                x: area.x,
                y: area.y + at,
                width: across,
                height: along,
            }
        } else {
            Area {
                x: area.x + at,
                y: area.y,
                width: along,
                height: across,
            }
        });
        at += along;
    }
    if is_wide {
        Area {
            x: area.x + across,
            width: (area.width - across).max(0.0),
            ..area
        }
    } else {
        Area {
            y: area.y + across,
            height: (area.height - across).max(0.0),
            ..area
        }
    }
}

/// Splits `CACHE: 1,000 × com.acme.Node` before the class.
fn class_in(name: &str) -> (&str, &str) {
    let start = name.rfind(": ").map_or(0, |at| at + 2);
    let rest = name.get(start..).unwrap_or_default();
    let start = start + rest.find("× ").map_or(0, |at| at + "× ".len());
    let rest = name.get(start..).unwrap_or_default();
    let start = start + if rest.starts_with("class ") { 6 } else { 0 };
    name.split_at_checked(start).unwrap_or(("", name))
}

/// The name without the package of its class.
fn short(name: &str) -> String {
    let (lead, class) = class_in(name);
    let simple = class.rsplit('.').next().unwrap_or(class);
    format!("{lead}{simple}")
}

/// The style class of a node: one colour for a package, none for the whole. The script of the page does the same.
fn colour(at: usize, name: &str) -> String {
    if at == 0 {
        return "rest".to_owned();
    }
    let class = class_in(name).1;
    let parts: Vec<&str> = class.split('.').collect();
    let package = parts
        .get(..parts.len().saturating_sub(1).min(3))
        .unwrap_or_default();
    let package = package.join(".");
    let group = if package.is_empty() { class } else { &package };
    let hash = group.chars().fold(0u32, |hash, c| {
        hash.wrapping_mul(31).wrapping_add(u32::from(c))
    });
    format!("f{}", hash % COLOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Area = Area {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: 300.0,
    };

    #[test]
    fn areas_are_shares_and_do_not_overlap() {
        let shares = [0.4, 0.25, 0.1, 0.1, 0.05, 0.01, 0.0];
        let areas = squarified(&shares, WHOLE);
        assert_eq!(areas.len(), shares.len());
        for (share, area) in shares.iter().zip(&areas) {
            let got = area.width * area.height / (WHOLE.width * WHOLE.height);
            assert!((got - share).abs() < 1e-9, "{share}: {area:?}");
            assert!(area.x + area.width <= 100.0 + 1e-9 && area.y + area.height <= 300.0 + 1e-9);
        }
        for (i, a) in areas.iter().enumerate() {
            for b in areas.iter().skip(i + 1) {
                let apart = a.x + a.width <= b.x + 1e-9
                    || b.x + b.width <= a.x + 1e-9
                    || a.y + a.height <= b.y + 1e-9
                    || b.y + b.height <= a.y + 1e-9;
                assert!(apart, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn nothing_to_share_gives_finite_areas() {
        for shares in [&[0.0, 0.0][..], &[]] {
            let flat = Area {
                width: 0.0,
                height: 0.0,
                ..WHOLE
            };
            for area in squarified(shares, flat)
                .into_iter()
                .chain(squarified(shares, WHOLE))
            {
                assert!(area.width.is_finite() && area.height.is_finite());
            }
        }
    }

    #[test]
    fn names_lose_the_package_and_give_it_a_colour() {
        assert_eq!(short("CACHE: 1,000 × com.acme.Node"), "CACHE: 1,000 × Node");
        assert_eq!(short("class com.acme.Shop"), "class Shop");
        assert_eq!(short("byte[]"), "byte[]");
        let of = |name: &str| colour(1, name);
        assert_eq!(of("a: com.acme.shop.A"), of("9 × com.acme.shop.b.B"));
    }
}
