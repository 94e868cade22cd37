//! Who gets the write key of a license, and where it goes.

use super::*;
use crate::cipher::PackageId;

const EDITING: &[&str] = &["VIEW", "EDIT"];

fn authenticated(world: &World, entries: &[(&str, &[&str])]) -> Draft {
    let mut draft = world.scratch(entries);
    draft.set_package(Some(PackageId::Aes256Gcm4k)).unwrap();
    draft
}

#[test]
fn those_who_may_write_get_the_write_key_and_readers_do_not() {
    let world = World::new();
    let license = world.publish(&authenticated(&world, &[(LEE, EDITING), (OMAR, &["VIEW", "PRINT", "EXTRACT"])]));
    let reader = world.open(&license, OMAR).unwrap();
    assert!(reader.write_key().is_none());
    let public = reader.write_verifier().unwrap().expect("readers verify");
    for who in [LEE, DANA] {
        let writer = world.open(&license, who).unwrap();
        let signature = writer.write_key().expect("writers sign").sign(b"root").unwrap();
        public.verify(b"root", &signature).unwrap();
    }
}

#[test]
fn publisher_signs_with_the_key_that_later_writers_get() {
    let world = World::new();
    let key = world.application.publish(&authenticated(&world, &[(LEE, EDITING)]), &prompt(DANA)).unwrap();
    let later = world.open(key.serialized(), LEE).unwrap();
    assert_eq!(key.write_key(), later.write_key());
    assert!(key.write_key().is_some());
}

#[test]
fn write_key_stays_with_the_kept_use_license() {
    let world = World::new();
    let license = world.publish(&authenticated(&world, &[(LEE, EDITING), (OMAR, &["VIEW"])]));
    let first = world.open(&license, LEE).unwrap();
    world.open(&license, OMAR).unwrap();
    let world = world.restarted();
    assert_eq!(world.open_offline(&license, LEE).unwrap().write_key(), first.write_key());
    assert!(first.write_key().is_some());
    assert!(world.open_offline(&license, OMAR).unwrap().write_key().is_none());
}

#[test]
fn republishing_with_the_same_content_key_keeps_the_pair_for_those_who_may_write() {
    let world = World::new();
    for (rights, keeps) in [
        (&["VIEW", "EDITRIGHTSDATA", "EDIT"][..], true),
        (&["EDITRIGHTSDATA", "DOCEDIT"], true),
        (&["EDITRIGHTSDATA", "EXPORT"], true),
        (&["OWNER"], true),
        // Its secret would sign changed content under the old license.
        (&["VIEW", "EDITRIGHTSDATA", "EXTRACT", "PRINT"], false),
        (&["EDITRIGHTSDATA"], false),
    ] {
        let license = world.publish(&authenticated(&world, &[(LEE, rights)]));
        let old = Arc::new(world.open(&license, LEE).unwrap());
        assert_eq!(old.write_key().is_some(), keeps, "{rights:?}");
        let mut draft = world.scratch(&[(OMAR, EDITING)]);
        draft.set_content_key(Arc::clone(&old)).unwrap();
        let new = world.application.publish(&draft, &prompt(LEE)).unwrap();
        let (before, after) = (old.write_verifier().unwrap().unwrap(), new.write_verifier().unwrap().unwrap());
        assert_eq!(before == after, keeps, "{rights:?}");
        assert_eq!(new.content_key(), old.content_key());
        let secrets = [new.write_key().unwrap().public().unwrap(), {
            let writer = world.open(new.serialized(), OMAR).unwrap();
            writer.write_key().unwrap().public().unwrap()
        }];
        assert!(secrets.iter().all(|public| *public == after), "{rights:?}");
    }
}

#[test]
fn every_license_has_its_own_pair_and_unauthenticated_content_none() {
    let world = World::new();
    let verifier = |draft: &Draft| {
        let license = world.publish(draft);
        world.open(&license, DANA).unwrap().write_verifier().unwrap()
    };
    let first = verifier(&authenticated(&world, &[(LEE, EDITING)]));
    let second = verifier(&authenticated(&world, &[(LEE, EDITING)]));
    assert!(first.is_some() && second.is_some() && first != second);
    assert_eq!(verifier(&world.scratch(&[(LEE, EDITING)])), None);
}
