//! Decorators around a CRM adapter: observation, guard, time budget, cache, limits.
