//! What is to be written: entries with their content, or with the way to produce it.

use std::fmt;

use super::source::ReadAt;
use super::stream::Stream;
use super::{Attributes, Name};
use crate::error::{Error, Result};

/// Where produced bytes go, in order.
pub type Sink<'s> = dyn FnMut(&[u8]) -> Result<()> + 's;

/// Passes content on when its turn comes.
type Producer<'a> = Box<dyn FnOnce(&mut Sink<'_>) -> Result<()> + 'a>;

/// Bytes copied at a time.
const CHUNK: usize = 64 << 10;

/// The content of a stream: its length, which the layout needs beforehand, and what produces it when its turn comes.
pub struct Content<'a> {
    pub(super) len: u64,
    pub(super) produce: Producer<'a>,
}

impl<'a> Content<'a> {
    /// Content that is at hand.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::produced(bytes.len() as u64, move |sink| sink(&bytes))
    }

    /// The content of a stream of another compound file.
    #[must_use]
    pub fn copy(stream: Stream<'a>) -> Self {
        Self::produced(stream.len(), move |sink| {
            let mut buffer = vec![0; CHUNK];
            let mut offset = 0;
            while offset < stream.len() {
                let count = usize::try_from(stream.len() - offset).unwrap_or(CHUNK).min(CHUNK);
                stream.read_exact_at(offset, &mut buffer[..count])?;
                sink(&buffer[..count])?;
                offset += count as u64;
            }
            Ok(())
        })
    }

    /// Content of `len` bytes that `produce` passes on in order; other than `len` bytes are an error of the writer.
    #[must_use]
    pub fn produced(len: u64, produce: impl FnOnce(&mut Sink<'_>) -> Result<()> + 'a) -> Self {
        Self { len, produce: Box::new(produce) }
    }

    /// Passes the content on.
    ///
    /// # Errors
    /// What producing it reports; `Internal` when it is not as long as was said.
    pub(super) fn send(self, sink: &mut Sink<'_>) -> Result<()> {
        let (len, mut sent) = (self.len, 0u64);
        (self.produce)(&mut |bytes: &[u8]| {
            sent += bytes.len() as u64;
            if sent > len {
                return Err(Error::internal("a stream is longer than was said"));
            }
            sink(bytes)
        })?;
        if sent < len {
            return Err(Error::internal("a stream is shorter than was said"));
        }
        Ok(())
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.len)
    }
}

/// What an entry holds.
#[derive(Debug)]
pub enum Body<'a> {
    /// Other entries, in any order.
    Storage(Vec<Node<'a>>),
    /// Bytes.
    Stream(Content<'a>),
}

/// An entry to be written.
#[derive(Debug)]
pub struct Node<'a> {
    /// The name within its storage.
    pub name: Name,
    /// What the directory says beside name and content.
    pub attributes: Attributes,
    /// What it holds.
    pub body: Body<'a>,
}

impl<'a> Node<'a> {
    /// A storage without class or times.
    #[must_use]
    pub fn storage(name: &str, children: Vec<Self>) -> Self {
        Self { name: name.into(), attributes: Attributes::default(), body: Body::Storage(children) }
    }

    /// A stream.
    #[must_use]
    pub fn stream(name: &str, content: Content<'a>) -> Self {
        Self { name: name.into(), attributes: Attributes::default(), body: Body::Stream(content) }
    }

    /// A stream of bytes that are at hand.
    #[must_use]
    pub fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self::stream(name, Content::bytes(bytes))
    }
}
