//! The SQL of a lookup.

use crate::{module::Module, pattern::Pattern};

/// `(contacts.phone_mobile LIKE '%7%9%…' OR …)`: columns and the pattern's digits and `%` are all
/// that is in it. Columns without their table fail in the database (`crm-apis.md` §7).
pub(super) fn where_clause(module: Module, pattern: &Pattern) -> String {
    let conditions = module.phone_fields().iter().map(|field| {
        let (table, pattern) = (module.table(), pattern.as_str());
        format!("{table}.{field} LIKE '{pattern}'")
    });
    let conditions: Vec<String> = conditions.collect();
    format!("({})", conditions.join(" OR "))
}

#[cfg(test)]
mod tests {
    use whocalls_testkit::{contacts::SPELLED, number};

    use super::*;

    #[test]
    fn a_query_names_every_phone_column_with_its_table() {
        let pattern = Pattern::of(&number(SPELLED)).unwrap();
        assert_eq!(
            where_clause(Module::Accounts, &pattern),
            "(accounts.phone_office LIKE '%2%1%5%5%2%2%0%0%0%' \
             OR accounts.phone_alternate LIKE '%2%1%5%5%2%2%0%0%0%')"
        );
    }
}
