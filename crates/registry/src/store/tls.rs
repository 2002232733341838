//! TLS to a shared store. Whoever asks for it has the server's certificate checked, with its name: an encrypted
//! way to nobody knows whom is none.
//!
//! `sslmode=require` or `verify-full` in the store's address asks for it; `sslrootcert=FILE` names the authorities
//! to believe (PEM), instead of the public ones. Without either nothing is encrypted.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{
    TlsConnector, client,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
    },
};

use super::Broken;

const MODE: &str = "sslmode";
const ROOTS: &str = "sslrootcert";

/// How to encrypt the way to a store, and whose word about the server's name to take.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

/// The address without what the client does not know, and how to encrypt the way, if it says so.
///
/// # Errors
/// The file of authorities cannot be read or holds none, or the mode is one that checks nothing.
pub fn wanted(url: &str) -> Result<(String, Option<Tls>), Broken> {
    let (start, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut kept, mut mode, mut roots) = (Vec::new(), "", None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((MODE, value)) => mode = value,
            Some((ROOTS, value)) => roots = Some(value.replace("%2F", "/").replace("%20", " ")),
            _ => kept.push(pair.to_owned()),
        }
    }
    let is_wanted = match (mode, &roots) {
        ("require" | "verify-full", _) | ("", Some(_)) => true,
        ("" | "disable", None) => false,
        _ => {
            let text =
                format!("the store: `{MODE}={mode}` checks no certificate; say `verify-full` or `disable`");
            return Err(Broken(text));
        }
    };
    kept.push(format!("{MODE}={}", if is_wanted { "require" } else { "disable" }));
    let tls = if is_wanted { Some(Tls::believing(roots.as_deref())?) } else { None };
    Ok((format!("{start}?{}", kept.join("&")), tls))
}

impl Tls {
    fn believing(file: Option<&str>) -> Result<Self, Broken> {
        let mut roots = RootCertStore::empty();
        match file {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                let told =
                    |error: &dyn std::fmt::Display| Broken(format!("the store: `{ROOTS}` {file}: {error}"));
                for certificate in CertificateDer::pem_file_iter(file).map_err(|error| told(&error))? {
                    let certificate = certificate.map_err(|error| told(&error))?;
                    roots.add(certificate).map_err(|error| told(&error))?;
                }
                if roots.is_empty() {
                    return Err(told(&"there is no certificate in it"));
                }
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Broken(format!("the store: TLS: {error}")))?;
        Ok(Self(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Encrypted<S>;
    type TlsConnect = ToServer;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<ToServer, InvalidDnsNameError> {
        Ok(ToServer { connector: self.0.clone().into(), name: ServerName::try_from(host.to_owned())? })
    }
}

pub struct ToServer {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for ToServer {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Encrypted) })
    }
}

/// The encrypted way itself.
pub struct Encrypted<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    /// The server's name has been checked; its password exchange is not bound to the way besides.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        into: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_encrypted_to_a_checked_name_or_not_at_all() {
        let said = |url: &str| wanted(url).map(|(url, tls)| (url, tls.is_some()));
        let plain = "postgres://k@db/region";
        assert_eq!(said(plain).unwrap(), (format!("{plain}?sslmode=disable"), false));
        assert_eq!(
            said("postgres://k@db/region?a=b&sslmode=verify-full").unwrap(),
            (format!("{plain}?a=b&sslmode=require"), true)
        );
        for checks_nothing in ["prefer", "allow", "verify-ca", "x"] {
            let refused = said(&format!("{plain}?sslmode={checks_nothing}")).unwrap_err();
            assert!(refused.0.contains("checks no certificate"), "{refused}");
        }
        let nowhere = said(&format!("{plain}?sslrootcert=/nowhere/ca.pem")).unwrap_err();
        assert!(nowhere.0.contains("/nowhere/ca.pem"), "{nowhere}");
        let folder = tempfile::TempDir::new().unwrap();
        let empty = folder.path().join("ca.pem");
        std::fs::write(&empty, "no certificate").unwrap();
        let refused = said(&format!("{plain}?sslrootcert={}", empty.display())).unwrap_err();
        assert!(refused.0.contains("no certificate in it"), "{refused}");
    }
}
