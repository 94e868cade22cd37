use super::open::{Opening, Step};
use super::*;
use crate::base::time::SystemClock;
use crate::crypto::random::OsRandom;
use crate::store::conformance;

struct Place {
    _folder: tempfile::TempDir,
    location: StoreLocation,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = StoreLocation {
            data_dir: folder.path().join("data"),
            config_dir: folder.path().join("config"),
            name: None,
        };
        Self { _folder: folder, location }
    }

    fn open_until(&self, unlock: &Unlock, stop: Option<Step>) -> Result<EmbeddedStore> {
        Opening {
            location: &self.location,
            unlock,
            founder: conformance::founder(),
            organization: Some("Fabrikam".into()),
            random: &OsRandom,
            clock: &SystemClock,
            stop,
        }
        .open()
    }

    fn open(&self) -> Result<EmbeddedStore> {
        self.open_until(&Unlock::KeyFile, None)
    }
}

#[test]
fn embedded_store_conforms() {
    let places = std::cell::RefCell::new(Vec::new());
    conformance::run(&|| {
        let place = Place::new();
        let store = place.open().unwrap();
        places.borrow_mut().push(place);
        Box::new(store)
    });
}
