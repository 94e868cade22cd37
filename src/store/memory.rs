//! A store that forgets when it is dropped, for tests and trials.

use std::collections::{HashMap, HashSet};

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::directory::{
    check_account, check_group, check_template, cycle, default_addresses, default_name, last_administrator, taken,
};
use super::tracking::Tracking;
use super::trust::{check_service_principal, check_token_issuer};
use super::{
    Account, AuthorityRecord, CarriedList, ClockMark, Directory, Founding, Group, KeptUseLicense, LogCheckpoint,
    ServicePrincipal, Settings, Store, TemplateChange, TokenIssuer, TrackedDocument,
};
use crate::base::guid::Guid;
use crate::base::os::OsAccount;
use crate::base::time::Timestamp;
use crate::crypto::random::Random;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::template::Retirement;
use crate::policy::user::{check_account_address, check_address, fold_address, same_address};
use crate::policy::{Identity, Revocation, RevocationSubject, RightsPolicyTemplate};

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    authority: AuthorityRecord,
    content: Mutex<Content>,
    kept: Mutex<Kept>,
}

/// What needs no turning back when a change fails.
#[derive(Debug, Default)]
struct Kept {
    use_licenses: Vec<KeptUseLicense>,
    clock_mark: Option<Timestamp>,
}

impl Kept {
    fn position(&self, account: &str, license: &[u8; 32]) -> Option<usize> {
        self.use_licenses.iter().position(|kept| kept.account == account && kept.license == *license)
    }
}

fn copy(kept: &KeptUseLicense) -> KeptUseLicense {
    KeptUseLicense {
        account: kept.account.clone(),
        license: kept.license,
        issued: kept.issued,
        until: kept.until,
        content: Zeroizing::new(kept.content.to_vec()),
    }
}

#[derive(Clone, Debug, Default)]
struct Content {
    accounts: Vec<Account>,
    groups: Vec<Group>,
    templates: Vec<RightsPolicyTemplate>,
    settings: Settings,
    tracking: Tracking,
    /// Identifier of the operating system's account, and its address.
    os_accounts: HashMap<String, String>,
    retired: Vec<(RightsPolicyTemplate, Retirement)>,
    token_issuers: Vec<TokenIssuer>,
    principals: Vec<ServicePrincipal>,
    certificates: HashMap<[u8; 32], String>,
}

impl MemoryStore {
    /// A store with the content of a founding.
    #[must_use]
    pub fn new(founding: Founding) -> Self {
        let content = Content {
            os_accounts: HashMap::from([(founding.founder.id, founding.administrator.email.clone())]),
            accounts: vec![founding.administrator],
            templates: founding.templates,
            ..Content::default()
        };
        Self { authority: founding.authority, content: Mutex::new(content), kept: Mutex::default() }
    }

    /// Applies a change to a copy, which takes the place of the content only when all of it succeeded.
    fn change<T>(&self, change: impl FnOnce(&mut Content) -> Result<T>) -> Result<T> {
        let mut content = self.content.lock();
        let mut next = content.clone();
        let answer = change(&mut next)?;
        *content = next;
        Ok(answer)
    }

    /// The same, unless it would take away the last administrator.
    fn change_directory<T>(&self, change: impl FnOnce(&mut Content) -> Result<T>) -> Result<T> {
        self.change(|content| {
            let administered = |content: &Content| content.accounts.iter().any(|account| account.administrator);
            let before = administered(content);
            let answer = change(content)?;
            if before && !administered(content) { Err(last_administrator()) } else { Ok(answer) }
        })
    }
}

impl Content {
    fn account(&self, address: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.addresses().any(|own| same_address(own, address)))
    }

    fn group(&self, address: &str) -> Option<&Group> {
        self.groups.iter().find(|group| same_address(&group.email, address))
    }

    fn group_mut(&mut self, address: &str) -> Result<&mut Group> {
        let found = self.groups.iter_mut().find(|group| same_address(&group.email, address));
        found.ok_or(Error::new(ErrorKind::NotFound { what: "group" }))
    }

    /// Keys of all groups that hold one of the keys, directly or through others.
    fn groups_above(&self, start: impl IntoIterator<Item = String>) -> HashSet<String> {
        let mut above = HashSet::new();
        let mut open: Vec<String> = start.into_iter().collect();
        while let Some(key) = open.pop() {
            for group in &self.groups {
                let group_key = fold_address(&group.email);
                if group.members.iter().any(|member| fold_address(member) == key) && above.insert(group_key.clone()) {
                    open.push(group_key);
                }
            }
        }
        above
    }

    fn put_account(&mut self, account: &Account) -> Result<()> {
        for address in account.addresses() {
            let other = self.account(address).is_some_and(|found| !same_address(&found.email, &account.email));
            if other || self.group(address).is_some() {
                return Err(taken(address));
            }
        }
        match self.accounts.iter_mut().find(|found| same_address(&found.email, &account.email)) {
            Some(found) => *found = account.clone(),
            None => self.accounts.push(account.clone()),
        }
        Ok(())
    }

    fn put_group(&mut self, group: &Group) -> Result<()> {
        if self.account(&group.email).is_some() {
            return Err(taken(&group.email));
        }
        let key = fold_address(&group.email);
        let above = self.groups_above([key]);
        if group.members.iter().any(|member| above.contains(&fold_address(member))) {
            return Err(cycle(&group.email));
        }
        match self.groups.iter_mut().find(|found| same_address(&found.email, &group.email)) {
            Some(found) => *found = group.clone(),
            None => self.groups.push(group.clone()),
        }
        Ok(())
    }

    fn forget_member(&mut self, address: &str) {
        for group in &mut self.groups {
            group.members.retain(|member| !same_address(member, address));
        }
    }
}

impl Directory for MemoryStore {
    fn identity(&self, address: &str) -> Result<Identity> {
        check_address(address)?;
        let content = self.content.lock();
        let account = content.account(address);
        let all_staff = self.authority.all_staff();
        let mut keys: Vec<String> = vec![fold_address(address), fold_address(&all_staff)];
        let mut identity = match account {
            Some(account) => {
                keys.extend(account.addresses().map(fold_address));
                Identity {
                    display_name: account.shown_name().to_owned(),
                    aliases: account.aliases.clone(),
                    administrator: account.administrator,
                    super_user: account.super_user && content.settings.super_users_enabled,
                    ..Identity::of(&account.email)
                }
            }
            None => Identity::of(address),
        };
        let above = content.groups_above(keys);
        identity.groups = vec![all_staff];
        let held = content.groups.iter().filter(|group| above.contains(&fold_address(&group.email)));
        identity.groups.extend(held.map(|group| group.email.clone()));
        Ok(identity)
    }
}

impl Store for MemoryStore {
    fn authority(&self) -> Result<AuthorityRecord> {
        Ok(self.authority.clone())
    }

    fn account_of(&self, account: &OsAccount) -> Result<String> {
        self.change(|content| {
            if let Some(address) = content.os_accounts.get(&account.id) {
                return Ok(address.clone());
            }
            let free = |address: &String| {
                content.account(address).is_none()
                    && content.group(address).is_none()
                    && !content.os_accounts.values().any(|other| same_address(other, address))
            };
            let address = default_addresses(self.authority.id, account)
                .find(free)
                .ok_or_else(|| Error::internal("no address is left"))?;
            content.put_account(&Account { display_name: default_name(account), ..Account::of(&address) })?;
            content.os_accounts.insert(account.id.clone(), address.clone());
            Ok(address)
        })
    }

    fn account(&self, address: &str) -> Result<Option<Account>> {
        Ok(self.content.lock().account(address).cloned())
    }

    fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.content.lock().accounts.clone())
    }

    fn put_accounts(&self, accounts: &[Account]) -> Result<()> {
        accounts.iter().try_for_each(|account| check_account(self.authority.id, account))?;
        self.change_directory(|content| accounts.iter().try_for_each(|account| content.put_account(account)))
    }

    fn delete_account(&self, address: &str) -> Result<bool> {
        self.change_directory(|content| {
            let Some(at) = content.accounts.iter().position(|account| same_address(&account.email, address)) else {
                return Ok(false);
            };
            let account = content.accounts.remove(at);
            account.addresses().for_each(|own| content.forget_member(own));
            Ok(true)
        })
    }

    fn group(&self, address: &str) -> Result<Option<Group>> {
        Ok(self.content.lock().group(address).cloned())
    }

    fn groups(&self) -> Result<Vec<Group>> {
        Ok(self.content.lock().groups.clone())
    }

    fn put_groups(&self, groups: &[Group]) -> Result<()> {
        groups.iter().try_for_each(|group| check_group(self.authority.id, group))?;
        self.change(|content| groups.iter().try_for_each(|group| content.put_group(group)))
    }

    fn add_member(&self, group: &str, member: &str) -> Result<bool> {
        check_address(member)?;
        self.change(|content| {
            let mut changed = content.group_mut(group)?.clone();
            if changed.members.iter().any(|known| same_address(known, member)) {
                return Ok(false);
            }
            changed.members.push(member.to_owned());
            check_group(self.authority.id, &changed)?;
            content.put_group(&changed)?;
            Ok(true)
        })
    }

    fn remove_member(&self, group: &str, member: &str) -> Result<bool> {
        self.change(|content| {
            let members = &mut content.group_mut(group)?.members;
            let before = members.len();
            members.retain(|known| !same_address(known, member));
            Ok(members.len() != before)
        })
    }

    fn delete_group(&self, address: &str) -> Result<bool> {
        self.change(|content| {
            let before = content.groups.len();
            content.groups.retain(|group| !same_address(&group.email, address));
            let deleted = content.groups.len() != before;
            if deleted {
                content.forget_member(address);
            }
            Ok(deleted)
        })
    }

    fn template(&self, id: Guid) -> Result<Option<RightsPolicyTemplate>> {
        Ok(self.content.lock().templates.iter().find(|template| template.id == id).cloned())
    }

    fn templates(&self) -> Result<Vec<RightsPolicyTemplate>> {
        Ok(self.content.lock().templates.clone())
    }

    fn change_template(&self, id: Guid, change: TemplateChange<'_>) -> Result<RightsPolicyTemplate> {
        let content = &mut *self.content.lock();
        let at = content.templates.iter().position(|known| known.id == id);
        let template = change(at.and_then(|at| content.templates.get(at)).cloned())?;
        check_template(id, &template)?;
        content.retired.retain(|(known, _)| known.id != id);
        match at.and_then(|at| content.templates.get_mut(at)) {
            Some(known) => *known = template.clone(),
            None => content.templates.push(template.clone()),
        }
        Ok(template)
    }

    fn delete_template(&self, id: Guid) -> Result<bool> {
        let content = &mut *self.content.lock();
        let before = content.templates.len() + content.retired.len();
        content.templates.retain(|template| template.id != id);
        content.retired.retain(|(template, _)| template.id != id);
        Ok(content.templates.len() + content.retired.len() != before)
    }

    fn settings(&self) -> Result<Settings> {
        Ok(self.content.lock().settings)
    }

    fn set_offline_days_max(&self, days: u32) -> Result<()> {
        self.content.lock().settings.offline_days_max = days;
        Ok(())
    }

    fn set_super_users_enabled(&self, enabled: bool) -> Result<()> {
        self.content.lock().settings.super_users_enabled = enabled;
        Ok(())
    }

    fn set_log_personal_data(&self, shown: bool) -> Result<()> {
        self.content.lock().settings.log_personal_data = shown;
        Ok(())
    }

    fn use_license(&self, account: &str, license: &[u8; 32]) -> Result<Option<KeptUseLicense>> {
        let kept = self.kept.lock();
        Ok(kept.position(account, license).map(|at| copy(&kept.use_licenses[at])))
    }

    fn keep_use_license(&self, new: &KeptUseLicense, _random: &dyn Random) -> Result<()> {
        let mut kept = self.kept.lock();
        kept.use_licenses.retain(|old| {
            let same_place = old.account == new.account && old.license == new.license;
            !same_place && old.until.is_none_or(|until| until > new.issued)
        });
        kept.use_licenses.push(copy(new));
        Ok(())
    }

    fn forget_use_license(&self, account: &str, license: &[u8; 32]) -> Result<bool> {
        let mut kept = self.kept.lock();
        Ok(kept.position(account, license).map(|at| kept.use_licenses.swap_remove(at)).is_some())
    }

    fn clock_mark(&self) -> Result<ClockMark> {
        Ok(self.kept.lock().clock_mark.map_or(ClockMark::Unknown, ClockMark::At))
    }

    fn raise_clock_mark(&self, moment: Timestamp, _random: &dyn Random) -> Result<()> {
        let mark = &mut self.kept.lock().clock_mark;
        *mark = (*mark).max(Some(moment));
        Ok(())
    }

    fn reset_clock_mark(&self, moment: Timestamp, _random: &dyn Random) -> Result<()> {
        self.kept.lock().clock_mark = Some(moment);
        Ok(())
    }

    fn retired_template(&self, id: Guid) -> Result<Option<(RightsPolicyTemplate, Retirement)>> {
        Ok(self.content.lock().retired.iter().find(|(template, _)| template.id == id).cloned())
    }

    fn retire_template(&self, id: Guid, how: Retirement) -> Result<bool> {
        let content = &mut *self.content.lock();
        let Some(at) = content.templates.iter().position(|template| template.id == id) else { return Ok(false) };
        let template = content.templates.remove(at);
        content.retired.push((template, how));
        Ok(true)
    }

    fn token_issuers(&self) -> Result<Vec<TokenIssuer>> {
        let mut issuers = self.content.lock().token_issuers.clone();
        issuers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(issuers)
    }

    fn put_token_issuer(&self, issuer: &TokenIssuer) -> Result<()> {
        check_token_issuer(issuer)?;
        let issuers = &mut self.content.lock().token_issuers;
        issuers.retain(|known| known.name != issuer.name);
        issuers.push(issuer.clone());
        Ok(())
    }

    fn delete_token_issuer(&self, name: &str) -> Result<bool> {
        let issuers = &mut self.content.lock().token_issuers;
        let before = issuers.len();
        issuers.retain(|known| known.name != name);
        Ok(issuers.len() != before)
    }

    fn service_principal(&self, id: &str, tenant: &str) -> Result<Option<ServicePrincipal>> {
        Ok(self.content.lock().principals.iter().find(|known| known.id == id && known.tenant == tenant).cloned())
    }

    fn put_service_principal(&self, principal: &ServicePrincipal) -> Result<()> {
        check_service_principal(principal)?;
        let principals = &mut self.content.lock().principals;
        principals.retain(|known| (&known.id, &known.tenant) != (&principal.id, &principal.tenant));
        principals.push(principal.clone());
        Ok(())
    }

    fn delete_service_principal(&self, id: &str, tenant: &str) -> Result<bool> {
        let principals = &mut self.content.lock().principals;
        let before = principals.len();
        principals.retain(|known| known.id != id || known.tenant != tenant);
        Ok(principals.len() != before)
    }

    fn certificate_account(&self, thumbprint: &[u8; 32]) -> Result<Option<String>> {
        Ok(self.content.lock().certificates.get(thumbprint).cloned())
    }

    fn put_certificate(&self, thumbprint: &[u8; 32], account: &str) -> Result<()> {
        check_account_address("wszAccount", account)?;
        self.content.lock().certificates.insert(*thumbprint, account.to_owned());
        Ok(())
    }

    fn delete_certificate(&self, thumbprint: &[u8; 32]) -> Result<bool> {
        Ok(self.content.lock().certificates.remove(thumbprint).is_some())
    }

    fn put_revocations(&self, revocations: &[Revocation]) -> Result<()> {
        self.content.lock().tracking.put_revocations(revocations);
        Ok(())
    }

    fn remove_revocations(&self, revocations: &[Revocation]) -> Result<usize> {
        Ok(self.content.lock().tracking.remove_revocations(revocations))
    }

    fn revocations(&self) -> Result<Vec<Revocation>> {
        Ok(self.content.lock().tracking.revocations().to_vec())
    }

    fn revocations_of(&self, subject: &RevocationSubject) -> Result<Vec<Revocation>> {
        let content = self.content.lock();
        Ok(content.tracking.revocations().iter().filter(|revocation| revocation.names(subject)).cloned().collect())
    }

    fn number_revocations(&self) -> Result<(u64, Vec<Revocation>)> {
        Ok(self.content.lock().tracking.number_revocations())
    }

    fn put_revocation_list(&self, list: &CarriedList) -> Result<bool> {
        Ok(self.content.lock().tracking.put_list(list))
    }

    fn revocation_list(&self, signer: &[u8; 32]) -> Result<Option<CarriedList>> {
        Ok(self.content.lock().tracking.list(signer))
    }

    fn put_document(&self, document: &TrackedDocument) -> Result<()> {
        self.content.lock().tracking.put_document(document);
        Ok(())
    }

    fn document(&self, content_id: &str, issuer: &str) -> Result<Option<TrackedDocument>> {
        Ok(self.content.lock().tracking.document(content_id, issuer))
    }

    fn put_log_checkpoint(&self, checkpoint: &LogCheckpoint) -> Result<()> {
        self.content.lock().tracking.put_checkpoint(checkpoint);
        Ok(())
    }

    fn log_checkpoints(&self) -> Result<Vec<LogCheckpoint>> {
        Ok(self.content.lock().tracking.checkpoints())
    }
}
