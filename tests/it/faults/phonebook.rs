//! Faults of a contact file.

use std::fs;

use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    world::AllKinds,
};

use super::scene::found_in;
use crate::harness::{PATIENT, start};

/// A gateway that starts with this instead of the contact file answers from the CRMs alone, or says
/// that it cannot; when the file is there, it answers from that.
async fn try_instead(contents: Option<&[u8]>, is_alone: bool) {
    let contacts = messy_contacts(5);
    let crms = AllKinds::start(&contacts);
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join(AllKinds::CONTACT_FILE);
    if let Some(contents) = contents {
        fs::write(&book, contents).unwrap();
    }
    let adapters = crms.adapters_toml(folder.path());
    let text = if is_alone {
        format!(
            "[adapters.book]{}",
            adapters.split_once("[adapters.book]").unwrap().1
        )
    } else {
        adapters
    };
    let gateway = start(&text.replace("file = ", "check_interval_ms = 0\nfile = "));
    let asked: Vec<&str> = if is_alone {
        vec!["book"]
    } else {
        AllKinds::IDS.to_vec()
    };
    let expected = |id: &&str| if *id == "book" { "error" } else { "ok" };

    let reply = gateway.lookup(MIA_NUMBER).await;
    assert_eq!(
        reply.outcomes(),
        asked.iter().map(expected).collect::<Vec<_>>()
    );
    assert_eq!(reply.header("x-lookup-complete"), "false");
    if is_alone {
        assert_eq!((reply.status, reply.code()), (502, "crms_failed"));
    } else {
        assert_eq!(found_in(&reply), AllKinds::SERVERS.into_iter().collect());
    }

    fs::write(&book, AllKinds::contact_file(&contacts)).unwrap();
    let whole = async {
        loop {
            let reply = gateway.lookup(MIA_NUMBER).await;
            if reply.header("x-lookup-complete") == "true" {
                return reply;
            }
        }
    };
    let reply = tokio::time::timeout(PATIENT, whole).await.unwrap();
    assert_eq!(found_in(&reply), asked.into_iter().collect());
}

#[tokio::test]
async fn a_missing_contact_file() {
    for is_alone in [false, true] {
        try_instead(None, is_alone).await;
    }
}

#[tokio::test]
async fn a_contact_file_without_contacts_in_it() {
    for is_alone in [false, true] {
        try_instead(Some(&[0xff, 0xfe, 0x00, 0x80, 0x7b]), is_alone).await;
    }
}
