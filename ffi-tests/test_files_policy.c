/* Who may protect, protect anew and open whole files, under which policy, package and rule, and what an application is
 * told meanwhile. Names, places and damage are in test_files.c.
 */
#include "files.h"

#define SECRET "the tide tables of the harbor, which nobody else may read"
#define BLOCKED IPCF_EF_FLAG_UPDATELICENSE_BLOCKED
#define BOTH (IPCF_EF_FLAG_FORCE_PFILE | IPCF_EF_FLAG_FORCE_NATIVE)

static BYTE before[FILE_MOST];
static size_t before_count;

/* Remembers a file, to be asked later whether it is as it was. */
static void remember(const char *path)
{
    before_count = copy_of(path, before, sizeof before);
}

static int is_as_before(const char *path)
{
    return holds(path, before, before_count);
}

/* Where every step costs fifty times as much, cases that differ little are left out. */
static int slow(void)
{
    return rounds(20) < 20;
}

/* Writes the rules of the account; NULL: none. */
static void put_rules(const char *text)
{
    char path[PATH_ROOM];
    const char *home = getenv("MSIPC_HOME");
    REQUIRE(home != NULL);
    snprintf(path, sizeof path, "%.3000s/config", home);
    make_folder(path);
    snprintf(path, sizeof path, "%.3000s/config/fileprotection.toml", home);
    if (text == NULL) {
        unlink(path);
        return;
    }
    put_text(path, text);
    REQUIRE(chmod(path, 0600) == 0);
}

/* Where a file would go; NULL for an error, which is checked. */
static void check_rule(const char *name, DWORD flags, HRESULT expected, const char *sealed)
{
    char path[PATH_ROOM];
    LPCWSTR told = (LPCWSTR)1;
    int complaints = harness.complaints;
    snprintf(path, sizeof path, "r/%s", name);
    CHECK_HR(IpcfGetEncryptedFilePath(wide(path), flags, &told), expected);
    mine(told);
    if (sealed == NULL)
        CHECK_TEXT(told, NULL);
    else
        CHECK(wide_contains(told, as_told(sealed)));
    if (harness.complaints != complaints)
        printf("    with %s\n", name);
}

static void rules_of_the_account(void)
{
    static const char *const names[] = {"a.txt", "a.jpg", "a.zzz", "a.yyy", "none", "a.pptx", "a.docx"};
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("r");
    for (i = 0; i < COUNT(names); i++)
        put_file(here(names[i][0] == 'n' ? "r/none" : "r/x"), "x", 1);
    unlink("r/x");
    put_text("r/a.txt", SECRET), put_text("r/a.jpg", SECRET), put_text("r/a.zzz", SECRET), put_text("r/a.yyy", SECRET);
    put_file("r/a.docx", bytes, count);
    put_rules("[FileProtection.txt]\nEncryption = \"Off\"\n"
              "[FileProtection.\"*\"]\nEncryption = \"Pfile\"\n"
              "[FileProtection.zzz]\nencryption = 'native' # as it is\n"
              "[FileProtection.\".\"]\nEncryption = \"Off\"\n"
              "[FileProtection\\DOCX]\nEncryption=Pfile\n");
    check_rule("a.txt", 0, IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    check_rule("a.jpg", 0, S_OK, "r/a.jpg.pfile");
    check_rule("a.zzz", 0, S_OK, "r/a.pzzz");
    check_rule("a.yyy", 0, S_OK, "r/a.yyy.pfile");
    check_rule("none", 0, IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    check_rule("a.docx", 0, S_OK, NULL);
    /* Both force flags go past the rules. */
    check_rule("a.txt", IPCF_EF_FLAG_FORCE_PFILE, S_OK, "r/a.txt.pfile");
    check_rule("a.txt", IPCF_EF_FLAG_FORCE_NATIVE, S_OK, "r/a.ptxt");
    check_rule("none", IPCF_EF_FLAG_FORCE_NATIVE, S_OK, "r/none.pfile");
    CHECK_HR(encrypt("r/a.txt", &told), IPCERROR_FILE_ENCRYPT_BLOCKED);
    CHECK_TEXT(told, NULL);
    CHECK(holds_text("r/a.txt", SECRET) && !exists("r/a.ptxt"));
    /* Every extension does not mean Office; a rule of its own does. */
    put_rules("[FileProtection.\"*\"]\nEncryption = \"Off\"\n");
    check_rule("a.jpg", 0, IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    check_rule("none", 0, S_OK, "r/none.pfile");
    check_rule("a.docx", 0, S_OK, NULL);
    put_rules("[FileProtection.docx]\nEncryption = \"Off\"\n");
    check_rule("a.docx", 0, IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    CHECK_HR(encrypt("r/a.docx", &told), IPCERROR_FILE_ENCRYPT_BLOCKED);
    CHECK(holds("r/a.docx", bytes, count));
    put_rules(NULL);
    check_rule("a.txt", 0, S_OK, "r/a.ptxt");
    check_rule("a.docx", 0, S_OK, NULL);
}

/* Writes the rules of the account as they are, and asks for a text file, a picture and an Office document. */
static void check_rules(const char *text, HRESULT txt, HRESULT jpg, HRESULT docx)
{
    int complaints = harness.complaints;
    put_rules(text);
    check_rule("a.txt", 0, txt, txt == S_OK ? "r/a.ptxt" : NULL);
    check_rule("a.jpg", 0, jpg, jpg == S_OK ? "r/a.pjpg" : NULL);
    check_rule("a.docx", 0, docx, NULL);
    if (harness.complaints != complaints)
        printf("    under the rules %s\n", text);
}

static void rules_in_all_their_forms(void)
{
    static const char *const forms[] = {
        "\xEF\xBB\xBF[FileProtection.txt]\nEncryption = \"Off\"\n",
        "[FileProtection.txt]\n\"Encryption\" = \"Off\"\n",
        "FileProtection.txt.Encryption = \"Off\"\n",
        "[FileProtection]\ntxt = {Encryption=\"Off\"}\n",
        "[FileProtection.\"t\\u0078t\"]\nEncryption = \"\"\"Off\"\"\"\n",
        "[FileProtection\\txt]\r\n\"Encryption\"=\"Off\"\r\n",
        "\xEF\xBB\xBFWindows Registry Editor Version 5.00\r\n\r\n"
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC\\FileProtection]\r\n\r\n"
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC\\FileProtection\\TXT]\r\n\"Encryption\"=\"Off\"\r\n\r\n",
        /* Twice, and not the same: nobody knows which. */
        "[FileProtection.txt]\nEncryption = \"Off\"\n[FileProtection.txt]\nEncryption = \"Native\"\n",
        "[FileProtection.txt]\nEncryption = \"Of\"\n",
    };
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.txt", SECRET), put_text("r/a.jpg", SECRET), put_file("r/a.docx", bytes, count);
    for (i = 0; i < COUNT(forms); i++)
        check_rules(forms[i], IPCERROR_FILE_ENCRYPT_BLOCKED, S_OK, S_OK);
    put_rules(NULL);
}

static struct {
    char text[4096];
    int count;
} told_lines;

static void CALLBACK keep_rules_lines(LPVOID context, DWORD level, LPCWSTR line)
{
    char text[1024];
    (void)context;
    snprintf(text, sizeof text, "%.1000s", narrow(line));
    if (strstr(text, " event=rules.") == NULL)
        return;
    snprintf(told_lines.text, sizeof told_lines.text, "%u %s", (unsigned)level, text);
    told_lines.count++;
}

/* True when the last line about rules is of the level and holds the text; forgets it. */
static int told_of_rules(DWORD level, const char *part)
{
    char start[32];
    int told;
    snprintf(start, sizeof start, "%u ", (unsigned)level);
    told = told_lines.count == 1 && strncmp(told_lines.text, start, strlen(start)) == 0 && strstr(told_lines.text, part) != NULL;
    if (!told)
        printf("    %d lines: %s\n", told_lines.count, told_lines.text);
    memset(&told_lines, 0, sizeof told_lines);
    return told;
}

static void rules_that_are_not_understood(void)
{
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"[FileProtection.jpg]\nEncryption = \"Pfile\"\nwhat is this\n", "whose=account reason=syntax line=3"},
        {"[FileProtection.zip] Encryption = \"Off\"\n", "whose=account reason=syntax line=1"},
        {"[FileProtection.zip]\rEncryption = \"Off\"\r", "whose=account reason=syntax line=1"},
        {"[FileProtection.\".zip\"]\nEncryption = \"Off\"\n", "whose=account reason=syntax line=2"},
        {"# \xFF\n", "whose=account reason=encoding"},
    };
    LPCWSTR told;
    size_t i;
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.txt", SECRET), put_text("r/a.jpg", SECRET), put_text("r/a.docx", SECRET);
    for (i = 0; i < COUNT(cases); i++)
        check_rules(cases[i].text, IPCERROR_FILE_ENCRYPT_BLOCKED, IPCERROR_FILE_ENCRYPT_BLOCKED, IPCERROR_FILE_ENCRYPT_BLOCKED);
    REQUIRE_OK(IpcxSetLogCallback(keep_rules_lines, NULL, IPCX_LOG_WARNING, 0));
    for (i = 0; i < COUNT(cases); i++) {
        memset(&told_lines, 0, sizeof told_lines);
        put_rules(cases[i].text);
        CHECK_HR(encrypt("r/a.txt", &told), IPCERROR_FILE_ENCRYPT_BLOCKED);
        CHECK(told_of_rules(IPCX_LOG_ERROR, cases[i].line));
        CHECK(holds_text("r/a.txt", SECRET) && names_with("r", "") == 3);
    }
    put_rules("[FileProtection.txt]\nEncryption = \"Of\"\n");
    CHECK_HR(encrypt("r/a.txt", &told), IPCERROR_FILE_ENCRYPT_BLOCKED);
    CHECK(told_of_rules(IPCX_LOG_ERROR, "whose=account reason=value extension=txt"));
    /* Forced, it is protected all the same, and what is protected is opened. */
    put_rules("[");
    CHECK_HR(encrypt_flags("r/a.txt", template_id(0), IPCF_EF_FLAG_FORCE_PFILE, NULL, &told), S_OK);
    CHECK_HR(decrypt("r/a.txt.pfile", &told), S_OK);
    CHECK(holds_text("r/a.txt", SECRET));
    REQUIRE_OK(IpcxSetLogCallback(NULL, NULL, 0, 0));
    put_rules(NULL);
}

#if !defined(_WIN32) /* there the profile keeps others out */
static void rules_that_others_may_write_do_not_count(void)
{
    char path[PATH_ROOM];
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.txt", SECRET);
    put_rules("[FileProtection.txt]\nEncryption = \"Off\"\n");
    check_rule("a.txt", 0, IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    snprintf(path, sizeof path, "%.3000s/config/fileprotection.toml", getenv("MSIPC_HOME"));
    REQUIRE(chmod(path, 0622) == 0);
    memset(&told_lines, 0, sizeof told_lines);
    REQUIRE_OK(IpcxSetLogCallback(keep_rules_lines, NULL, IPCX_LOG_WARNING, 0));
    check_rule("a.txt", 0, S_OK, "r/a.ptxt");
    REQUIRE_OK(IpcxSetLogCallback(NULL, NULL, 0, 0));
    CHECK(told_of_rules(IPCX_LOG_WARNING, "event=rules.ignored"));
    put_rules(NULL);
}
#endif

static void rules_and_files_that_are_protected(void)
{
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.txt", SECRET);
    CHECK_HR(encrypt("r/a.txt", &told), S_OK);
    put_rules("[FileProtection.txt]\nEncryption = \"Off\"\n");
    remember("r/a.ptxt");
    CHECK_HR(encrypt_flags("r/a.ptxt", template_id(1), 0, NULL, &told), IPCERROR_FILE_ENCRYPT_BLOCKED);
    CHECK(is_as_before("r/a.ptxt") && names_with("r", "") == 1);
    /* The flag is looked at before the rule. */
    CHECK_HR(encrypt_flags("r/a.ptxt", template_id(1), BLOCKED, NULL, &told), IPCERROR_FILE_UPDATELICENSE_BLOCKED);
    /* No rule keeps anybody from opening. */
    CHECK_HR(decrypt("r/a.ptxt", &told), S_OK);
    CHECK(holds_text("r/a.txt", SECRET));
    put_rules(NULL);
    CHECK_HR(encrypt("r/a.txt", &told), S_OK);
    /* Another container under another rule. */
    put_rules("[FileProtection.txt]\nEncryption = \"Pfile\"\n");
    CHECK_HR(encrypt("r/a.ptxt", &told), S_OK);
    CHECK_TEXT(told, wide(here("r/a.txt.pfile")));
    CHECK(!exists("r/a.ptxt") && status_of("r/a.txt.pfile") == IPCF_FILE_STATUS_ENCRYPTED);
    put_rules(NULL);
    CHECK_HR(encrypt("r/a.txt.pfile", &told), S_OK);
    CHECK_TEXT(told, wide(here("r/a.ptxt")));
    CHECK_HR(decrypt("r/a.ptxt", &told), S_OK);
    CHECK(holds_text("r/a.txt", SECRET));
}

static void the_same_policy_changes_nothing(void)
{
    LPCWSTR told;
    IPC_LICENSE_HANDLE license;
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.txt", SECRET);
    CHECK_HR(encrypt("r/a.txt", &told), S_OK);
    remember("r/a.ptxt");
    CHECK_HR(encrypt("r/a.ptxt", &told), S_OK);
    CHECK_TEXT(told, NULL);
    CHECK(is_as_before("r/a.ptxt"));
    /* In another folder it is a copy of it, whose original goes. */
    fresh_folder("s");
    CHECK_HR(encrypt_flags("r/a.ptxt", template_id(0), 0, "s", &told), S_OK);
    CHECK_TEXT(told, wide(here("s/a.ptxt")));
    CHECK(!exists("r/a.ptxt"));
    CHECK_HR(decrypt_flags("s/a.ptxt", 0, "r", &told), S_OK);
    CHECK(holds_text("r/a.txt", SECRET));
    /* A list of one's own is never taken for the same. */
    license = license_for(BOB, "VIEW", 0);
    CHECK_HR(encrypt_license("r/a.txt", license, 0, &told), S_OK);
    remember("r/a.ptxt");
    CHECK_HR(encrypt_license("r/a.ptxt", license, 0, &told), S_OK);
    CHECK_TEXT(told, NULL);
    CHECK(!is_as_before("r/a.ptxt"));
    CHECK(has_right(open_as(BOB, license_of("r/a.ptxt")), IPC_GENERIC_READ) == TRUE);
}

static void protected_anew_under_another_policy(void)
{
    static const char *const paths[] = {"r/a.txt", "r/a.docx", "r/a.pdf.pfile"};
    LPCWSTR told;
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    IPC_KEY_HANDLE key = NULL;
    fresh_folder("r");
    for (i = 0; i < COUNT(paths); i++) {
        const char *sealed = i == 0 ? "r/a.ptxt" : paths[i];
        DWORD flags = i == 2 ? IPCF_EF_FLAG_FORCE_PFILE : 0;
        int office = i == 1;
        act_as(ALICE);
        if (i == 2)
            put_text("r/a.pdf", SECRET);
        else if (office)
            put_file("r/a.docx", bytes, count);
        else
            put_text("r/a.txt", SECRET);
        CHECK_HR(encrypt_license(i == 2 ? "r/a.pdf" : paths[i], license_for(BOB, "VIEW EDIT EXPORT PRINT", 0), flags, &told), S_OK);
        remember(sealed);
        CHECK_HR(encrypt_flags(sealed, template_id(1), BLOCKED, NULL, &told), IPCERROR_FILE_UPDATELICENSE_BLOCKED);
        CHECK_TEXT(told, NULL);
        CHECK(is_as_before(sealed));
        /* Bob may not take the content out, so he may not choose who may. */
        act_as(BOB);
        CHECK_HR(encrypt_flags(sealed, template_id(0), flags, NULL, &told), IPCERROR_RIGHT_NOT_GRANTED);
        CHECK(is_as_before(sealed));
        CHECK_HR(encrypt_license(sealed, license_for(BOB, "VIEW EXTRACT", 0), flags, &told), S_OK);
        CHECK_TEXT(told, NULL);
        CHECK(!is_as_before(sealed) && names_with("r", "") == 1);
        act_as(BOB);
        CHECK_HR(encrypt_flags(sealed, template_id(0), flags, NULL, &told), S_OK);
        /* Now it is Bob's. */
        CHECK(has_right(open_as(BOB, license_of(sealed)), IPC_GENERIC_ALL) == TRUE);
        CHECK(try_open(ALICE, license_of(sealed), 0, &key) != S_OK || has_right(key, IPC_GENERIC_ALL) == FALSE);
        act_as(BOB);
        CHECK_HR(decrypt(sealed, &told), S_OK);
        CHECK(office ? holds(sealed, bytes, count) : holds_text(i == 0 ? "r/a.txt" : "r/a.pdf", SECRET));
        empty_folder("r");
    }
}

static void from_office_into_a_pfile(void)
{
    LPCWSTR told;
    size_t count;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    fresh_folder("r");
    put_file("r/a.docx", bytes, count);
    CHECK_HR(encrypt("r/a.docx", &told), S_OK);
    CHECK_HR(encrypt_flags("r/a.docx", template_id(0), IPCF_EF_FLAG_FORCE_PFILE, NULL, &told), S_OK);
    CHECK_TEXT(told, wide(here("r/a.docx.pfile")));
    CHECK(names_with("r", "") == 1 && authentication_of("r/a.docx.pfile") == IPCX_FILE_AUTHENTICATED);
    CHECK_HR(encrypt("r/a.docx.pfile", &told), S_OK);
    CHECK_TEXT(told, wide(here("r/a.docx")));
    CHECK_HR(decrypt("r/a.docx", &told), S_OK);
    CHECK(holds("r/a.docx", bytes, count));
}

/* What a pfile holds is looked at, when it is to become a container that asks for more. */
static void content_that_its_next_container_does_not_take(void)
{
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.docx", "no document");
    put_text("r/a.pdf", "no PDF");
    CHECK_HR(encrypt_flags("r/a.docx", template_id(0), IPCF_EF_FLAG_FORCE_PFILE, NULL, &told), S_OK);
    CHECK_HR(encrypt_flags("r/a.pdf", template_id(0), IPCF_EF_FLAG_FORCE_PFILE, NULL, &told), S_OK);
    remember("r/a.docx.pfile");
    CHECK_HR(encrypt_flags("r/a.docx.pfile", template_id(1), 0, NULL, &told), WIN32(ERROR_NOT_SUPPORTED));
    CHECK(is_as_before("r/a.docx.pfile"));
    remember("r/a.pdf.pfile");
    CHECK_HR(encrypt_flags("r/a.pdf.pfile", template_id(1), 0, NULL, &told), IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED);
    CHECK(is_as_before("r/a.pdf.pfile") && names_with("r", "") == 2);
    CHECK_HR(encrypt_flags("r/a.docx.pfile", template_id(1), IPCF_EF_FLAG_FORCE_PFILE, NULL, &told), S_OK);
    CHECK_HR(decrypt("r/a.docx.pfile", &told), S_OK);
    CHECK(holds_text("r/a.docx", "no document"));
}

static void who_may_take_protection_off(void)
{
    static const struct {
        LPCWSTR user;
        const char *rights;
        HRESULT plain, aware;
    } cases[] = {
        {BOB, "VIEW", IPCERROR_RIGHT_NOT_GRANTED, S_OK},
        {BOB, "VIEW EDIT EXPORT DOCEDIT PRINT", IPCERROR_RIGHT_NOT_GRANTED, S_OK},
        {BOB, "VIEW EXTRACT", S_OK, S_OK},
        {BOB, "OWNER", S_OK, S_OK},
        {BOB, "EDIT", IPCERROR_RIGHT_NOT_GRANTED, IPCERROR_RIGHT_NOT_GRANTED},
        {CAROL, "VIEW EXTRACT", IPCERROR_RIGHT_NOT_GRANTED, IPCERROR_RIGHT_NOT_GRANTED},
    };
    size_t i, count;
    DWORD aware;
    LPCWSTR told;
    const BYTE *bytes = real_document(&count);
    for (i = 0; i < COUNT(cases); i++)
        for (aware = 0; aware < (slow() && i > 2 ? 2 : 4); aware++) {
            HRESULT expected = aware & 1 ? cases[i].aware : cases[i].plain;
            const char *plain = aware & 2 ? "r/a.docx" : "r/a.txt", *sealed = aware & 2 ? "r/a.docx" : "r/a.ptxt";
            IPC_LICENSE_HANDLE license = license_for(cases[i].user, cases[i].rights, 0);
            fresh_folder("r");
            if (aware & 2)
                put_file(plain, bytes, count);
            else
                put_text(plain, SECRET);
            CHECK_HR(encrypt_license(plain, license, 0, &told), S_OK);
            remember(sealed);
            act_as(BOB);
            if (!CHECK_HR(decrypt_flags(sealed, aware & 1, NULL, &told), expected))
                printf("    with %s, %u\n", cases[i].rights, (unsigned)aware);
            if (expected != S_OK)
                CHECK(is_as_before(sealed) && told == NULL && names_with("r", "") == 1);
            else
                CHECK(aware & 2 ? holds(plain, bytes, count) : holds_text(plain, SECRET));
        }
    CHECK_HR(IpcfDecryptFile(W("r/a.txt"), 2, NULL, NULL, NULL), E_INVALIDARG);
}

static void packages(void)
{
    static const struct {
        DWORD asked, pfile, office;
        BOOL authentic;
    } cases[] = {
        /* CBC4K without padding, as Office has it, has no number. */
        {0, IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K, 0, TRUE},
        {IPC_ENCRYPTION_PACKAGE_AES256_CBC4K, IPC_ENCRYPTION_PACKAGE_AES256_CBC4K, 0, FALSE},
        {IPC_ENCRYPTION_PACKAGE_AES128_CBC4K, IPC_ENCRYPTION_PACKAGE_AES128_CBC4K, 0, FALSE},
        {IPC_ENCRYPTION_PACKAGE_AES128_ECB, IPC_ENCRYPTION_PACKAGE_AES128_ECB, IPC_ENCRYPTION_PACKAGE_AES128_ECB, FALSE},
        {IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K, IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K, 0, TRUE},
    };
    static BYTE content[10001];
    size_t i, count, length;
    LPCWSTR told;
    const BYTE *bytes = real_document(&count);
    fill(content, sizeof content, 9);
    for (i = 0; i < COUNT(cases); i++) {
        IPC_LICENSE_HANDLE license = license_for(BOB, "VIEW EXTRACT", cases[i].asked);
        PIPC_BUFFER found;
        fresh_folder("r");
        for (length = slow() ? 10001 : 0; length <= sizeof content; length += length == 4096 ? 5905 : 4096) {
            put_file("r/a.bin", content, length);
            CHECK_HR(encrypt_license("r/a.bin", license, 0, &told), S_OK);
            CHECK(package_of(open_as(BOB, license_of("r/a.bin.pfile"))) == cases[i].pfile);
            CHECK((authentication_of("r/a.bin.pfile") == IPCX_FILE_AUTHENTICATED) == cases[i].authentic);
            act_as(BOB);
            CHECK_HR(decrypt("r/a.bin.pfile", &told), S_OK);
            CHECK(holds("r/a.bin", content, length));
            act_as(ALICE);
        }
        put_file("r/a.docx", bytes, count);
        CHECK_HR(encrypt_license("r/a.docx", license, 0, &told), S_OK);
        found = license_of("r/a.docx");
        CHECK(package_of(open_as(BOB, found)) == cases[i].office);
        CHECK(authentication_of("r/a.docx") == IPCX_FILE_UNAUTHENTICATED);
        CHECK_HR(decrypt("r/a.docx", &told), S_OK);
        CHECK(holds("r/a.docx", bytes, count));
        /* The handle is as it was: what a container needs is not the application's choice. */
        act_as(ALICE);
        CHECK(package_of(serialize(license).key) == (cases[i].asked != 0 ? cases[i].asked : IPC_ENCRYPTION_PACKAGE_AES256_CBC4K));
    }
}

static void the_package_that_the_rules_choose(void)
{
    IPC_LICENSE_HANDLE license;
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("r");
    put_rules("[FileProtection]\nPackage = \"aes256-cbc4k\"\n");
    put_text("r/a.txt", SECRET);
    CHECK_HR(encrypt("r/a.txt", &told), S_OK);
    CHECK(package_of(open_as(ALICE, license_of("r/a.ptxt"))) == IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    CHECK(authentication_of("r/a.ptxt") == IPCX_FILE_UNAUTHENTICATED);
    /* What the license asks for counts first. */
    put_text("r/b.txt", SECRET);
    license = license_for(BOB, "VIEW", IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K);
    CHECK_HR(encrypt_license("r/b.txt", license, 0, &told), S_OK);
    CHECK(authentication_of("r/b.ptxt") == IPCX_FILE_AUTHENTICATED);
    put_rules(NULL);
    CHECK_HR(decrypt("r/a.ptxt", &told), S_OK);
    CHECK(holds_text("r/a.txt", SECRET));
}

static void deprecated_algorithms_are_not_for_files(void)
{
    IPC_LICENSE_HANDLE license = license_for(BOB, "VIEW EXTRACT", 0);
    BOOL yes = TRUE;
    PIPC_BUFFER found;
    LPCWSTR told;
    set_property(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes);
    fresh_folder("r");
    put_text("r/a.txt", SECRET);
    CHECK_HR(encrypt_license("r/a.txt", license, 0, &told), S_OK);
    found = license_of("r/a.ptxt");
    CHECK(package_of(open_as(BOB, found)) == IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K);
    /* Not UTF-16. */
    CHECK(found->cbBuffer > 8 && ((const BYTE *)found->pvBuffer)[5] != 0);
    CHECK_HR(decrypt("r/a.ptxt", &told), S_OK);
    CHECK(holds_text("r/a.txt", SECRET));
}

/* The content key of a file goes on being used for its next policy, whatever container that asks for. */
static void content_keys_that_are_kept(void)
{
    static const Entry reader[] = {{CAROL, "VIEW EXTRACT"}};
    static const DWORD flags[] = {0, IPCF_EF_FLAG_FORCE_PFILE};
    size_t count, i, j;
    LPCWSTR told;
    const BYTE *bytes = real_document(&count);
    for (i = 0; i < (slow() ? 1 : 2); i++)
        for (j = 0; j < 3; j++) {
            const char *plain = j == 0 ? "r/a.docx" : "r/a.bin", *sealed = j == 0 ? "r/a.docx" : "r/a.bin.pfile";
            IPC_LICENSE_HANDLE draft = license_for(BOB, "VIEW EDITRIGHTSDATA EDIT", j == 2 ? IPC_ENCRYPTION_PACKAGE_AES256_CBC4K : 0);
            IPC_KEY_HANDLE key;
            HRESULT result;
            fresh_folder("r");
            put_file(plain, bytes, count);
            CHECK_HR(encrypt_license(plain, draft, 0, &told), S_OK);
            remember(sealed);
            key = open_as(BOB, license_of(sealed));
            draft = scratch_license();
            grant(draft, reader, 1);
            set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)key);
            result = encrypt_license(sealed, draft, flags[i], &told);
            if (result != S_OK) {
                printf("    %s with flags %u: 0x%08lX\n", sealed, (unsigned)flags[i], (unsigned long)(DWORD)result);
                CHECK(is_as_before(sealed) && names_with("r", "") == 1);
                CHECK_HR(result, S_OK);
                continue;
            }
            if (told != NULL)
                sealed = "r/a.docx.pfile";
            CHECK(!is_as_before(sealed) && names_with("r", "") == 1);
            act_as(CAROL);
            CHECK_HR(decrypt(sealed, &told), S_OK);
            CHECK(holds(plain, bytes, count));
        }
}

static ULONGLONG ticks(FILETIME at)
{
    return (ULONGLONG)at.dwHighDateTime << 32 | at.dwLowDateTime;
}

static void metadata_for_tracking(void)
{
    IPC_LICENSE_METADATA given;
    IPC_LICENSE_HANDLE license = license_for(BOB, "VIEW EXTRACT", 0);
    IPC_LICENSE_METADATA_HANDLE handle = NULL;
    PIPC_BUFFER found;
    LPCWSTR told = NULL;
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    fresh_folder("r");
    memset(&given, 0, sizeof given);
    given.cbSize = sizeof given;
    given.dwNotificationType = IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY;
    given.dwNotificationPreference = IPCD_CT_NOTIFICATION_PREF_DIGEST;
    given.ftDateModified.dwHighDateTime = 0x01D50000;
    given.wszContentName = W("Tide tables");
    for (i = 0; i < 2; i++) {
        const char *plain = i == 0 ? "r/a.txt" : "r/a.docx", *sealed = i == 0 ? "r/a.ptxt" : "r/a.docx";
        act_as(ALICE);
        if (i == 0)
            put_text(plain, SECRET);
        else
            put_file(plain, bytes, count);
        CHECK_HR(IpcfEncryptFileWithMetadata(wide(plain), (LPCVOID)license, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL, &given, &told), S_OK);
        mine(told);
        found = license_of(sealed);
        CHECK(occurs(sealed, "Tide tables", 11) && occurs(sealed, "MS.Content.Name", 15));
        CHECK(occurs(sealed, "MS.ContentPath.Hash", 19) && occurs(sealed, "MS.Content.DateModified", 23));
        CHECK(!occurs(sealed, "MS.Content.DateCreated", 22));
        CHECK_HR(IpcCreateLicenseMetadataHandle(found, open_as(ALICE, found), NULL, &handle), S_OK);
        my_handle((IPC_HANDLE)handle);
        CHECK(has_right(open_as(BOB, found), W("EXTRACT")) == TRUE);
        CHECK_HR(decrypt(sealed, &told), S_OK);
        CHECK(i == 0 ? holds_text(plain, SECRET) : holds(plain, bytes, count));
    }
    CHECK(ticks(given.ftDateModified) != 0);
    /* Without metadata there is none. */
    act_as(ALICE);
    CHECK_HR(IpcfEncryptFileWithMetadata(W("r/a.txt"), (LPCVOID)license, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL, NULL, &told), S_OK);
    mine(told);
    CHECK(!occurs("r/a.ptxt", "MS.Content", 10));
    CHECK_HR(decrypt("r/a.ptxt", &told), S_OK);
    given.cbSize--;
    CHECK_HR(IpcfEncryptFileWithMetadata(W("r/a.txt"), (LPCVOID)license, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL, &given, &told), E_INVALIDARG);
    given.cbSize++;
    given.dwNotificationType = 9;
    CHECK_HR(IpcfEncryptFileWithMetadata(W("r/a.txt"), (LPCVOID)license, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL, &given, &told), E_INVALIDARG);
    CHECK(holds_text("r/a.txt", SECRET));
}

static void where_the_use_license_is_kept(void)
{
    static const struct {
        DWORD flags;
        HRESULT offline;
    } cases[] = {
        {0, S_OK},
        {IPCF_EF_FLAG_KEY_NO_PERSIST_DISK, S_OK}, /* in memory */
        {IPCF_EF_FLAG_KEY_NO_PERSIST, IPCERROR_NEEDS_ONLINE},
        {IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE, IPCERROR_NEEDS_ONLINE},
        {IPCF_EF_FLAG_KEY_NO_PERSIST_DISK | IPCF_EF_FLAG_KEY_NO_PERSIST, IPCERROR_NEEDS_ONLINE},
    };
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        IPC_LICENSE_HANDLE license = license_for(BOB, "VIEW", 0);
        DWORD days = 30;
        IPC_KEY_HANDLE key = NULL;
        LPCWSTR told;
        set_property(license, IPC_LI_INTERVAL_TIME, &days);
        fresh_folder("r");
        put_text("r/a.txt", SECRET);
        CHECK_HR(encrypt_license("r/a.txt", license, cases[i].flags, &told), S_OK);
        if (!CHECK_HR(try_open(ALICE, license_of("r/a.ptxt"), IPC_PROMPT_FLAG_OFFLINE, &key), cases[i].offline))
            printf("    with flags %u\n", (unsigned)cases[i].flags);
    }
}

static void flags_and_types(void)
{
    LPCWSTR told = (LPCWSTR)1;
    act_as(ALICE);
    fresh_folder("r");
    put_text("r/a.txt", SECRET);
    CHECK_HR(encrypt_flags("r/a.txt", template_id(0), BOTH, NULL, &told), E_INVALIDARG);
    CHECK_HR(encrypt_flags("r/a.txt", template_id(0), 64, NULL, &told), E_INVALIDARG);
    CHECK_HR(encrypt_flags("r/a.txt", template_id(0), 0x80000000, NULL, &told), E_INVALIDARG);
    CHECK_HR(IpcfGetEncryptedFilePath(W("r/a.txt"), BOTH, &told), E_INVALIDARG);
    CHECK_HR(IpcfGetEncryptedFilePath(W("r/a.txt"), 64, &told), E_INVALIDARG);
    CHECK_HR(IpcfGetDecryptedFilePath(W("r/a.txt"), 2, &told), E_INVALIDARG);
    CHECK_HR(IpcfEncryptFile(W("r/a.txt"), (LPCVOID)template_id(0), 2, 0, NULL, NULL, &told), E_INVALIDARG);
    CHECK_HR(IpcfEncryptFile(W("r/a.txt"), NULL, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &told), E_INVALIDARG);
    CHECK_HR(encrypt_flags("r/a.txt", W("{00000000-0000-0000-0000-000000000001}"), 0, NULL, &told), WIN32(ERROR_NOT_FOUND));
    CHECK_TEXT(told, NULL);
    CHECK(holds_text("r/a.txt", SECRET) && names_with("r", "") == 1);
    CHECK_HR(encrypt_flags("r/a.txt", template_id(0), BLOCKED, NULL, &told), S_OK);
}

typedef struct {
    DWORD64 last_done, total;
    int calls, wrong, end_after, cancel_after;
    const CancelEvent *event;
    HRESULT code;
} Watcher;

static HRESULT CALLBACK watch(LPVOID context, DWORD64 done, DWORD64 total)
{
    Watcher *watcher = (Watcher *)context;
    watcher->calls++;
    if (done > total || done < watcher->last_done || (watcher->calls > 1 && total != watcher->total))
        watcher->wrong++;
    watcher->last_done = done;
    watcher->total = total;
    if (watcher->cancel_after == watcher->calls && !cancel_set(watcher->event))
        watcher->wrong++;
    /* No lock is held: the library can be asked. */
    if (IpcfIsFileEncrypted(W("."), (DWORD[]){0}) == S_OK)
        watcher->wrong++;
    return watcher->end_after == watcher->calls ? watcher->code : S_OK;
}

static BYTE large[900000];

static void progress_and_its_end(void)
{
    static const HRESULT codes[] = {E_ABORT, WIN32(ERROR_CANCELLED), (HRESULT)0x8BADF00D};
    static const char *const kinds[][2] = {{"r/a.bin", "r/a.bin.pfile"}, {"r/a.docx", "r/a.docx"}};
    Watcher watcher;
    LPCWSTR told;
    size_t i, j, count;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    for (j = 0; j < COUNT(kinds); j++) {
        const char *plain = kinds[j][0], *sealed = kinds[j][1];
        const BYTE *content = j == 0 ? large : bytes;
        size_t length = j == 0 ? sizeof large : count;
        fresh_folder("r");
        fill(large, sizeof large, 5);
        put_file(plain, content, length);
        memset(&watcher, 0, sizeof watcher);
        REQUIRE_OK(IpcxSetFileProgress(watch, &watcher));
        CHECK_HR(encrypt(plain, &told), S_OK);
        CHECK(watcher.calls >= 1 && watcher.wrong == 0 && watcher.total == length && watcher.last_done == watcher.total);
        for (i = 0; i < COUNT(codes); i++) {
            memset(&watcher, 0, sizeof watcher);
            watcher.end_after = 1;
            watcher.code = codes[i];
            remember(sealed);
            CHECK_HR(decrypt(sealed, &told), codes[i]);
            CHECK(is_as_before(sealed) && names_with("r", "") == 1 && watcher.calls == 1);
            watcher.calls = 0;
            watcher.last_done = 0;
            CHECK_HR(encrypt_flags(sealed, template_id(1), 0, NULL, &told), codes[i]);
            CHECK(is_as_before(sealed) && names_with("r", "") == 1);
        }
        memset(&watcher, 0, sizeof watcher);
        CHECK_HR(decrypt(sealed, &told), S_OK);
        CHECK(watcher.calls >= 1 && watcher.wrong == 0 && watcher.last_done == watcher.total);
        CHECK(holds(plain, content, length));
        memset(&watcher, 0, sizeof watcher);
        watcher.end_after = 1;
        watcher.code = E_ABORT;
        CHECK_HR(encrypt(plain, &told), E_ABORT);
        CHECK(holds(plain, content, length) && names_with("r", "") == 1);
        REQUIRE_OK(IpcxSetFileProgress(NULL, NULL));
        watcher.calls = 0;
        CHECK_HR(encrypt(plain, &told), S_OK);
        CHECK(watcher.calls == 0);
    }
}

static void cancelled_by_the_event(void)
{
    IPC_PROMPT_CTX prompt = silent_prompt();
    Watcher watcher;
    CancelEvent event;
    LPCWSTR told = NULL;
    act_as(ALICE);
    fresh_folder("r");
    fill(large, sizeof large, 6);
    put_file("r/a.bin", large, sizeof large);
    REQUIRE(cancel_open(&event));
    prompt.hCancelEvent = cancel_handle(&event);
    /* In the middle of the work. */
    memset(&watcher, 0, sizeof watcher);
    watcher.cancel_after = 1;
    watcher.event = &event;
    REQUIRE_OK(IpcxSetFileProgress(watch, &watcher));
    CHECK_HR(IpcfEncryptFile(W("r/a.bin"), (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, &prompt, NULL, &told), WIN32(ERROR_CANCELLED));
    REQUIRE_OK(IpcxSetFileProgress(NULL, NULL));
    CHECK_TEXT(told, NULL);
    CHECK(watcher.calls == 1 && watcher.wrong == 0);
    CHECK(holds("r/a.bin", large, sizeof large) && names_with("r", "") == 1);
    /* And before it. */
    CHECK_HR(IpcfEncryptFile(W("r/a.bin"), (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, &prompt, NULL, &told), WIN32(ERROR_CANCELLED));
    CHECK(holds("r/a.bin", large, sizeof large) && names_with("r", "") == 1);
    CHECK_HR(encrypt("r/a.bin", &told), S_OK);
    remember("r/a.bin.pfile");
    CHECK_HR(IpcfDecryptFile(W("r/a.bin.pfile"), 0, &prompt, NULL, &told), WIN32(ERROR_CANCELLED));
    CHECK(is_as_before("r/a.bin.pfile") && names_with("r", "") == 1);
    cancel_close(&event);
    CHECK_HR(decrypt("r/a.bin.pfile", &told), S_OK);
    CHECK(holds("r/a.bin", large, sizeof large));
}

/* What an application reads out of a protected file itself, with the key that the license in it opens. */
static void content_by_the_functions_for_buffers(void)
{
    static BYTE sealed[20000], content[9000], opened[20000];
    IPC_LICENSE_HANDLE license = license_for(BOB, "VIEW", IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    size_t size, at;
    DWORD got = 0;
    LPCWSTR told;
    fresh_folder("r");
    fill(content, sizeof content, 11);
    put_file("r/a.bin", content, sizeof content);
    CHECK_HR(encrypt_license("r/a.bin", license, 0, &told), S_OK);
    memset(sealed, 0, sizeof sealed);
    {
        const BYTE *found = get_file("r/a.bin.pfile", &size);
        REQUIRE(memcmp(found, ".pfile", 6) == 0);
        /* The content ends the file: whole blocks of the cipher. */
        at = size - (sizeof content / 16 + 1) * 16;
        memcpy(sealed, found + at, size - at);
    }
    CHECK_HR(IpcDecrypt(open_as(BOB, license_of("r/a.bin.pfile")), 0, TRUE, sealed, (DWORD)(size - at), opened, sizeof opened, &got), S_OK);
    CHECK(got == sizeof content && memcmp(opened, content, got) == 0);
}

int main(void)
{
    RUN(rules_of_the_account);
    RUN(rules_in_all_their_forms);
    RUN(rules_that_are_not_understood);
#if !defined(_WIN32)
    RUN(rules_that_others_may_write_do_not_count);
#endif
    RUN(rules_and_files_that_are_protected);
    RUN(the_same_policy_changes_nothing);
    RUN(protected_anew_under_another_policy);
    RUN(from_office_into_a_pfile);
    RUN(content_that_its_next_container_does_not_take);
    RUN(who_may_take_protection_off);
    RUN(packages);
    RUN(the_package_that_the_rules_choose);
    RUN(deprecated_algorithms_are_not_for_files);
    RUN(content_keys_that_are_kept);
    RUN(metadata_for_tracking);
    RUN(where_the_use_license_is_kept);
    RUN(flags_and_types);
    RUN(progress_and_its_end);
    RUN(cancelled_by_the_event);
    RUN(content_by_the_functions_for_buffers);
    return finish_tests();
}
