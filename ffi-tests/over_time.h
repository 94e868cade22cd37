/* What tests of policy over time begin with. Alice protects on the morning of 2024-03-01, others open later. */
#ifndef MSIPC_TEST_OVER_TIME_H
#define MSIPC_TEST_OVER_TIME_H

#include "admin.h"
#include "clock.h"

/* The morning of 2024-03-01, whatever the test before did to the clock. */
static inline void begin(void)
{
    set_time(2024, 3, 1, 9, 0);
    act_as(NULL);
    REQUIRE_OK(IpcxResetClockMark(NULL));
}

/* As if the process had ended: what was in memory only is gone. */
static inline void restart(void)
{
    REQUIRE_OK(IpcUninitializeEnvironment());
    REQUIRE_OK(IpcInitializeEnvironment());
}

static inline HRESULT open_offline(LPCWSTR account, PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    HRESULT result = try_open(account, license, IPC_PROMPT_FLAG_OFFLINE, &key);
    CHECK((key != NULL) == (result == S_OK));
    return result;
}

static inline HRESULT open_online(LPCWSTR account, PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    return try_open(account, license, 0, &key);
}

/* A license of Alice's that is valid in March 2024. Her own use license is kept nowhere. `owner` may be NULL, `days` less
 * than 0 leaves the interval open. */
static inline PIPC_BUFFER protect_in_march(const Entry *entries, size_t count, LPCWSTR owner, int days)
{
    IPC_LICENSE_HANDLE license;
    IPC_TERM march;
    act_as(ALICE);
    license = scratch_license();
    grant(license, entries, count);
    march.ftStart = filetime_of(ticks_of(2024, 3, 1, 0, 0));
    march.qwDuration = 31ULL * MINUTES_PER_DAY * TICKS_PER_MINUTE;
    set_property(license, IPC_LI_VALIDITY_TIME, &march);
    if (owner != NULL) {
        IPC_USER user;
        user.dwType = IPC_USER_TYPE_EMAIL;
        user.wszID = owner;
        set_property(license, IPC_LI_OWNER, &user);
    }
    if (days >= 0) {
        DWORD interval = (DWORD)days;
        set_property(license, IPC_LI_INTERVAL_TIME, &interval);
    }
    return serialize_with(license, IPC_SL_FLAG_KEY_NO_PERSIST).license;
}

/* How many cases begin: a fresh store, and such a license of which `holder` has a use license. */
static inline PIPC_BUFFER held_in_march(const Entry *entries, size_t count, LPCWSTR owner, int days, LPCWSTR holder)
{
    PIPC_BUFFER license;
    begin();
    license = protect_in_march(entries, count, owner, days);
    CHECK_HR(open_online(holder, license), S_OK);
    return license;
}

/* A template that serves offline for some days, and content of Alice's under it. */
static inline LPCWSTR put_plan(Template *memory, const Entry *entries, size_t count, DWORD days)
{
    new_template(memory, W("Plans"), entries, count);
    memory->value.dwOfflineDays = days;
    return put_template(&memory->value);
}

/* The same template with other entries. */
static inline void change_plan(Template *memory, LPCWSTR id, const Entry *entries, size_t count, DWORD days)
{
    new_template(memory, W("Plans"), entries, count);
    memory->value.wszID = id;
    memory->value.dwOfflineDays = days;
    put_template(&memory->value);
}

static inline PIPC_BUFFER protect_with_plan(LPCWSTR id)
{
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key = NULL;
    act_as(ALICE);
    REQUIRE_OK(IpcSerializeLicense((LPCVOID)id, IPC_SL_TEMPLATE_ID, IPC_SL_FLAG_KEY_NO_PERSIST, NULL, &key, &license));
    my_handle((IPC_HANDLE)key);
    return (PIPC_BUFFER)mine(license);
}

static inline IPCX_REVOCATION revocation_of(PCIPC_BUFFER license)
{
    IPCX_REVOCATION what;
    memset(&what, 0, sizeof what);
    what.cbSize = (DWORD)sizeof what;
    what.dwTarget = IPCX_REVOKE_LICENSE;
    what.pLicense = license;
    return what;
}

static inline HRESULT revoke_as(LPCWSTR account, PCIPC_BUFFER license)
{
    IPCX_REVOCATION what = revocation_of(license);
    act_as(account);
    return IpcxRevoke(&what, NULL);
}

/* Carries the revocations of now, for some days, to where the authority cannot be asked. */
static inline void carry_list(DWORD days)
{
    PIPC_BUFFER list = NULL;
    act_as(NULL);
    REQUIRE_OK(IpcxExportRevocationList(days, NULL, &list));
    mine(list);
    REQUIRE_OK(IpcxImportRevocationList(list));
}

static inline void super_users(BOOL enabled)
{
    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, enabled ? 1 : 0, NULL));
}

/* Lines of the usage log about a license: how many there are for an account, and the last of them. */
static inline DWORD lines_about(PCIPC_BUFFER license, LPCWSTR user, const IPCX_LOG_ENTRY **last)
{
    PCIPCX_LOG_LIST list = NULL;
    LPVOID id = NULL;
    DWORD i, count = 0;
    REQUIRE_OK(IpcGetSerializedLicenseProperty(license, IPC_LI_CONTENT_ID, NULL, 0, &id));
    mine(id);
    act_as(NULL);
    REQUIRE_OK(IpcxQueryUsageLog((LPCWSTR)id, NULL, NULL, 1000, NULL, &list));
    REQUIRE(list != NULL);
    mine(list);
    for (i = 0; i < list->cEntries; i++) {
        const IPCX_LOG_ENTRY *entry =
            (const IPCX_LOG_ENTRY *)((const BYTE *)list + offsetof(IPCX_LOG_LIST, aEntries)) + i;
        if (!wide_equal(entry->wszUser, user))
            continue;
        count++;
        *last = entry;
    }
    return count;
}

#endif
