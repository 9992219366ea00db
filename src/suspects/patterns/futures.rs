//! Futures that nobody completes collect whoever waits for them.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Bound, Finding, Pattern, Rule};

/// Dependents of one `CompletableFuture`.
pub const CHAIN: Pattern = Pattern {
    id: "completable_future_dependents",
    rows: &[23],
    title: "Dependents of one CompletableFuture that is not completed",
    component: "CompletableFuture",
    wanted: &["java.util.concurrent.CompletableFuture"],
    rule: Rule::Code(chains),
    unit: "dependents",
    advice: "Complete or cancel the future, and do not derive from a shared one for each request; before JDK 21 `orTimeout` leaves its task behind.",
    ..Pattern::PLAIN
};

/// Dependents that are counted at most where the future does not keep as many objects for itself.
const MOST_DEPENDENTS: u64 = 100_000;

fn chains(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let futures = context.readable(pattern.wanted[0]).into_iter();
    let found = futures.filter_map(|future| {
        let first = context.heap.follow(future, "stack")?;
        let most = context.heap.retained_objects(future).max(MOST_DEPENDENTS);
        let length = context.heap.nodes(first, "next", "", most)?;
        let bound = Bound::Usual(1_000);
        let mut found = finding(
            context,
            pattern,
            bound,
            Some(1_000),
            future,
            vec![first],
            length,
        );
        // A pending future with few dependents is ordinary, whatever they hold.
        if length <= 1_000 {
            found.assessment = super::Assessment::ByDesign;
        }
        Some(found)
    });
    found.collect()
}
