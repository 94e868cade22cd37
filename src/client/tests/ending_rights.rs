//! Rights that end before the use license does: what counts on a handle that was open then, and on one opened later.

use super::*;
use crate::base::time::Validity;
use crate::cipher::{Buffers, PackageId};

const AUTHOR: &str = "author@contoso.example";

/// Content in GCM4K of a template that gives everyone VIEW without end, and some rights until the morning of 2024-03-05.
fn content(world: &World, ending: &[&str]) -> Arc<[u8]> {
    let known = world.store.templates().unwrap().remove(0);
    let range = Validity { from: None, until: Timestamp::parse("2024-03-05T09:00") };
    let view = Grant::new(User::Anyone, Right::read("VIEW"));
    let ending = ending.iter().map(|right| Grant { range, ..Grant::new(User::Anyone, Right::read(right)) });
    let grants = std::iter::once(view).chain(ending).collect();
    let template = RightsPolicyTemplate { grants, offline_days: Some(30), modified: world.clock.now(), ..known };
    world.store.put_template(&template).unwrap();
    let mut draft = world.application.draft_from_template(&template.id.to_string()).unwrap();
    draft.set_package(Some(PackageId::Aes256Gcm4k)).unwrap();
    let key = world.application.publish(&draft, &Prompt { keep: Keep::Nowhere, ..prompt(AUTHOR) }).unwrap();
    Arc::clone(key.serialized())
}

fn encrypt(key: &Key) -> Result<usize> {
    let mut sealed = vec![0; 8192];
    key.encrypt(0, true, Buffers::separate(b"text", &mut sealed))
}

fn is_refused<T>(result: Result<T>) -> bool {
    matches!(result.map_err(|error| error.kind().clone()), Err(ErrorKind::RightNotGranted { .. }))
}

#[test]
fn a_right_that_ended_does_not_serve_keys_that_are_opened_later() {
    for restart in [false, true] {
        let world = World::new();
        let license = content(&world, &["EDIT", "EXTRACT", "EDITRIGHTSDATA", "VIEWRIGHTSDATA"]);
        let early = world.open(&license, LEE).unwrap();
        world.at("2024-03-05T08:59");
        let in_time = world.open_offline(&license, LEE).unwrap();
        world.at("2024-03-05T09:00");
        let world = if restart { world.restarted() } else { world };
        let late = world.open_offline(&license, LEE).unwrap();

        // Work that was begun goes on (decision 15).
        for key in [&early, &in_time, &early.as_cbc4k().unwrap()] {
            encrypt(key).unwrap();
            key.demand_unprotecting(false).unwrap();
            key.demand_key_reuse().unwrap();
            key.demand_rights_reading().unwrap();
            assert!(key.write_key().is_some());
        }
        for key in [&late, &late.as_cbc4k().unwrap()] {
            assert!(is_refused(encrypt(key)) && is_refused(key.encrypted_len(0, true, 4)));
            assert!(is_refused(key.demand_writing()) && is_refused(key.demand_unprotecting(false)));
            assert!(is_refused(key.demand_key_reuse()) && is_refused(key.demand_rights_reading()));
            assert!(key.write_key().is_none());
            key.demand_reading().unwrap();
            key.decrypted_len_bound(0, true, 4096).unwrap();
        }
    }
}

#[test]
fn an_owner_in_time_is_none_later() {
    let world = World::new();
    let license = content(&world, &["OWNER"]);
    let early = world.open(&license, LEE).unwrap();
    world.at("2024-03-06T09:00");
    let late = world.open_offline(&license, LEE).unwrap();
    world.application.edit_metadata(&license, &early).unwrap();
    encrypt(&early).unwrap();
    assert!(is_refused(world.application.edit_metadata(&license, &late)) && is_refused(encrypt(&late)));
}
