//! Addresses of objects on the command line.

/// An address as it was typed: with `0x` a hexadecimal number, without it perhaps a decimal one, as other tools print them.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Read as a hexadecimal number.
    pub hexadecimal: Option<u64>,
    /// Read as a decimal number, where it may be one.
    pub decimal: Option<u64>,
}

/// Reads an address; the `0x` may be missing.
pub fn address(text: &str) -> Result<Address, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let read = |digits: &str, radix| {
        // `+1` is a number for Rust, but no address.
        let digits = Some(digits).filter(|digits| !digits.starts_with('+'))?;
        u64::from_str_radix(digits, radix).ok()
    };
    let address = match digits {
        Some(digits) => Address {
            hexadecimal: read(digits, 16),
            decimal: None,
        },
        None => Address {
            hexadecimal: read(text, 16),
            decimal: read(text, 10),
        },
    };
    match address.hexadecimal.or(address.decimal) {
        Some(_) => Ok(address),
        None => Err(
            "an address is a hexadecimal number as reports print it, such as 0x7851e9c00"
                .to_owned(),
        ),
    }
}
