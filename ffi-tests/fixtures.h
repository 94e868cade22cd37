/* What most tests begin with: licenses, rights lists, keys of several accounts. Everything made here is released by the
 * harness; whatever fails leaves the test.
 */
#ifndef MSIPC_TEST_FIXTURES_H
#define MSIPC_TEST_FIXTURES_H

#include "harness.h"

#define ALICE W("alice@contoso.example") /* protects */
#define BOB W("bob@contoso.example")     /* is granted something */
#define CAROL W("carol@fabrikam.example") /* is granted nothing, unless a test says so */
#define DAVE W("dave@fabrikam.example")

/* One user and its rights, separated by blanks. A user without '@' is one of IPC_USER_ID_. */
typedef struct {
    LPCWSTR user;
    const char *rights;
} Entry;

enum { ENTRIES_MOST = 12, ENTRY_RIGHTS_MOST = 24, RIGHT_ROOM = 64 };

typedef struct {
    IPC_USER_RIGHTS_LIST *list;
    union {
        IPC_USER_RIGHTS_LIST list;
        BYTE room[sizeof(IPC_USER_RIGHTS_LIST) + ENTRIES_MOST * sizeof(IPC_USER_RIGHTS)];
    } memory;
    LPCWSTR rights[ENTRIES_MOST][ENTRY_RIGHTS_MOST];
    WCHAR text[ENTRIES_MOST][ENTRY_RIGHTS_MOST][RIGHT_ROOM];
} RightsList;

typedef struct {
    PIPC_BUFFER license;
    IPC_KEY_HANDLE key;
} Protected;

/* What protecting something says that is no window: where there are windows, and where there are none. */
#if defined(_WIN32)
#define NO_WINDOW E_INVALIDARG
#else
#define NO_WINDOW WIN32(ERROR_NOT_SUPPORTED)
#endif

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static inline int has_at(LPCWSTR text)
{
    while (*text != 0 && *text != '@')
        text++;
    return *text == '@';
}

/* Lays out a list; it lives in `memory`. */
static inline PIPC_USER_RIGHTS_LIST make_list(RightsList *memory, const Entry *entries, size_t count)
{
    size_t i;
    memset(memory, 0, sizeof *memory);
    memory->list = &memory->memory.list;
    memory->list->cbSize = (DWORD)sizeof(IPC_USER_RIGHTS_LIST);
    memory->list->cUserRights = (DWORD)count;
    REQUIRE(count <= ENTRIES_MOST);
    for (i = 0; i < count; i++) {
        IPC_USER_RIGHTS *user = (IPC_USER_RIGHTS *)((BYTE *)memory->list + offsetof(IPC_USER_RIGHTS_LIST, rgUserRights)) + i;
        const char *at = entries[i].rights;
        user->User.dwType = has_at(entries[i].user) ? IPC_USER_TYPE_EMAIL : IPC_USER_TYPE_IPC;
        user->User.wszID = entries[i].user;
        while (*at != 0) {
            size_t length = strcspn(at, " ");
            char one[RIGHT_ROOM] = {0};
            REQUIRE(user->cRights < ENTRY_RIGHTS_MOST && length < RIGHT_ROOM);
            memcpy(one, at, length);
            memory->rights[i][user->cRights] = widen(one, memory->text[i][user->cRights], RIGHT_ROOM);
            user->cRights++;
            at += length;
            at += strspn(at, " ");
        }
        user->rgwszRights = user->cRights > 0 ? memory->rights[i] : NULL;
    }
    return memory->list;
}

/* Acts as an account from here on; NULL: as the operating system's. */
static inline void act_as(LPCWSTR account)
{
    REQUIRE_OK(IpcxSetThreadIdentity(account));
}

static inline IPC_LICENSE_HANDLE scratch_license(void)
{
    IPC_TEMPLATE_ISSUER issuer;
    IPC_LICENSE_HANDLE license = NULL;
    memset(&issuer, 0, sizeof issuer);
    issuer.fAllowFromScratch = TRUE;
    REQUIRE_OK(IpcCreateLicenseFromScratch(&issuer, 0, NULL, &license));
    REQUIRE(license != NULL);
    my_handle((IPC_HANDLE)license);
    return license;
}

static inline void set_property(IPC_LICENSE_HANDLE license, DWORD property, LPCVOID value)
{
    REQUIRE_OK(IpcSetLicenseProperty(license, FALSE, property, value));
}

static inline void grant(IPC_LICENSE_HANDLE license, const Entry *entries, size_t count)
{
    static RightsList memory;
    set_property(license, IPC_LI_USER_RIGHTS_LIST, make_list(&memory, entries, count));
}

static inline Protected serialize_with(IPC_LICENSE_HANDLE license, DWORD flags)
{
    Protected result = {NULL, NULL};
    REQUIRE_OK(IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, flags, NULL, &result.key, &result.license));
    REQUIRE(result.key != NULL && result.license != NULL && result.license->cbBuffer > 0);
    mine(result.license);
    my_handle((IPC_HANDLE)result.key);
    return result;
}

static inline Protected serialize(IPC_LICENSE_HANDLE license)
{
    return serialize_with(license, IPC_SL_FLAG_DEFAULT);
}

/* A license that Alice makes with the package and the entries. Leaves Alice as the account that acts. */
static inline Protected protect_with(DWORD package, const Entry *entries, size_t count)
{
    IPC_LICENSE_HANDLE license;
    act_as(ALICE);
    license = scratch_license();
    grant(license, entries, count);
    if (package != 0)
        set_property(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &package);
    return serialize(license);
}

/* As above for one user, with the default package. */
static inline Protected protect_for(LPCWSTR user, const char *rights)
{
    Entry entry;
    entry.user = user;
    entry.rights = rights;
    return protect_with(0, &entry, 1);
}

static inline HRESULT try_open(LPCWSTR account, PCIPC_BUFFER license, DWORD prompt_flags, IPC_KEY_HANDLE *key)
{
    IPC_PROMPT_CTX prompt;
    HRESULT result;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT | prompt_flags;
    act_as(account);
    result = IpcGetKey(license, 0, &prompt, NULL, key);
    my_handle((IPC_HANDLE)*key);
    return result;
}

/* The key of an account, which acts from here on. */
static inline IPC_KEY_HANDLE open_as(LPCWSTR account, PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    REQUIRE_OK(try_open(account, license, 0, &key));
    REQUIRE(key != NULL);
    return key;
}

/* TRUE, FALSE, or something else when the call fails. */
static inline BOOL has_right(IPC_KEY_HANDLE key, LPCWSTR right)
{
    BOOL granted = 77;
    return IpcAccessCheck(key, right, &granted) == S_OK ? granted : -1;
}

static inline DWORD block_size(IPC_KEY_HANDLE key)
{
    LPVOID size = NULL;
    REQUIRE_OK(IpcGetKeyProperty(key, IPC_KI_BLOCK_SIZE, NULL, &size));
    return *(DWORD *)mine(size);
}

/* A template's id; it lives until the end of the test. Number 0 is the one whose name says View Only, 1 the other one. */
static inline LPCWSTR template_id(int which)
{
    PCIPC_TIL list = NULL;
    DWORD i;
    REQUIRE_OK(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list));
    REQUIRE(list != NULL && list->cTi >= 2);
    mine(list);
    for (i = 0; i < list->cTi; i++) {
        const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)((const BYTE *)list + offsetof(IPC_TIL, aTi)) + i;
        if ((wide_contains(info->wszName, "View Only") != 0) == (which == 0))
            return info->wszID;
    }
    complain(__FILE__, __LINE__, "no such template");
    LEAVE_TEST();
    return NULL;
}

/* Content whose bytes differ from block to block. */
static inline void fill(BYTE *bytes, size_t count, unsigned seed)
{
    size_t i;
    for (i = 0; i < count; i++)
        bytes[i] = (BYTE)(i * 31 + (i >> 8) + seed);
}

static inline const IPC_USER_RIGHTS *user_of(const IPC_USER_RIGHTS_LIST *list, DWORD index)
{
    return (const IPC_USER_RIGHTS *)((const BYTE *)list + offsetof(IPC_USER_RIGHTS_LIST, rgUserRights)) + index;
}

/* The entry of a user, or NULL. */
static inline const IPC_USER_RIGHTS *find_user(const IPC_USER_RIGHTS_LIST *list, LPCWSTR id)
{
    DWORD i;
    for (i = 0; i < list->cUserRights; i++)
        if (wide_equal(user_of(list, i)->User.wszID, id))
            return user_of(list, i);
    return NULL;
}

static inline int lists_right(const IPC_USER_RIGHTS *user, LPCWSTR right)
{
    DWORD i;
    for (i = 0; user != NULL && i < user->cRights; i++)
        if (wide_equal(user->rgwszRights[i], right))
            return 1;
    return 0;
}

#endif
