//! TLS by rustls, in the modes of libpq.
//!
//! Channel binding is not offered: it needs the signature algorithm of the server's certificate, and a parser of
//! certificates for that.

use std::env;
use std::fmt;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream as Stream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use crate::Error;

/// How sure we want to be of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SslMode {
    Disable,
    /// Encrypted where the server can.
    #[default]
    Prefer,
    /// Encrypted, with anybody.
    Require,
    /// With a server whose certificate comes from a known authority.
    VerifyCa,
    /// And is for this host.
    VerifyFull,
}

impl FromStr for SslMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<SslMode, Error> {
        Ok(match text {
            "disable" => SslMode::Disable,
            "prefer" | "allow" => SslMode::Prefer,
            "require" => SslMode::Require,
            "verify-ca" => SslMode::VerifyCa,
            "verify-full" => SslMode::VerifyFull,
            other => {
                return Err(Error::refused(
                    format!("no sslmode is called {other}"),
                    "One of disable, prefer, require, verify-ca, verify-full",
                ));
            }
        })
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            SslMode::Disable => "disable",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        })
    }
}

/// Whose signature is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// libpq's file `~/.postgresql/root.crt` where it is, else the system's.
    #[default]
    Usual,
    System,
    File(PathBuf),
}

/// How to use TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    pub mode: SslMode,
    pub roots: Roots,
    /// Our own certificate and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Makes connections with one configuration.
#[derive(Clone)]
pub(super) struct Connector {
    config: Arc<ClientConfig>,
}

impl Connector {
    pub(super) fn new(tls: &Tls) -> Result<Connector, Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match tls.mode {
            SslMode::Disable | SslMode::Prefer | SslMode::Require => Arc::new(Anybody(provider.clone())),
            SslMode::VerifyCa => Arc::new(AnyHost(verifier(&tls.roots, &provider)?)),
            SslMode::VerifyFull => Arc::new(verifier(&tls.roots, &provider)?),
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(impossible)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &tls.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(certificate)?;
                let key = PrivateKeyDer::from_pem_file(key).map_err(|cause| unreadable(key, &cause))?;
                builder.with_client_auth_cert(chain, key).map_err(impossible)?
            }
        };
        Ok(Connector { config: Arc::new(config) })
    }
}

fn verifier(roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Believed, Error> {
    let file = match roots {
        Roots::File(file) => file.clone(),
        Roots::System => system()?,
        Roots::Usual => match usual().filter(|file| file.is_file()) {
            Some(file) => file,
            None => system()?,
        },
    };
    let mut store = RootCertStore::empty();
    // The system's file may hold old certificates that nobody can read; one that was named is read whole.
    let named = certificates(&file)?;
    store.add_parsable_certificates(named.iter().cloned());
    let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build();
    let chains = chains.map_err(|_| {
        Error::refused(
            format!("there is no certificate of an authority in {}", file.display()),
            "Name a file in PEM form: sslrootcert=FILE",
        )
    })?;
    Ok(Believed { named, chains })
}

/// Why the server's certificate was not believed, and what to do about it.
pub(super) fn explain(error: &(dyn std::error::Error + 'static)) -> Option<(String, String)> {
    use CertificateError::{Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer};
    let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
    let rustls::Error::InvalidCertificate(why) = inner.downcast_ref::<rustls::Error>()? else { return None };
    let (said, next) = match why {
        NotValidForNameContext { expected, presented } => {
            let said = format!("the certificate of the server is not for {}", expected.to_str());
            let names: Vec<&str> = presented.iter().map(|name| plain(name)).collect();
            (said, format!("It is for {}: connect by that name; sslmode=verify-ca takes any", names.join(", ")))
        }
        NotValidForName => (
            "the certificate of the server is for another name".to_owned(),
            "Connect by the name that it is for; sslmode=verify-ca takes any".to_owned(),
        ),
        UnknownIssuer => (
            "nobody who is believed signed the certificate of the server".to_owned(),
            "Name who signed it: sslrootcert=FILE; sslmode=require takes any".to_owned(),
        ),
        Expired | ExpiredContext { .. } => (
            "the certificate of the server has expired".to_owned(),
            "The server needs a new one; sslmode=require takes any".to_owned(),
        ),
        _ if signed_itself(why) => (
            "the certificate of the server signed itself, and is not the one that was named".to_owned(),
            "Name it: sslrootcert=FILE; sslmode=require takes any".to_owned(),
        ),
        _ => return None,
    };
    Some((said, next))
}

/// The verifier has no word of its own for an authority that is used as a server.
fn signed_itself(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity"))
}

/// `DnsName("db.example")`, as the verifier prints it, without what is around the name.
fn plain(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

fn usual() -> Option<PathBuf> {
    Some(PathBuf::from(env::var_os("HOME")?).join(".postgresql/root.crt"))
}

/// Where distributions, the BSDs and macOS keep theirs; `SSL_CERT_FILE` as for OpenSSL.
fn system() -> Result<PathBuf, Error> {
    const FILES: [&str; 5] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    let named = env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter();
    let mut files = named.chain(FILES.iter().map(PathBuf::from));
    files.find(|file| file.is_file()).ok_or_else(|| {
        Error::refused("this system has no file of authorities", "Name one: sslrootcert=FILE, or SSL_CERT_FILE=FILE")
    })
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = CertificateDer::pem_file_iter(file).and_then(|found| found.collect::<Result<Vec<_>, _>>());
    read.map_err(|cause| unreadable(file, &cause))
}

fn unreadable(file: &Path, cause: &dyn fmt::Display) -> Error {
    Error::refused(
        format!("{} cannot be read as PEM: {}", file.display(), cause.to_string().trim_start_matches("I/O error: ")),
        "Check sslrootcert, sslcert and sslkey",
    )
}

fn impossible(cause: rustls::Error) -> Error {
    Error::refused(format!("TLS cannot be set up: {cause}"), "Check sslcert and sslkey, or go without: sslmode=disable")
}

impl<S> MakeTlsConnect<S> for Connector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, io::Error> {
        let name = ServerName::try_from(domain.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake { config: self.config.clone(), name })
    }
}

pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted<S>, io::Error>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let connecting = tokio_rustls::TlsConnector::from(self.config).connect(self.name, stream);
        Box::pin(async move { connecting.await.map(Encrypted) })
    }
}

pub(super) struct Encrypted<S>(Stream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Believes every certificate: `require` keeps listeners out, not impostors.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Believes what an authority signed for this host.
///
/// A certificate that signed itself is an authority, too, and the verifier of chains lets no authority be a server. One
/// that is named by the user is the server's own: then its key, and its name, are all that there is to ask.
#[derive(Debug)]
struct Believed {
    named: Vec<CertificateDer<'static>>,
    chains: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Believed {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.named.iter().any(|named| named == certificate) {
            verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        self.chains.verify_server_cert(certificate, between, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Believes what an authority signed, for whatever host. The chain is verified before the name.
#[derive(Debug)]
struct AnyHost(Believed);

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        match self.0.verify_server_cert(certificate, between, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
