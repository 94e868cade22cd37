/* Rules for protecting files that stand in the registry, for the machine and for the account. */
#include "files.h"

#define RULES "Software\\Microsoft\\MSIPC\\FileProtection"

/* Sets the value Encryption of an extension, or Package with NULL; removes the key when there is no value. */
static void set_rule(HKEY root, const char *extension, const char *value)
{
    char path[256];
    HKEY key;
    snprintf(path, sizeof path, "%s%s%s", RULES, extension != NULL ? "\\" : "", extension != NULL ? extension : "");
    if (value == NULL) {
        RegDeleteKeyA(root, path);
        return;
    }
    REQUIRE(RegCreateKeyExA(root, path, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL) == ERROR_SUCCESS);
    CHECK(RegSetValueExA(key, extension != NULL ? "Encryption" : "Package", 0, REG_SZ, (const BYTE *)value, (DWORD)strlen(value) + 1) == ERROR_SUCCESS);
    RegCloseKey(key);
}

static void forget_rules(void)
{
    static const char *const extensions[] = {"txt", "TXT", "docx", "*", ".", "zzz", "jpg", "png"};
    size_t i;
    for (i = 0; i < COUNT(extensions); i++) {
        set_rule(HKEY_LOCAL_MACHINE, extensions[i], NULL);
        set_rule(HKEY_CURRENT_USER, extensions[i], NULL);
    }
    set_rule(HKEY_LOCAL_MACHINE, NULL, NULL);
    set_rule(HKEY_CURRENT_USER, NULL, NULL);
}

static void check_rule(const char *name, HRESULT expected, const char *sealed)
{
    char path[PATH_ROOM];
    LPCWSTR told = NULL;
    snprintf(path, sizeof path, "r/%s", name);
    if (!CHECK_HR(IpcfGetEncryptedFilePath(wide(path), 0, &told), expected) ||
        !CHECK(sealed == NULL ? told == NULL : wide_contains(told, as_told(sealed))))
        printf("    with %s\n", name);
    mine(told);
}

static void begin(void)
{
    static const char *const names[] = {"r/a.txt", "r/a.zzz", "r/a.yyy", "r/a.jpg", "r/none"};
    size_t i;
    act_as(ALICE);
    fresh_folder("r");
    for (i = 0; i < COUNT(names); i++)
        put_text(names[i], "the tide tables");
    forget_rules();
}

static void rules_of_the_machine(void)
{
    LPCWSTR told;
    begin();
    check_rule("a.txt", S_OK, "r/a.ptxt");
    set_rule(HKEY_LOCAL_MACHINE, "TXT", "OFF");
    set_rule(HKEY_LOCAL_MACHINE, "zzz", "Native");
    set_rule(HKEY_LOCAL_MACHINE, "jpg", "Pfile");
    set_rule(HKEY_LOCAL_MACHINE, ".", "Off");
    set_rule(HKEY_LOCAL_MACHINE, "*", "Off");
    check_rule("a.txt", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    check_rule("a.zzz", S_OK, "r/a.pzzz");
    check_rule("a.jpg", S_OK, "r/a.jpg.pfile");
    check_rule("none", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    check_rule("a.yyy", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    CHECK_HR(encrypt("r/a.txt", &told), IPCERROR_FILE_ENCRYPT_BLOCKED);
    CHECK(holds_text("r/a.txt", "the tide tables"));
    /* What makes no sense is none. */
    set_rule(HKEY_LOCAL_MACHINE, "*", "Perhaps");
    set_rule(HKEY_LOCAL_MACHINE, ".", "");
    check_rule("none", S_OK, "r/none.pfile");
    check_rule("a.yyy", S_OK, "r/a.yyy.pfile");
    forget_rules();
    check_rule("a.txt", S_OK, "r/a.ptxt");
}

static void the_machine_counts_before_the_account(void)
{
    begin();
    set_rule(HKEY_CURRENT_USER, "txt", "Off");
    set_rule(HKEY_CURRENT_USER, "jpg", "Off");
    check_rule("a.txt", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    set_rule(HKEY_LOCAL_MACHINE, "txt", "Native");
    check_rule("a.txt", S_OK, "r/a.ptxt");
    check_rule("a.jpg", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    forget_rules();
}

static void set_value(HKEY root, const char *extension, DWORD type, const void *value, size_t count)
{
    char path[256];
    HKEY key;
    snprintf(path, sizeof path, "%s\\%s", RULES, extension);
    REQUIRE(RegCreateKeyExA(root, path, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL) == ERROR_SUCCESS);
    CHECK(RegSetValueExA(key, "Encryption", 0, type, (const BYTE *)value, (DWORD)count) == ERROR_SUCCESS);
    RegCloseKey(key);
}

/* A rule that is no text is none; one that nobody can read forbids, when it is the machine's. */
static void values_that_are_no_rule(void)
{
    static char endless[4096];
    DWORD number = 1;
    memset(endless, 'x', sizeof endless - 1);
    begin();
    set_value(HKEY_LOCAL_MACHINE, "txt", REG_DWORD, &number, sizeof number);
    check_rule("a.txt", S_OK, "r/a.ptxt");
    set_value(HKEY_LOCAL_MACHINE, "txt", REG_BINARY, "Off", 3);
    check_rule("a.txt", S_OK, "r/a.ptxt");
    set_value(HKEY_LOCAL_MACHINE, "txt", REG_SZ, "Off", 3); /* without its terminator */
    check_rule("a.txt", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    set_value(HKEY_LOCAL_MACHINE, "txt", REG_SZ, "", 0);
    check_rule("a.txt", S_OK, "r/a.ptxt");
    set_value(HKEY_CURRENT_USER, "txt", REG_SZ, endless, sizeof endless);
    check_rule("a.txt", S_OK, "r/a.ptxt");
    forget_rules();
    set_value(HKEY_LOCAL_MACHINE, "zzz", REG_SZ, endless, sizeof endless);
    check_rule("a.txt", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    forget_rules();
    check_rule("a.txt", S_OK, "r/a.ptxt");
}

/* There is one account here, which the thread impersonates. */
static void rules_are_found_while_a_thread_impersonates(void)
{
    begin();
    set_rule(HKEY_CURRENT_USER, "txt", "Off");
    REQUIRE(ImpersonateSelf(SecurityImpersonation));
    check_rule("a.txt", IPCERROR_FILE_ENCRYPT_BLOCKED, NULL);
    CHECK(RevertToSelf());
    forget_rules();
}

static void the_package_of_pfiles(void)
{
    LPCWSTR told;
    begin();
    set_rule(HKEY_LOCAL_MACHINE, NULL, "aes256-cbc4k");
    CHECK_HR(encrypt("r/a.zzz", &told), S_OK);
    CHECK(package_of(open_as(ALICE, license_of("r/a.zzz.pfile"))) == IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    forget_rules();
    CHECK_HR(encrypt("r/a.yyy", &told), S_OK);
    CHECK(package_of(open_as(ALICE, license_of("r/a.yyy.pfile"))) == IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K);
}

int main(void)
{
    RUN(rules_of_the_machine);
    RUN(the_machine_counts_before_the_account);
    RUN(values_that_are_no_rule);
    RUN(rules_are_found_while_a_thread_impersonates);
    RUN(the_package_of_pfiles);
    return finish_tests();
}
