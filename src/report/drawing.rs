//! SVG elements for the pictures of pages. All that draws by itself writes them here: texts and values are made harmless and escaped in
//! one place. (`--format svg` is drawn by a library: see [`super::svg`].)

use std::fmt::{self, Display, Write};

use super::neutralise;

/// An element with what is in it.
#[derive(Debug)]
pub struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

impl Element {
    /// An element without attributes and content.
    pub fn new(name: &'static str) -> Element {
        Element {
            name,
            attributes: String::new(),
            content: String::new(),
        }
    }

    /// A picture that is read out as `label`.
    pub fn picture(label: &str) -> Element {
        Element::new("svg")
            .set("role", "img")
            .set("aria-label", label)
    }

    /// A picture that says nothing that is not beside it in words.
    pub fn ornament() -> Element {
        Element::new("svg").set("aria-hidden", "true")
    }

    /// A rectangle that fills its picture, in the colour of a style class.
    pub fn filled(class: &str) -> Element {
        let all = Element::new("rect").set("class", class);
        all.set("width", "100%").set("height", "100%")
    }

    /// A text that begins `x` from the left, its base line `y` from the top.
    pub fn letters(x: impl Display, y: impl Display, text: &str) -> Element {
        let text = Element::new("text").text(text);
        text.set("x", x).set("y", y)
    }

    /// Sets an attribute.
    pub fn set(mut self, name: &str, value: impl Display) -> Element {
        let value = neutralise::html(&value.to_string());
        // Writing to a string does not fail.
        let _ = write!(self.attributes, r#" {name}="{value}""#);
        self
    }

    /// What the pointer shows over the element, and screen readers read.
    pub fn title(self, text: &str) -> Element {
        self.with(Element::new("title").text(text))
    }

    /// Adds a text.
    pub fn text(mut self, text: &str) -> Element {
        self.content.push_str(&neutralise::html(text));
        self
    }

    /// Adds an element.
    pub fn with(mut self, child: Element) -> Element {
        self.add(child);
        self
    }

    /// The same for a picture that is drawn piece by piece.
    pub fn add(&mut self, child: Element) {
        let _ = write!(self.content, "{child}");
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Element {
            name,
            attributes,
            content,
        } = self;
        match content.is_empty() {
            true => write!(f, "<{name}{attributes}/>"),
            false => write!(f, "<{name}{attributes}>{content}</{name}>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_escaped() {
        let inner = Element::filled("f1").title("a < \"b\" & 'c'\u{202e}");
        let picture = Element::picture("x\" onload=\"y").with(inner);
        let written = picture.to_string();
        assert!(
            written.starts_with(r#"<svg role="img" aria-label="x&quot; onload=&quot;y"><rect"#)
        );
        assert!(written.contains("<title>a &lt; &quot;b&quot; &amp; "));
        assert!(!written.contains('\u{202e}'), "{written}");
        assert!(written.ends_with("</title></rect></svg>"), "{written}");
        assert_eq!(
            Element::new("line").set("x1", 0.5).to_string(),
            r#"<line x1="0.5"/>"#
        );
    }
}
