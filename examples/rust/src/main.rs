//! The smallest app with Hearken: an event sets a campaign off, the message is drawn in the terminal, and the journal is
//! exported. Run it twice: the second time the message is not shown again, and it says why.
//!
//! ```sh
//! cargo run -p hearken-example -- shop.db
//! ```

use std::error::Error;
use std::path::Path;

use hearken::{Block, Client, Consent, Sqlite, props};

const PLAYBOOK: &str = include_str!("../playbook.json");

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: hearken-example FILE")?;
    visit(Path::new(&path), &mut |line| println!("{line}"))
}

fn visit(path: &Path, say: &mut dyn FnMut(String)) -> Result<(), Box<dyn Error>> {
    let hearken = Client::builder(PLAYBOOK).store(Sqlite::open(path)?).consent(Consent::all()).open()?;
    hearken.track("cart_updated", props! { "items": 2, "top_item": "Lamp" })?;
    while let Some(offer) = hearken.next_presentation()? {
        let drawn = offer.begin()?;
        for block in drawn.message().pages.iter().flat_map(|page| &page.blocks) {
            match block {
                Block::Heading(text) => say(format!("┃ {text}")),
                Block::Text(spans) => {
                    say(format!("┃ {}", spans.iter().map(|span| span.text.as_str()).collect::<String>()));
                }
                Block::Button(button) => say(format!("┃ [ {} ]", button.label)),
                Block::Image(image) => say(format!("┃ ({})", image.alt)),
                _ => {}
            }
        }
        drawn.visible()?;
        drawn.dismiss()?;
    }
    for decision in hearken.take_decisions() {
        say(format!("{}: {}", decision.campaign, decision.outcome.name()));
        if let hearken::Outcome::Stopped { reason, .. } = decision.outcome {
            say(format!("  because: {}", reason.name()));
        }
    }
    while let Some(part) = hearken.export(100)? {
        part.lines.iter().for_each(|line| say(line.clone()));
        hearken.acknowledge(&part.cursor)?;
    }
    hearken.close()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_shown_once_and_the_second_time_it_says_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let run = || {
            let mut lines = Vec::new();
            visit(&path, &mut |line| lines.push(line)).unwrap();
            lines
        };
        let first = run();
        assert!(first.iter().any(|line| line == "┃ Your cart is waiting"));
        assert!(first.iter().any(|line| line.contains("\"$shown\"")));
        let second = run();
        assert!(!second.iter().any(|line| line.starts_with('┃')));
        assert!(second.iter().any(|line| line == "  because: limit"));
    }
}
