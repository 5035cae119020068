//! Secured keys: `base64(hex(HMAC-SHA256(signing key, parameters)) ++ parameters)`.
//!
//! Ours carry whom they were made for (`userToken`) and when they end (`validUntil`). What the person may see is not
//! in the key: it is looked up at every request, and the session or API key that the search key was made under must
//! still stand. The signature is checked over the raw bytes, in constant time; nothing is serialised again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use model::{Asker, KeyId, SessionId, Timestamp, UserId};
use sha2::Sha256;
use store::{Token, Tx};

use super::{APPLICATION_ID, Search};
use crate::caller::Caller;
use crate::problem::Problem;

/// How long a key works, in milliseconds.
const LASTS_MS: i64 = 3_600_000;
/// Longer texts are no keys of ours.
const BYTES_MAX: usize = 4_096;
/// Hex digits of the signature.
const SIGNATURE_BYTES: usize = 64;

/// For whom a key was made, and under what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyHolder {
    /// Somebody in a browser: the key ends with the session.
    Session(UserId, SessionId),
    /// A program: the key ends with the API key.
    ApiKey(UserId, KeyId),
}

impl KeyHolder {
    /// The holder that a caller is.
    pub(crate) fn of(caller: &Caller) -> Option<Self> {
        match caller {
            Caller::User { person, session, .. } => Some(Self::Session(person.id, *session)),
            Caller::Key { person, key, .. } => Some(Self::ApiKey(person.id, *key)),
            Caller::Anonymous | Caller::Operator => None,
        }
    }

    fn to_token(self) -> String {
        match self {
            Self::Session(user, session) => format!("u{user}.s{session}"),
            Self::ApiKey(user, key) => format!("u{user}.k{key}"),
        }
    }

    fn from_token(token: &str) -> Option<Self> {
        let (user, rest) = token.strip_prefix('u')?.split_once('.')?;
        let user = user.parse().ok()?;
        if let Some(session) = rest.strip_prefix('s') {
            return Some(Self::Session(user, session.parse().ok()?));
        }
        Some(Self::ApiKey(user, rest.strip_prefix('k')?.parse().ok()?))
    }

    /// What the holder may see at this moment; `None` once the account, session or API key has ended.
    pub(crate) fn asker(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Asker>, store::Error> {
        let (user, standing) = match self {
            Self::Session(user, session) => (user, tx.find_user_of_session(session, now)?),
            Self::ApiKey(user, key) => (user, tx.find_user_of_api_key(key, now)?),
        };
        if standing == Some(user) {
            tx.asker_for_user(user).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Makes a key for a holder; answers it and when it ends.
pub(crate) async fn mint(search: &Search, holder: KeyHolder) -> Result<(String, Timestamp), Problem> {
    let signing_key = search.signing_key().await?;
    let until = search.api.clock.now().plus_ms(LASTS_MS);
    let parameters = format!("userToken={}&validUntil={}", holder.to_token(), until.0 / 1_000);
    let mut raw = signature(signing_key, parameters.as_bytes())?;
    raw.push_str(&parameters);
    Ok((STANDARD.encode(raw), until))
}

/// For whom a key was made, if it is one of ours and has not ended.
pub(crate) async fn verify(search: &Search, key: &str) -> Result<Option<KeyHolder>, Problem> {
    let signing_key = search.signing_key().await?;
    Ok(verified(signing_key, key, search.api.clock.now()))
}

fn verified(signing_key: &[u8], key: &str, now: Timestamp) -> Option<KeyHolder> {
    if key.len() > BYTES_MAX {
        return None;
    }
    let raw = STANDARD.decode(key).ok()?;
    let (given, parameters) = raw.split_at_checked(SIGNATURE_BYTES)?;
    let mut digest = [0_u8; SIGNATURE_BYTES / 2];
    for (byte, pair) in digest.iter_mut().zip(given.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(signing_key).ok()?;
    mac.update(parameters);
    mac.verify_slice(&digest).ok()?;
    // Only now is it known that the text is ours.
    let (mut holder, mut until_s) = (None, None);
    for (name, value) in url::form_urlencoded::parse(parameters) {
        match name.as_ref() {
            "userToken" => holder = KeyHolder::from_token(&value),
            "validUntil" => until_s = value.parse::<i64>().ok(),
            _ => return None,
        }
    }
    let ends_at_ms = until_s?.checked_mul(1_000)?;
    if ends_at_ms <= now.0 {
        return None;
    }
    holder
}

fn signature(signing_key: &[u8], parameters: &[u8]) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(signing_key).map_err(Problem::bug)?;
    mac.update(parameters);
    Ok(crate::hex::of(&mac.finalize().into_bytes()))
}

impl Search {
    /// The key that signs: made on first use, kept sealed, opened once per process.
    async fn signing_key(&self) -> Result<&[u8], Problem> {
        let opened = self.signing_key.get_or_try_init(|| async {
            let place = format!("search_key/{APPLICATION_ID}");
            let kept = self.api.store.read(|tx| tx.find_search_key(APPLICATION_ID)).await?;
            let sealed = if let Some(sealed) = kept {
                sealed
            } else {
                {
                    let fresh = Token::fresh("");
                    let sealed = self.api.store.sealer().seal(&place, fresh.expose().as_bytes())?;
                    let now = self.api.clock.now();
                    self.api
                        .store
                        .write(move |tx| tx.ensure_search_key(APPLICATION_ID, &sealed, now))
                        .await?
                }
            };
            Ok::<_, Problem>(self.api.store.sealer().unseal(&place, &sealed)?)
        });
        opened.await.map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    //! What is a key and what is not.

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use model::{KeyId, SessionId, Timestamp, UserId};

    use super::{KeyHolder, signature, verified};

    const KEY: &[u8] = b"the key that signs";

    fn key(parameters: &[u8]) -> String {
        let mut raw = signature(KEY, parameters).unwrap().into_bytes();
        raw.extend(parameters);
        STANDARD.encode(raw)
    }

    #[test]
    fn a_key_says_for_whom_it_was_made_until_it_ends() {
        let key = key(b"userToken=u7.s9&validUntil=100");
        let holder = Some(KeyHolder::Session(UserId(7), SessionId(9)));
        assert_eq!(verified(KEY, &key, Timestamp(99_999)), holder);
        assert_eq!(verified(KEY, &key, Timestamp(100_000)), None);
        assert_eq!(verified(b"another", &key, Timestamp(0)), None);
    }

    #[test]
    fn the_order_of_parameters_does_not_matter_and_their_presence_does() {
        let at = |parameters: &[u8]| verified(KEY, &key(parameters), Timestamp(0));
        assert_eq!(
            at(b"validUntil=100&userToken=u7.k1"),
            Some(KeyHolder::ApiKey(UserId(7), KeyId(1)))
        );
        for bad in [
            &b"userToken=u7.s9"[..],
            b"validUntil=100",
            b"userToken=u7.s9&validUntil=9223372036854775807",
            b"userToken=u7.s9&validUntil=100&filters=a:b",
            b"userToken=u7&validUntil=100",
            b"userToken=7.s9&validUntil=100",
            b"\xff\xfe&validUntil=100",
            b"",
        ] {
            assert_eq!(at(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_was_changed_or_is_no_key_is_refused() {
        let good = key(b"userToken=u7.s9&validUntil=100");
        let mut raw = STANDARD.decode(&good).unwrap();
        for at in 0..raw.len() {
            raw[at] ^= 1;
            assert_eq!(verified(KEY, &STANDARD.encode(&raw), Timestamp(0)), None, "byte {at}");
            raw[at] ^= 1;
        }
        for bad in [
            "",
            "a",
            "AAAA",
            "\u{e9}",
            &"A".repeat(5_000),
            &STANDARD.encode([0xff; 70]),
        ] {
            assert_eq!(verified(KEY, bad, Timestamp(0)), None);
        }
    }
}
