//! What is suspicious: holders, groups, accumulation points, known patterns.
