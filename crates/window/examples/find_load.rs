//! How fast the find page answers under load: `cargo run --release -p window --example find_load -- ADDRESS`.
//!
//! 32 connections (or the second argument) ask for 8 seconds (or the third), each its own run of needs in
//! Chinese and English. Every answer is looked at: a page without results counts as wrong. Loopback only.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

const NEEDS: [&str; 20] = [
    "光刻胶",
    "solid state battery",
    "碳化硅 MOSFET 栅氧",
    "mRNA delivery",
    "激光雷达 传感器",
    "university shanghai",
    "量子计算 低温",
    "medical imaging",
    "高温合金 叶片",
    "waste water treatment",
    "机器人 关节 减速器",
    "photonic chip",
    "示例 材料 检测",
    "institute of technology",
    "海洋 监测",
    "catalyst hydrogen",
    "大模型 推理 加速",
    "x-ray microscope",
    "水稻 育种 基因",
    "hospital research centre",
];

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let text = |place: usize, or: &str| arguments.get(place).cloned().unwrap_or_else(|| or.to_owned());
    let address: SocketAddr = text(1, "127.0.0.1:8080").parse().map_err(std::io::Error::other)?;
    if !address.ip().is_loopback() {
        return Err(std::io::Error::other("only loopback is loaded"));
    }
    let connections: usize = text(2, "32").parse().map_err(std::io::Error::other)?;
    let seconds: u64 = text(3, "8").parse().map_err(std::io::Error::other)?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let ask = |n: usize| std::thread::spawn(move || ask(address, n, end));
    let threads: Vec<_> = (0..connections.min(256)).map(ask).collect();
    let mut times: Vec<Duration> = Vec::new();
    let mut wrong = 0;
    for thread in threads {
        let (took, bad) = thread.join().map_err(|_| std::io::Error::other("a connection stopped"))??;
        times.extend(took);
        wrong += bad;
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1000).copied().unwrap_or_default();
    let rate = times.len() as f64 / seconds as f64;
    println!("{} pages, {rate:.0} a second, {wrong} wrong", times.len());
    println!("p50 {:.1?}, p90 {:.1?}, p99 {:.1?}", at(500), at(900), at(990));
    Ok(())
}

/// One connection: asks, reads the whole answer, looks at it, asks again.
fn ask(address: SocketAddr, start: usize, end: Instant) -> std::io::Result<(Vec<Duration>, usize)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut times, mut wrong) = (Vec::new(), 0);
    for need in NEEDS.iter().cycle().skip(start) {
        if Instant::now() >= end {
            break;
        }
        let path = window::visit::escape(need);
        let began = Instant::now();
        write!(stream, "GET /find?q={path} HTTP/1.1\r\nHost: {address}\r\nAccept-Language: en\r\n\r\n")?;
        let page = answer(&mut reader)?;
        times.push(began.elapsed());
        wrong += usize::from(!page.contains("class=\"found\""));
    }
    Ok((times, wrong))
}

fn answer(reader: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim().to_ascii_lowercase().split_once(':') {
            Some(("content-length", value)) => {
                length = value.trim().parse().map_err(std::io::Error::other)?
            }
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
