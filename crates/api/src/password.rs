//! Passwords: Argon2id with the parameters that OWASP recommends, off the runtime's threads, a few at a time.
//!
//! Their memory is kept for the next ones. Given back to the allocator, it would stay with the thread that hashed: some
//! hundred wrong passwords would fill a small machine.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use store::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Memory per hash in KiB; with two passes and one lane: OWASP's password storage cheat sheet, second choice.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const SALT_BYTES: usize = 16;
/// The shortest password, in characters.
pub(crate) const LETTERS_MIN: usize = 10;
/// The longest password, in bytes.
pub(crate) const BYTES_MAX: usize = 1_024;
/// How many passwords are hashed at a time; each takes [`MEMORY_KIB`] and a core.
const AT_A_TIME: usize = 2;

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_A_TIME)));
/// The memory of slots that are free, the one used last on top; those that were never used have none.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// Verified against where there is no account, so that the answer takes as long.
static NOBODY: OnceLock<Option<String>> = OnceLock::new();

fn memory() -> MutexGuard<'static, Vec<Vec<Block>>> {
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place for one hash. It belongs to the work and not to who waits for it: they may go away before it is done.
struct Slot {
    memory: Vec<Block>,
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    async fn free() -> Result<Self, Problem> {
        let permit = Arc::clone(&SLOTS).acquire_owned().await.map_err(Problem::bug)?;
        Ok(Self {
            memory: memory().pop().unwrap_or_default(),
            _permit: permit,
        })
    }

    fn compute(&mut self, argon2: &Argon2<'_>, password: &str, salt: &[u8], out: &mut [u8]) -> argon2::Result<()> {
        let blocks = argon2.params().block_count();
        if self.memory.len() < blocks {
            self.memory.resize(blocks, Block::new());
        }
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut self.memory)
    }

    fn hash(&mut self, password: &str) -> Result<String, String> {
        let mut hash = || -> argon2::password_hash::Result<PasswordHash> {
            let params = Params::new(MEMORY_KIB, PASSES, 1, None)?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let salt: [u8; SALT_BYTES] = rand::random();
            let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
            self.compute(&argon2, password, &salt, &mut out)?;
            Ok(PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(argon2.params())?,
                salt: Some(Salt::new(&salt)?),
                hash: Some(Output::new(&out)?),
            })
        };
        hash().map(|hash| hash.to_string()).map_err(|error| error.to_string())
    }

    /// Whether the password is the one of this hash; `None` for what is no hash of ours.
    fn matches(&mut self, password: &str, kept: &str) -> Option<bool> {
        let kept = PasswordHash::new(kept).ok()?;
        let (salt, expected) = (kept.salt?, kept.hash?);
        let algorithm = Algorithm::try_from(kept.algorithm.as_str()).ok()?;
        let version = kept.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        let argon2 = Argon2::new(algorithm, version, Params::try_from(&kept).ok()?);
        let mut out = [0; Output::MAX_LENGTH];
        let out = out.get_mut(..expected.len())?;
        self.compute(&argon2, password, &salt, out).ok()?;
        // Outputs are compared in constant time.
        Some(Output::new(out).ok()? == expected)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        memory().push(std::mem::take(&mut self.memory));
    }
}

/// The hash to keep.
pub(crate) async fn hash(password: Secret) -> Result<String, Problem> {
    let mut slot = Slot::free().await?;
    let hash = tokio::task::spawn_blocking(move || slot.hash(password.expose()));
    hash.await.map_err(Problem::bug)?.map_err(Problem::bug)
}

/// Whether the password is the one whose hash was kept. Takes as long without a hash.
pub(crate) async fn verify(password: Secret, kept: Option<String>) -> Result<bool, Problem> {
    let mut slot = Slot::free().await?;
    let verdict = tokio::task::spawn_blocking(move || {
        let is_known = kept.is_some();
        let nobody = || {
            NOBODY
                .get_or_init(|| slot.hash("nobody has this password").ok())
                .clone()
        };
        let Some(kept) = kept.or_else(nobody) else {
            return false;
        };
        slot.matches(password.expose(), &kept) == Some(true) && is_known
    });
    verdict.await.map_err(Problem::bug)
}

/// Refuses passwords that are too short, too long, or given away by the account itself.
pub(crate) fn check(password: &str, email: &str, name: &str) -> Result<(), Problem> {
    let refused = |why: String| Err(Problem::field("password", why));
    if password.chars().count() < LETTERS_MIN {
        return refused(format!("is too short: at least {LETTERS_MIN} characters"));
    }
    if password.len() > BYTES_MAX {
        return refused(format!("is too long: at most {BYTES_MAX} bytes"));
    }
    let letters: std::collections::HashSet<char> = password.chars().collect();
    let lower = password.to_lowercase();
    let gives_away = [email, name, email.split('@').next().unwrap_or_default()];
    let is_given_away = gives_away
        .iter()
        .map(|word| word.trim().to_lowercase())
        .any(|word| word.chars().count() >= 4 && lower.contains(&word) && lower.len() < word.len() + 6);
    if letters.len() < 4 || is_given_away {
        return refused("is easy to guess: take a longer one, such as a few words in a row".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Hashing and checking.

    use store::Secret;

    use super::{AT_A_TIME, MEMORY_KIB, check, hash, memory, verify};

    #[tokio::test]
    async fn only_the_right_password_is_right_and_nobody_has_one() {
        let kept = hash(Secret::new("correct horse battery")).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            verify(Secret::new("correct horse battery"), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(!verify(Secret::new("correct horse batterx"), Some(kept)).await.unwrap());
        assert!(!verify(Secret::new("nobody has this password"), None).await.unwrap());
        assert!(!verify(Secret::new("x"), Some("not a hash".to_owned())).await.unwrap());
    }

    #[tokio::test]
    async fn passwords_share_the_memory_of_those_before() {
        let attempts = (0..8).map(|at| verify(Secret::new(format!("wrong password {at}")), None));
        futures_util::future::join_all(attempts).await;
        let memory = memory();
        assert!(memory.len() <= AT_A_TIME, "{}", memory.len());
        for blocks in memory.iter() {
            assert!([0, MEMORY_KIB as usize].contains(&blocks.len()), "{}", blocks.len());
        }
    }

    #[test]
    fn passwords_that_are_easy_to_guess_are_refused() {
        let check = |password: &str| check(password, "ada.fisher@example.org", "Ada Fisher").is_ok();
        assert!(check("ten letters and more"));
        assert!(check("ada.fisher has a long one"));
        for bad in [
            "",
            "short",
            "aaaaaaaaaaaaaaa",
            "ada fisher1",
            "ADA.FISHER12",
            &"ab1é".repeat(300),
        ] {
            assert!(!check(bad), "{bad}");
        }
    }
}
