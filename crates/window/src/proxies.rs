//! Proxies: whose word is taken for the address of a visitor. Nobody's, unless the operator names them.

use std::net::IpAddr;

/// Steps of `X-Forwarded-For` that are looked at.
const STEPS_MAX: usize = 16;
const NETS_MAX: usize = 64;

/// Addresses of proxies in front of the house: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// Reads addresses and networks with commas between them; `None` when one of them is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let nets = text.split(',').map(str::trim).filter(|net| !net.is_empty());
        let nets: Option<Vec<(IpAddr, u8)>> = nets.map(net).collect();
        nets.filter(|nets| nets.len() <= NETS_MAX).map(Self)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(net, length)| {
            let (bits, all) = (bits(address), bits(*net));
            address.is_ipv4() == net.is_ipv4() && shift(bits ^ all, address, *length) == 0
        })
    }

    /// The visitor's address: the last one in the header that is not one of ours. Without trusted proxies, or
    /// when the connection does not come from one, the header is a claim of the visitor and is not read.
    #[must_use]
    pub fn visitor(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut visitor = peer.to_canonical();
        for step in forwarded.rsplit(',').take(STEPS_MAX) {
            if !self.has(visitor) {
                break;
            }
            let Some(before) = address(step.trim()) else { break };
            visitor = before;
        }
        visitor
    }
}

fn net(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let length = if length.is_empty() { longest } else { length.parse().ok()? };
    (length <= longest).then_some((address, length))
}

/// One step of the header; some proxies add a port or brackets.
fn address(step: &str) -> Option<IpAddr> {
    let bare = step.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(step);
    let parsed = bare.parse().or_else(|_| bare.rsplit_once(':').map_or(bare, |(before, _)| before).parse());
    parsed.ok().map(|address: IpAddr| address.to_canonical())
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn shift(bits: u128, address: IpAddr, length: u8) -> u128 {
    let all = if address.is_ipv4() { 32 } else { 128 };
    bits.checked_shr(u32::from(all - length.min(all))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(proxies: &str, peer: &str, forwarded: &str) -> String {
        Proxies::read(proxies).unwrap().visitor(peer.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn a_header_counts_only_when_it_comes_from_a_trusted_proxy() {
        assert_eq!(visitor("", "203.0.113.9", "198.51.100.1"), "203.0.113.9", "off by default");
        assert_eq!(visitor("10.0.0.0/8", "203.0.113.9", "198.51.100.1"), "203.0.113.9", "not our proxy");
        assert_eq!(visitor("10.0.0.0/8", "10.1.2.3", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            visitor("10.0.0.0/8", "10.1.2.3", "1.1.1.1, 198.51.100.1"),
            "198.51.100.1",
            "the rest is a claim"
        );
        assert_eq!(
            visitor("10.0.0.0/8", "10.1.2.3", "198.51.100.1, 10.9.9.9"),
            "198.51.100.1",
            "two of ours"
        );
        assert_eq!(visitor("10.0.0.0/8", "10.1.2.3", "nonsense"), "10.1.2.3");
        assert_eq!(visitor("10.0.0.0/8", "10.1.2.3", ""), "10.1.2.3");
        assert_eq!(visitor("::1, fd00::/8", "fd00::7", "[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(visitor("127.0.0.1", "::ffff:127.0.0.1", "198.51.100.1:4711"), "198.51.100.1");
        assert_eq!(visitor("0.0.0.0/0", "10.1.2.3", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in ["10.0.0.0/33", "proxy.example", "10.0.0.0/x", "fd00::/129"] {
            assert_eq!(Proxies::read(wrong), None, "{wrong}");
        }
    }
}
