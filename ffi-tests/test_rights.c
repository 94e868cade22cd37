/* Who may do what with a key: the rules of the rights page as a C program meets them. */
#include "fixtures.h"

#include <time.h>

static HRESULT crypt_once(IPC_KEY_HANDLE key, int encrypt, BYTE *bytes, DWORD count, DWORD room, DWORD *result)
{
    return encrypt ? IpcEncrypt(key, 0, TRUE, bytes, count, bytes, room, result)
                   : IpcDecrypt(key, 0, TRUE, bytes, count, bytes, room, result);
}

static void exactly_what_was_granted(void)
{
    static const LPCWSTR granted[] = {W("VIEW"), W("PRINT"), W("FORWARD")};
    static const LPCWSTR refused[] = {W("EDIT"), W("DOCEDIT"), W("EXTRACT"), W("EXPORT"), W("REPLY"), W("REPLYALL"),
                                      W("OWNER"), W("COMMENT"), W("OBJMODEL"), W("VIEWRIGHTSDATA"),
                                      W("EDITRIGHTSDATA"), W("ACME.STAMP")};
    Protected made = protect_for(BOB, "VIEW PRINT FORWARD");
    IPC_KEY_HANDLE key = open_as(BOB, made.license);
    size_t i;
    for (i = 0; i < COUNT(granted); i++)
        CHECK(has_right(key, granted[i]) == TRUE);
    for (i = 0; i < COUNT(refused); i++)
        if (!CHECK(has_right(key, refused[i]) == FALSE))
            printf("        %s\n", narrow(refused[i]));
}

static void names_in_any_letter_case(void)
{
    Protected made = protect_for(W("BoB@Contoso.Example"), "print ACME.Stamp view");
    IPC_KEY_HANDLE key = open_as(W("bob@CONTOSO.example"), made.license);
    CHECK(has_right(key, W("pRiNt")) == TRUE);
    CHECK(has_right(key, W("PRINT")) == TRUE);
    CHECK(has_right(key, W("VIEW")) == TRUE);
    CHECK(has_right(key, W("acme.stamp")) == TRUE);
    CHECK(has_right(key, W("ACME.STAMP")) == TRUE);
    CHECK(has_right(key, W("ACME.STAMPS")) == FALSE);
    CHECK(has_right(key, W("ACME")) == FALSE);
}

static void any_text_may_be_asked(void)
{
    WCHAR longest[257];
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = open_as(BOB, made.license);
    size_t i;
    for (i = 0; i < 256; i++)
        longest[i] = 'X';
    longest[256] = 0;
    CHECK(has_right(key, W("no right at all!")) == FALSE);
    CHECK(has_right(key, W("\u00C4NDERN")) == FALSE);
    CHECK(has_right(key, W("V\u0130EW")) == FALSE);
    CHECK(has_right(key, W(" ")) == FALSE);
    CHECK(has_right(key, W("VIEW ")) == FALSE);
    CHECK(has_right(key, longest) == FALSE);
    CHECK(has_right(made.key, W("no right at all!")) == TRUE);
    CHECK(has_right(made.key, longest) == TRUE);
}

static void longest_custom_right(void)
{
    static RightsList memory;
    static WCHAR longest[257];
    Entry entry = {BOB, "VIEW X"};
    IPC_LICENSE_HANDLE license;
    IPC_KEY_HANDLE key;
    size_t i;
    for (i = 0; i < 256; i++)
        longest[i] = (WCHAR)('A' + i % 26);
    longest[256] = 0;
    act_as(ALICE);
    license = scratch_license();
    make_list(&memory, &entry, 1);
    memory.rights[0][1] = longest;
    set_property(license, IPC_LI_USER_RIGHTS_LIST, memory.list);
    key = open_as(BOB, serialize(license).license);
    CHECK(has_right(key, longest) == TRUE);
    longest[255] = '_';
    CHECK(has_right(key, longest) == FALSE);
}

static void owner_implies_all(void)
{
    static const LPCWSTR all[] = {W("VIEW"), W("EDIT"), W("DOCEDIT"), W("COMMENT"), W("EXPORT"), W("FORWARD"),
                                  W("OWNER"), W("PRINT"), W("REPLY"), W("REPLYALL"), W("EXTRACT"), W("OBJMODEL"),
                                  W("VIEWRIGHTSDATA"), W("EDITRIGHTSDATA"), W("ACME.STAMP"), W("owner")};
    Protected made = protect_for(BOB, "OWNER");
    IPC_KEY_HANDLE key = open_as(BOB, made.license);
    size_t i;
    for (i = 0; i < COUNT(all); i++)
        CHECK(has_right(key, all[i]) == TRUE);
}

static void anyone_is_every_account(void)
{
    static const Entry entries[] = {{IPC_USER_ID_EVERYONE, "VIEW"}, {BOB, "PRINT"}};
    Protected made = protect_with(0, entries, COUNT(entries));
    IPC_KEY_HANDLE bob = open_as(BOB, made.license), carol = open_as(CAROL, made.license);
    CHECK(has_right(bob, W("VIEW")) == TRUE && has_right(bob, W("PRINT")) == TRUE);
    CHECK(has_right(carol, W("VIEW")) == TRUE && has_right(carol, W("PRINT")) == FALSE);
}

/* The rights of several entries that name one account add up. */
static void entries_add_up(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}, {W("BOB@contoso.example"), "PRINT"}, {CAROL, "EDIT"}};
    Protected made = protect_with(0, entries, COUNT(entries));
    IPC_KEY_HANDLE key = open_as(BOB, made.license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == TRUE);
    CHECK(has_right(key, W("EDIT")) == FALSE);
}

static void owner_principal(void)
{
    static const Entry entries[] = {{IPC_USER_ID_OWNER, "VIEW PRINT"}, {CAROL, "VIEW"}};
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, DAVE};
    IPC_LICENSE_HANDLE license;
    Protected made;
    IPC_KEY_HANDLE dave, carol;
    act_as(ALICE);
    license = scratch_license();
    set_property(license, IPC_LI_OWNER, &owner);
    grant(license, entries, COUNT(entries));
    made = serialize(license);
    dave = open_as(DAVE, made.license);
    carol = open_as(CAROL, made.license);
    CHECK(has_right(dave, W("PRINT")) == TRUE && has_right(dave, W("VIEW")) == TRUE);
    CHECK(has_right(dave, W("EDIT")) == FALSE && has_right(dave, W("OWNER")) == FALSE);
    CHECK(has_right(carol, W("PRINT")) == FALSE && has_right(carol, W("VIEW")) == TRUE);
}

/* Owner and issuer are two roles: the flag gives the owner everything, its absence leaves it to the list. */
static void owner_full_access(void)
{
    static const Entry entries[] = {{CAROL, "VIEW"}};
    BOOL grant_all;
    for (grant_all = FALSE; grant_all <= TRUE; grant_all++) {
        IPC_USER owner = {IPC_USER_TYPE_EMAIL, DAVE};
        IPC_LICENSE_HANDLE license;
        IPC_KEY_HANDLE key = NULL;
        Protected made;
        act_as(ALICE);
        license = scratch_license();
        set_property(license, IPC_LI_OWNER, &owner);
        set_property(license, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS, &grant_all);
        grant(license, entries, COUNT(entries));
        made = serialize(license);
        CHECK_HR(try_open(DAVE, made.license, 0, &key), grant_all ? S_OK : IPCERROR_RIGHT_NOT_GRANTED);
        if (grant_all)
            CHECK(has_right(key, W("OWNER")) == TRUE);
        else
            CHECK(key == NULL);
        CHECK(has_right(open_as(ALICE, made.license), W("OWNER")) == TRUE);
    }
}

static void issuer_has_everything(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = open_as(W("ALICE@contoso.EXAMPLE"), made.license);
    CHECK(has_right(key, W("OWNER")) == TRUE && has_right(key, W("ACME.STAMP")) == TRUE);
    CHECK(has_right(made.key, W("OWNER")) == TRUE);
}

static void nobody_else_gets_a_license(void)
{
    Protected made = protect_for(BOB, "OWNER");
    IPC_KEY_HANDLE key;
    static const LPCWSTR strangers[] = {CAROL, W("bob@contoso.example.org"), W("bob@contoso.exampl"), W("xbob@contoso.example"),
                                        W("ANYONE"), W("OWNER"), W("Internal")};
    size_t i;
    for (i = 0; i < COUNT(strangers); i++) {
        key = (IPC_KEY_HANDLE)(size_t)1;
        CHECK_HR(try_open(strangers[i], made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
        CHECK(key == NULL);
    }
    /* Nor does the account of the operating system, administrator or not. */
    CHECK_HR(try_open(NULL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
}

static void zero_rights_are_no_license(void)
{
    static const Entry entries[] = {{BOB, ""}, {CAROL, "VIEW"}};
    Protected made = protect_with(0, entries, COUNT(entries));
    IPC_KEY_HANDLE key = NULL;
    PIPC_USER_RIGHTS_LIST list = NULL;
    CHECK_HR(try_open(BOB, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, made.key, 0, (LPVOID *)&list));
    mine(list);
    REQUIRE(find_user(list, BOB) != NULL);
    CHECK(find_user(list, BOB)->cRights == 0);
}

static void null_user_is_nobody(void)
{
    static const Entry entries[] = {{IPC_USER_ID_NULL, "OWNER"}};
    Protected made = protect_with(0, entries, COUNT(entries));
    IPC_KEY_HANDLE key = NULL;
    CHECK_HR(try_open(BOB, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(try_open(W("NULL"), made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Which right allows which call, on a key that came from IpcGetKey. */
static void rights_that_encrypt_and_decrypt(void)
{
    static const struct {
        const char *rights;
        int encrypts, decrypts;
    } cases[] = {
        {"VIEW", 0, 1},          {"EDIT", 1, 0},          {"DOCEDIT", 1, 0}, {"EXPORT", 1, 0}, {"OWNER", 1, 1},
        {"VIEW EDIT", 1, 1},     {"VIEW DOCEDIT", 1, 1},  {"PRINT", 0, 0},   {"EXTRACT", 0, 0}, {"FORWARD", 0, 0},
        {"VIEWRIGHTSDATA", 0, 0}, {"EDITRIGHTSDATA", 0, 0}, {"ACME.EDIT", 0, 0}, {"view", 0, 1}, {"COMMENT", 0, 0},
    };
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        BYTE sealed[256], bytes[256], before[256];
        DWORD length = 0, got;
        Protected made = protect_for(BOB, cases[i].rights);
        IPC_KEY_HANDLE key = open_as(BOB, made.license);
        int round, failures = harness.complaints;
        fill(sealed, 100, (unsigned)i);
        REQUIRE_OK(crypt_once(made.key, 1, sealed, 100, sizeof sealed, &length));
        for (round = 0; round < 2; round++) {
            int encrypt = round == 0, allowed = encrypt ? cases[i].encrypts : cases[i].decrypts;
            memset(bytes, 0xEE, sizeof bytes);
            memcpy(bytes, sealed, length);
            memcpy(before, bytes, sizeof bytes);
            got = 99;
            CHECK_HR(crypt_once(key, encrypt, bytes, length, sizeof bytes, &got),
                     allowed ? S_OK : IPCERROR_RIGHT_NOT_GRANTED);
            if (!allowed) {
                CHECK(got == 0);
                CHECK(memcmp(bytes, before, sizeof bytes) == 0);
            }
        }
        if (harness.complaints != failures)
            printf("        with %s\n", cases[i].rights);
    }
}

static void rights_list_needs_its_right(void)
{
    static const struct {
        const char *rights;
        HRESULT result;
    } cases[] = {{"VIEW EDIT EDITRIGHTSDATA", IPCERROR_RIGHT_NOT_GRANTED},
                 {"VIEW VIEWRIGHTSDATA", S_OK},
                 {"VIEWRIGHTSDATA", S_OK},
                 {"OWNER", S_OK}};
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        Protected made = protect_for(BOB, cases[i].rights);
        PIPC_USER_RIGHTS_LIST list = NULL;
        PIPC_TERM term = NULL;
        IPC_KEY_HANDLE key = open_as(BOB, made.license);
        CHECK_HR(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, key, 0, (LPVOID *)&list),
                 cases[i].result);
        mine(list);
        CHECK((list != NULL) == (cases[i].result == S_OK));
        /* The other properties need the key alone. */
        CHECK_HR(IpcGetSerializedLicenseProperty(made.license, IPC_LI_VALIDITY_TIME, key, 0, (LPVOID *)&term), S_OK);
        mine(term);
    }
}

/* Republishing under the same content key: changed rights, content left as it is. */
static void republish_needs_edit_rights(void)
{
    static const struct {
        const char *rights;
        HRESULT result;
    } cases[] = {{"VIEW EDIT", IPCERROR_RIGHT_NOT_GRANTED},
                 {"VIEW VIEWRIGHTSDATA", IPCERROR_RIGHT_NOT_GRANTED},
                 {"VIEW EDITRIGHTSDATA", S_OK},
                 {"OWNER", S_OK}};
    static const Entry next[] = {{CAROL, "VIEW PRINT"}};
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        Protected made = protect_for(BOB, cases[i].rights), again = {NULL, NULL};
        BYTE sealed[256], plain[256], opened[256];
        DWORD length = 0, got = 0;
        IPC_KEY_HANDLE key, carol;
        IPC_LICENSE_HANDLE license;
        fill(plain, 100, 5);
        REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, plain, 100, sealed, sizeof sealed, &length));
        key = open_as(BOB, made.license);
        license = scratch_license();
        set_property(license, IPC_LI_CONTENT_KEY, (LPCVOID)key);
        grant(license, next, COUNT(next));
        CHECK_HR(IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, 0, NULL, &again.key, &again.license),
                 cases[i].result);
        mine(again.license);
        my_handle((IPC_HANDLE)again.key);
        if (cases[i].result != S_OK) {
            CHECK(again.license == NULL && again.key == NULL);
            continue;
        }
        /* Bob is the issuer of the new license, and Carol reads the old bytes. */
        CHECK(has_right(open_as(BOB, again.license), W("OWNER")) == TRUE);
        carol = open_as(CAROL, again.license);
        CHECK(has_right(carol, W("PRINT")) == TRUE);
        CHECK_HR(IpcDecrypt(carol, 0, TRUE, sealed, length, opened, sizeof opened, &got), S_OK);
        CHECK(got == 100 && memcmp(opened, plain, 100) == 0);
        CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    }
}

/* With VIEWRIGHTSDATA the list may be read and a new license made, under a key of its own. */
static void new_license_with_the_old_list(void)
{
    static const Entry entries[] = {{BOB, "VIEW VIEWRIGHTSDATA"}, {CAROL, "VIEW PRINT"}};
    Protected made = protect_with(0, entries, COUNT(entries)), again;
    PIPC_USER_RIGHTS_LIST list = NULL;
    IPC_LICENSE_HANDLE license;
    IPC_KEY_HANDLE carol, key = open_as(BOB, made.license);
    BYTE sealed[64], opened[64];
    DWORD length = 0, got = 0;
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, key, 0, (LPVOID *)&list));
    mine(list);
    license = scratch_license();
    set_property(license, IPC_LI_USER_RIGHTS_LIST, list);
    again = serialize(license);
    carol = open_as(CAROL, again.license);
    CHECK(has_right(carol, W("PRINT")) == TRUE);
    REQUIRE_OK(IpcEncrypt(again.key, 0, TRUE, (PBYTE)"text", 4, sealed, sizeof sealed, &length));
    /* The old key opens it no more; by chance wrong bytes can look well padded. */
    CHECK(IpcDecrypt(made.key, 0, TRUE, sealed, length, opened, sizeof opened, &got) != S_OK || got != 4 ||
          memcmp(opened, "text", 4) != 0);
    CHECK_HR(IpcDecrypt(carol, 0, TRUE, sealed, length, opened, sizeof opened, &got), S_OK);
    CHECK(got == 4 && memcmp(opened, "text", 4) == 0);
}

/* A template's rights are those of the page of default templates. */
static void template_rights(void)
{
    static const LPCWSTR both[] = {W("VIEW"), W("EXTRACT"), W("OBJMODEL"), W("PRINT"), W("FORWARD"),
                                   W("REPLY"), W("REPLYALL"), W("EDIT"), W("DOCEDIT")};
    static const LPCWSTR second[] = {W("EXPORT"), W("OWNER"), W("COMMENT"), W("VIEWRIGHTSDATA")};
    int which;
    size_t i;
    for (which = 0; which < 2; which++) {
        Protected made = {NULL, NULL};
        IPC_KEY_HANDLE key;
        act_as(ALICE);
        REQUIRE_OK(IpcSerializeLicense(template_id(which), IPC_SL_TEMPLATE_ID, 0, NULL, &made.key, &made.license));
        mine(made.license);
        my_handle((IPC_HANDLE)made.key);
        key = open_as(BOB, made.license);
        for (i = 0; i < COUNT(both); i++)
            CHECK(has_right(key, both[i]) == TRUE);
        for (i = 0; i < COUNT(second); i++)
            CHECK(has_right(key, second[i]) == (which == 1));
        CHECK(has_right(open_as(ALICE, made.license), W("OWNER")) == TRUE);
    }
}

static DWORD64 now_in_ticks(void)
{
    return ((DWORD64)time(NULL) + 11644473600u) * 10000000u;
}

/* Before and after its term content is closed to all but issuer and owner. */
static void term_of_the_content(void)
{
    static const DWORD64 HOUR = (DWORD64)3600 * 10000000;
    static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "OWNER"}};
    DWORD64 starts[3];
    size_t i;
    starts[0] = now_in_ticks() - 10 * HOUR; /* over */
    starts[1] = now_in_ticks() + HOUR;      /* not begun */
    starts[2] = now_in_ticks() - HOUR;      /* now */
    for (i = 0; i < 3; i++) {
        IPC_TERM term;
        IPC_LICENSE_HANDLE license;
        Protected made;
        IPC_KEY_HANDLE key = NULL;
        HRESULT expected = i == 2 ? S_OK : IPCERROR_RIGHT_NOT_GRANTED;
        act_as(ALICE);
        license = scratch_license();
        term.ftStart.dwLowDateTime = (DWORD)starts[i];
        term.ftStart.dwHighDateTime = (DWORD)(starts[i] >> 32);
        term.qwDuration = 5 * HOUR;
        set_property(license, IPC_LI_VALIDITY_TIME, &term);
        grant(license, entries, COUNT(entries));
        made = serialize(license);
        CHECK_HR(try_open(BOB, made.license, 0, &key), expected);
        CHECK_HR(try_open(CAROL, made.license, 0, &key), expected);
        CHECK_HR(try_open(ALICE, made.license, 0, &key), S_OK);
        CHECK(has_right(key, W("EDIT")) == TRUE);
    }
}

/* Offline without a use license at hand: the authority is needed. */
static void offline_without_use_license(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = (IPC_KEY_HANDLE)(size_t)1;
    CHECK_HR(try_open(BOB, made.license, IPC_PROMPT_FLAG_OFFLINE, &key), IPCERROR_NEEDS_ONLINE);
    CHECK(key == NULL);
    CHECK_HR(try_open(BOB, made.license, 0, &key), S_OK);
}

static void key_says_whose_it_is(void)
{
    Protected made = protect_for(BOB, "VIEW");
    LPVOID name = NULL;
    IPC_KEY_HANDLE key = open_as(BOB, made.license);
    act_as(CAROL);
    REQUIRE_OK(IpcGetKeyProperty(key, IPC_KI_USER_DISPLAYNAME, NULL, &name));
    CHECK(wide_contains((LPCWSTR)mine(name), "bob@contoso.example"));
    /* The key keeps its account whoever acts. */
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("OWNER")) == FALSE);
}

int main(void)
{
    RUN(exactly_what_was_granted);
    RUN(names_in_any_letter_case);
    RUN(any_text_may_be_asked);
    RUN(longest_custom_right);
    RUN(owner_implies_all);
    RUN(anyone_is_every_account);
    RUN(entries_add_up);
    RUN(owner_principal);
    RUN(owner_full_access);
    RUN(issuer_has_everything);
    RUN(nobody_else_gets_a_license);
    RUN(zero_rights_are_no_license);
    RUN(null_user_is_nobody);
    RUN(rights_that_encrypt_and_decrypt);
    RUN(rights_list_needs_its_right);
    RUN(republish_needs_edit_rights);
    RUN(new_license_with_the_old_list);
    RUN(template_rights);
    RUN(term_of_the_content);
    RUN(offline_without_use_license);
    RUN(key_says_whose_it_is);
    return finish_tests();
}
