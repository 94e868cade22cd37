//! Compares the decision with a slow reference that is written from the text of the rights page, over many random
//! questions. The reference shares no code with [`super::evaluate`]: it has its own idea of terms, addresses and days.

use std::collections::BTreeMap;

use super::*;
use crate::policy::User;

const QUESTIONS: u32 = 200_000;
/// Each outcome occurs at least this often, so that agreement means something.
const SEEN_AT_LEAST: u32 = 500;

// ------------------------------------------------------------------ the reference

/// A right with the first and the end moment of its use, in ticks.
type Times = (Option<u64>, Option<u64>);

/// What the reference answers: the rights by folded name, the rule, `offline_until` and `fresh_until`.
#[derive(PartialEq, Eq, Debug)]
struct Answer {
    rights: BTreeMap<String, Times>,
    rule: Rule,
    decided: u64,
    offline_until: Option<u64>,
    fresh_until: u64,
}

fn ticks(moment: Option<Timestamp>) -> Option<u64> {
    moment.map(Timestamp::filetime)
}

/// Some days later; no license names a moment after the year 9999.
fn days_later(now: u64, days: u32) -> u64 {
    let later = u128::from(now) + u128::from(days) * 24 * 60 * 60 * 10_000_000;
    let last = u128::from(Timestamp::parse("9999-12-31T23:59").unwrap().filetime());
    u64::try_from(later.min(last)).unwrap()
}

/// Rule 4: by e-mail or any of the account's aliases, letter case aside. (Questions hold cased letters of ASCII only.)
fn is_account(identity: &Identity, address: &str) -> bool {
    let mut addresses = vec![&identity.email];
    addresses.extend(&identity.aliases);
    addresses.iter().any(|known| known.eq_ignore_ascii_case(address))
}

fn is_party(identity: &Identity, party: &Option<String>) -> bool {
    match party {
        Some(address) => is_account(identity, address),
        None => false,
    }
}

/// Rule 4: the entry names the user, a group it belongs to, ANYONE, or OWNER.
fn names_user(entry: &Grant, identity: &Identity, is_owner: bool) -> bool {
    match &entry.user {
        User::Email(address) => {
            let mut named = is_account(identity, address);
            for group in &identity.groups {
                if group.eq_ignore_ascii_case(address) {
                    named = true;
                }
            }
            named
        }
        User::Anyone => true,
        User::Owner => is_owner,
        User::Null => false,
    }
}

fn later_start(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a > b { a } else { b }),
        (Some(a), None) => Some(a),
        (None, b) => b,
    }
}

fn earlier_end(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a < b { a } else { b }),
        (Some(a), None) => Some(a),
        (None, b) => b,
    }
}

fn full_control() -> BTreeMap<String, Times> {
    BTreeMap::from([("owner".to_owned(), (None, None))])
}

fn reference(policy: &Policy, identity: &Identity, moment: Timestamp) -> Result<Answer, Refusal> {
    let now = moment.filetime();
    let (start, end) = (ticks(policy.validity.from), ticks(policy.validity.until));
    let is_issuer = is_party(identity, &policy.issuer);
    let is_owner = is_party(identity, &policy.owner);

    // Decision 7: an enabled super user is exempt from expiry, start date and revocation. Each use is logged, so a use
    // license at hand serves only where the authority cannot be asked. Rule 7: issuer and owner can always open offline,
    // and are no less issuer and owner for being super users.
    if identity.super_user {
        let always_offline = is_issuer || is_owner;
        return Ok(Answer {
            rights: full_control(),
            rule: Rule::SuperUser,
            decided: now,
            offline_until: if always_offline { None } else { Some(days_later(now, policy.offline_days)) },
            fresh_until: now,
        });
    }

    // Rule 2 and decision 13: refused to everyone but the issuer, for the issuer's own revocation.
    match policy.revoked {
        Some(Revoked::ByAdministrator) => return Err(Refusal::Revoked),
        Some(Revoked::ByIssuer) if !is_issuer => return Err(Refusal::Revoked),
        Some(Revoked::ByIssuer) | None => {}
    }

    // Rule 4: the issuer always has OWNER; rule 3: whatever the term; rule 7: offline without end.
    if is_issuer {
        return Ok(Answer {
            rights: full_control(),
            rule: Rule::Issuer,
            decided: now,
            offline_until: None,
            fresh_until: days_later(now, policy.offline_days),
        });
    }

    // Rule 3: before the start and past the end nobody gets a license but the issuer, the owner and super users.
    if !is_owner && start.is_some_and(|start| now < start) {
        return Err(Refusal::NotYetValid);
    }
    if !is_owner && end.is_some_and(|end| now >= end) {
        return Err(Refusal::Expired);
    }

    // Rule 4: the union of every entry that names the user. The owner keeps everything that it has, whatever the time.
    let mut rights: BTreeMap<String, Times> = BTreeMap::new();
    let mut first_reason = None;
    let mut intervals = Vec::new();
    for entry in &policy.grants {
        if !names_user(entry, identity, is_owner) {
            continue;
        }
        let mut from = None;
        let mut until = None;
        if !is_owner {
            from = later_start(ticks(entry.range.from), start);
            until = earlier_end(ticks(entry.range.until), end);
            // Decision 9: the life of the use license, counted from now; rule 7: 0 means a fresh one each time, and
            // the right still holds in the one that is asked for now.
            if let Some(days) = entry.interval_days
                && days != 0
            {
                until = earlier_end(until, Some(days_later(now, days)));
            }
        }
        let reason = if from.is_some_and(|from| now < from) {
            Some(Refusal::EntryNotYetValid)
        } else if until.is_some_and(|until| now >= until) {
            Some(Refusal::EntryExpired)
        } else {
            None
        };
        if reason.is_some() {
            if first_reason.is_none() {
                first_reason = reason;
            }
            continue;
        }
        if let Some(days) = entry.interval_days {
            intervals.push(days);
        }
        let name = entry.right.name().to_ascii_lowercase();
        let joined = match rights.get(&name) {
            None => (from, until),
            // Both hold now, so together they hold from the earlier start to the later end; open is without end.
            Some((other_from, other_until)) => (
                if from.is_none() || other_from.is_none() { None } else { earlier_end(from, *other_from) },
                if until.is_none() || other_until.is_none() { None } else { later_start(until, *other_until) },
            ),
        };
        rights.insert(name, joined);
    }

    // Rule 5: no right left means no license.
    if rights.is_empty() {
        return Err(first_reason.unwrap_or(Refusal::NoRights));
    }

    // Rule 7 and decision 9: the offline days, or the shortest interval of an entry that grants something now.
    intervals.push(policy.offline_days);
    intervals.sort_unstable();
    let days = intervals[0];
    let days_end = days_later(now, days);
    if is_owner {
        // Rule 7: always offline, whatever the setting and the expiry; asked about again after the days.
        return Ok(Answer { rights, rule: Rule::Owner, decided: now, offline_until: None, fresh_until: days_end });
    }
    // Content expiry beats offline days.
    let serves_until = earlier_end(Some(days_end), end).unwrap();
    Ok(Answer {
        rights,
        rule: Rule::Entries,
        decided: now,
        offline_until: Some(serves_until),
        fresh_until: serves_until,
    })
}

// ------------------------------------------------------------------ the questions

/// A small generator with a fixed seed, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    /// Few people, so that they meet; in different letter case, and two that only look alike.
    fn address(&mut self) -> String {
        const ADDRESSES: [&str; 8] = [
            "kim@x.example",
            "KIM@X.example",
            "\u{212A}im@x.example",
            "lee@x.example",
            "Lee@x.EXAMPLE",
            "omar@x.example",
            "staff@x.example",
            "Readers@x.example",
        ];
        self.pick(&ADDRESSES).to_owned()
    }

    fn party(&mut self) -> Option<String> {
        (!self.one_in(3)).then(|| self.address())
    }

    /// A moment on or right beside a day's beginning, so that ends are hit exactly; sometimes at the end of time.
    fn moment(&mut self) -> Timestamp {
        let day = match self.below(64) {
            0 => Timestamp::LAST,
            1 => Timestamp::default().plus_days(1),
            _ => Timestamp::parse("2024-03-01T00:00").unwrap().plus_days(u32::try_from(self.below(12)).unwrap()),
        };
        Timestamp::from_filetime(day.filetime() + 1 - self.below(3))
    }

    fn term(&mut self, open: u64) -> Validity {
        let mut end = || (self.below(100) >= open).then(|| self.moment());
        Validity { from: end(), until: end() }
    }

    fn days(&mut self) -> u32 {
        match self.below(12) {
            0 | 1 => 0,
            2 => 30,
            3 => 10_000_000,
            4 => u32::MAX,
            _ => u32::try_from(self.below(6)).unwrap(),
        }
    }

    fn grant(&mut self) -> Grant {
        let user = match self.below(10) {
            0 => User::Anyone,
            1 | 2 => User::Owner,
            3 => User::Null,
            _ => User::Email(self.address()),
        };
        let right = self.pick(&["VIEW", "view", "PRINT", "EDIT", "OWNER", "Acme.Stamp", "ACME.stamp"]);
        let interval_days = self.one_in(3).then(|| self.days());
        Grant { user, right: Right::read(right), range: self.term(75), interval_days }
    }

    fn policy(&mut self) -> Policy {
        let count = self.below(7);
        Policy {
            issuer: self.party(),
            owner: self.party(),
            grants: (0..count).map(|_| self.grant()).collect(),
            validity: self.term(70),
            offline_days: self.days(),
            revoked: match self.below(12) {
                0 => Some(Revoked::ByIssuer),
                1 => Some(Revoked::ByAdministrator),
                _ => None,
            },
        }
    }

    fn identity(&mut self) -> Identity {
        let (aliases, groups) = (self.below(3), self.below(3));
        Identity {
            aliases: (0..aliases).map(|_| self.address()).collect(),
            groups: (0..groups).map(|_| self.address()).collect(),
            administrator: self.one_in(4),
            super_user: self.one_in(16),
            ..Identity::of(&self.address())
        }
    }
}

fn as_answer(granted: &GrantedRights) -> Answer {
    let times = |range: Validity| (ticks(range.from), ticks(range.until));
    let rights: BTreeMap<_, _> =
        granted.rights.iter().map(|g| (g.right.name().to_ascii_lowercase(), times(g.range))).collect();
    assert_eq!(rights.len(), granted.rights.len(), "a right is granted twice: {granted:?}");
    Answer {
        rights,
        rule: granted.rule,
        decided: granted.decided.filetime(),
        offline_until: ticks(granted.offline_until),
        fresh_until: granted.fresh_until.filetime(),
    }
}

#[test]
fn random_questions_get_the_answer_of_the_rights_page() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for number in 0..QUESTIONS {
        let (policy, identity, now) = (dice.policy(), dice.identity(), dice.moment());
        let decided = evaluate(&policy, &identity, now).map(|decision| as_answer(decision.granted()));
        let expected = reference(&policy, &identity, now);
        assert_eq!(decided, expected, "question {number}: {policy:#?} {identity:#?} {now:?}");
        let outcome = match expected {
            Ok(answer) => format!("{:?}, offline {}", answer.rule, answer.offline_until.is_some()),
            Err(refusal) => format!("{refusal:?}"),
        };
        *seen.entry(outcome).or_default() += 1;
    }
    assert_eq!(seen.len(), 11, "four rules, one of them with two ends, and six refusals: {seen:?}");
    assert!(seen.values().all(|count| *count >= SEEN_AT_LEAST), "{seen:?}");
}

#[test]
fn nobody_gains_by_time_alone_or_by_a_revocation() {
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    for _ in 0..QUESTIONS / 4 {
        let (policy, identity, now) = (dice.policy(), dice.identity(), dice.moment());
        let revoked = Policy { revoked: Some(Revoked::ByAdministrator), ..policy.clone() };
        assert_eq!(evaluate(&revoked, &identity, now).is_ok(), identity.super_user, "{policy:?} {identity:?}");
        let Ok(decision) = evaluate(&policy, &identity, now) else { continue };
        let granted = decision.into_granted();
        assert!(
            granted.rights.iter().all(|right| right.range.contains(now)),
            "a right that does not hold: {granted:?}"
        );
        if granted.rule == Rule::Entries {
            let end = policy.validity.until;
            assert!(
                end.is_none_or(|end| granted.fresh_until <= end && granted.offline_until.is_some_and(|o| o <= end))
            );
            let outlives =
                |right: &GrantedRight| end.is_some() && right.range.until.is_none_or(|until| Some(until) > end);
            assert!(!granted.rights.iter().any(outlives), "a right outlives the content: {granted:?}");
        }
    }
}
