//! Lists of what an iterator gives.

/// `collect` into a list, plainly: one push after the other. What the standard library writes out for each kind of iterator takes twice as
/// much of the web module, and there are a hundred.
pub(crate) trait Listed: Iterator + Sized {
    /// What it gives, in its order.
    fn listed(self) -> Vec<Self::Item> {
        let mut list = Vec::with_capacity(self.size_hint().0);
        for item in self {
            list.push(item);
        }
        list
    }
}

impl<I: Iterator> Listed for I {}
