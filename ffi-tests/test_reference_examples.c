/* The examples of docs/reference, called one after the other on a store of their own: what the reference shows does what it
 * says, and gives back what it takes.
 */
#include "harness.h"

#include "certificate.h"

#include "../docs/reference/credentials.c"
#include "../docs/reference/diagnostics.c"
#include "../docs/reference/directory.c"
#include "../docs/reference/errors.c"
#include "../docs/reference/files.c"
#include "../docs/reference/keys.c"
#include "../docs/reference/licenses.c"
#include "../docs/reference/open_files.c"
#include "../docs/reference/process.c"
#include "../docs/reference/streams.c"
#include "../docs/reference/template_administration.c"
#include "../docs/reference/templates.c"
#include "../docs/reference/tracking.c"

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

#define ALICE W("alice@contoso.example")
#define BOB W("bob@contoso.example")
#define CAROL W("carol@contoso.example")

/* What a file holds. */
typedef struct {
    BYTE bytes[65536];
    DWORD size;
} Content;

static Content content_of(const char *path)
{
    Content found;
    FILE *file = fopen(path, "rb");
    REQUIRE(file != NULL);
    found.size = (DWORD)fread(found.bytes, 1, sizeof found.bytes, file);
    fclose(file);
    return found;
}

static void make_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    REQUIRE(file != NULL);
    CHECK(fwrite(text, 1, strlen(text), file) == strlen(text));
    CHECK(fclose(file) == 0);
}

static HANDLE open_file(const char *path, int *descriptor)
{
#ifdef _WIN32
    *descriptor = 0;
    return CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
#else
    *descriptor = open(path, O_RDWR);
    REQUIRE(*descriptor >= 0);
    return IPCX_FILE_FD(*descriptor);
#endif
}

static void close_file(HANDLE file, int descriptor)
{
#ifdef _WIN32
    (void)descriptor;
    CloseHandle(file);
#else
    (void)file;
    close(descriptor);
#endif
}

/* A license by Alice that lets Bob read and print, and the key that comes with it. */
static PIPC_BUFFER license_for_bob(IPC_KEY_HANDLE *key)
{
    IPC_LICENSE_HANDLE license = NULL;
    PIPC_BUFFER bytes = NULL;
    REQUIRE_OK(IpcxSetThreadIdentity(ALICE));
    REQUIRE_OK(license_for_reader(BOB, &license));
    my_handle((IPC_HANDLE)license);
    REQUIRE_OK(sign_license(license, key, &bytes));
    my_handle((IPC_HANDLE)*key);
    mine(bytes);
    REQUIRE(bytes != NULL && bytes->cbBuffer > 0);
    return bytes;
}

static LPCWSTR first_template(void)
{
    PCIPC_TIL templates = NULL;
    REQUIRE_OK(IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &templates));
    mine(templates);
    REQUIRE(templates->cTi > 0);
    return templates->aTi[0].wszID;
}

static HRESULT nothing_to_do(void)
{
    return S_OK;
}

static void process(void)
{
    BOOL is = TRUE;
    CHECK(begin());
    CHECK(library_is_new_enough());
    CHECK_HR(with_environment(nothing_to_do), S_OK);
    CHECK_HR(is_server(&is), S_OK);
    CHECK(is == FALSE);
    CHECK_HR(use_four_threads(), S_OK);
    CHECK_HR(IpcxSetThreads(1), S_OK);
    CHECK_HR(show_identity(&is), S_OK);
    CHECK(is == TRUE); /* the store was made by this account */
    CHECK_HR(act_as(CAROL), S_OK);
    CHECK_HR(show_identity(&is), S_OK);
    CHECK(is == FALSE);
    CHECK_HR(accept_present_time(), E_ACCESSDENIED);
    CHECK_HR(act_as(NULL), S_OK);
    CHECK_HR(act_as(W("")), E_INVALIDARG);
    CHECK_HR(accept_present_time(), S_OK);
    CHECK_HR(unlock_store(W("a passphrase")), IPCERROR_PROPERTY_ALREADY_SET);
    CHECK_HR(change_passphrase(W("one"), W("two")), WIN32(ERROR_NOT_SUPPORTED));
}

static void showing(HWND window)
{
    (void)window;
}

static void errors(void)
{
    DWORD count = 0;
    IPC_KEY_HANDLE key = NULL;
    explain(IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(IpcCloseHandle(NULL), E_HANDLE);
    log_last_failure();
    CHECK_HR(count_templates(&count), S_OK);
    CHECK(count > 0);
    license_for_bob(&key);
    close_key(&key);
    CHECK(key == NULL);
    close_key(&key);
    CHECK_HR(show_protected(NULL, showing), E_INVALIDARG);
}

static void diagnostics(void)
{
    IPC_KEY_HANDLE key = NULL, reader = NULL;
    PIPC_BUFFER license = license_for_bob(&key);
    FILE *file = fopen("log", "wb");
    Content log;
    REQUIRE(file != NULL);
    REQUIRE_OK(log_to(file));
    CHECK_HR(open_for(CAROL, license, &reader), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(log_to(NULL), S_OK);
    fclose(file);
    CHECK_HR(show_explanation(), S_OK);
    log = content_of("log");
    log.bytes[log.size < sizeof log.bytes ? log.size : sizeof log.bytes - 1] = 0;
    CHECK(strstr((const char *)log.bytes, "license.refused") != NULL);
}

static void licenses(void)
{
    IPC_LICENSE_HANDLE license = NULL;
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER bytes = NULL;
    BOOL granted = FALSE;
    FILETIME from = {0, 0x01DA0000}; /* in the autumn of 2023 */
    CHECK_HR(list_templates(), S_OK);
    REQUIRE_OK(license_at_default_authority(&license));
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)license), S_OK);
    REQUIRE_OK(license_from_template(first_template(), W("mailto:ask@contoso.example"), &license));
    my_handle((IPC_HANDLE)license);
    CHECK_HR(show_content_id(license), S_OK);
    CHECK_HR(limit_time(license, from), S_OK);
    REQUIRE_OK(license_for_two(BOB, CAROL, &license));
    my_handle((IPC_HANDLE)license);
    REQUIRE_OK(do_not_forward(BOB, CAROL, &key, &bytes));
    mine(bytes);
    my_handle((IPC_HANDLE)key);
    CHECK_HR(show_owner(bytes), S_OK);
    REQUIRE_OK(open_for(BOB, bytes, &key));
    my_handle((IPC_HANDLE)key);
    CHECK_HR(IpcAccessCheck(key, IPC_EMAIL_REPLY, &granted), S_OK);
    CHECK(granted == TRUE);
    CHECK_HR(IpcAccessCheck(key, IPC_EMAIL_FORWARD, &granted), S_OK);
    CHECK(granted == FALSE);
    CHECK_HR(show_reviewer(), S_OK);
    CHECK_HR(show_right(IPC_GENERIC_EXTRACT), S_OK);
    CHECK_HR(show_right(W("A RIGHT OF OUR OWN")), S_OK);
    CHECK_HR(show_download_rights(), S_OK);
}

static void keys(void)
{
    static const char text[] = "the minutes of the board";
    IPC_KEY_HANDLE key = NULL, reader = NULL;
    PIPC_BUFFER license = license_for_bob(&key);
    PBYTE encrypted = NULL;
    DWORD size = 0, block = 0;
    REQUIRE_OK(encrypt_all(key, (PBYTE)text, sizeof text, &encrypted, &size));
    CHECK(memcmp(encrypted, text, sizeof text) != 0);
    REQUIRE_OK(IpcxSetThreadIdentity(BOB));
    REQUIRE_OK(open_license(license, &reader));
    my_handle((IPC_HANDLE)reader);
    CHECK(may_print(reader) == TRUE);
    CHECK_HR(block_size_of(reader, &block), S_OK);
    CHECK(block == 4096);
    CHECK_HR(warn_if_unauthenticated(reader), S_OK);
    CHECK_HR(show_package(reader), S_OK);
    CHECK_HR(decrypt_all(reader, encrypted, &size), S_OK);
    CHECK(size == sizeof text && memcmp(encrypted, text, sizeof text) == 0);
    free(encrypted);
    REQUIRE_OK(IpcxSetThreadIdentity(CAROL));
    CHECK_HR(open_license(license, &reader), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(reader == NULL);
}

static void credentials(void)
{
    static const LPCWSTR KEY = W("MDEyMzQ1Njc4OWFiY2RlZg==");
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER license = license_for_bob(&key);
    CHECK_HR(open_with_token(license, W("no token"), &key), WIN32(ERROR_NOT_AUTHENTICATED));
    REQUIRE_OK(IpcxSetThreadIdentity(NULL));
    CHECK_HR(accept_tokens(W("{\"keys\":[{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}")), S_OK);
    CHECK_HR(list_token_issuers(), S_OK);
    CHECK_HR(refuse_tokens(W("contoso sign-in")), S_OK);
    CHECK_HR(refuse_tokens(W("contoso sign-in")), S_OK);
    CHECK_HR(register_backup(KEY), S_OK);
    CHECK_HR(open_as_backup(license, KEY, &key), IPCERROR_RIGHT_NOT_GRANTED); /* proven, and nothing granted */
    CHECK_HR(forget_backup(), S_OK);
    CHECK_HR(open_as_backup(license, KEY, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    CHECK_HR(register_certificate((BYTE *)CERTIFICATE, sizeof CERTIFICATE, BOB), S_OK);
    CHECK_HR(forget_certificate((BYTE *)CERTIFICATE, sizeof CERTIFICATE), S_OK);
    CHECK_HR(forget_certificate((BYTE *)CERTIFICATE, sizeof CERTIFICATE), S_OK);
}

static void tracking(void)
{
    IPC_KEY_HANDLE key = NULL, reader = NULL;
    PIPC_BUFFER license = license_for_bob(&key), named = NULL;
    FILE *file;
    Content list;
    REQUIRE_OK(name_document(license, key, W("minutes"), &named));
    mine(named);
    CHECK_HR(register_document(named, W("minutes")), S_OK);
    CHECK_HR(revoke_license(named), S_OK);
    CHECK_HR(open_for(BOB, license, &reader), IPCERROR_RIGHT_NOT_GRANTED);
    REQUIRE_OK(IpcxSetThreadIdentity(ALICE));
    CHECK_HR(restore_license(named), S_OK);
    CHECK_HR(restore_license(named), S_OK);
    CHECK_HR(open_for(BOB, license, &reader), S_OK);
    my_handle((IPC_HANDLE)reader);
    CHECK_HR(show_uses(NULL), S_OK);
    file = fopen("revocations", "wb");
    REQUIRE(file != NULL);
    CHECK_HR(write_revocation_list(file), S_OK);
    fclose(file);
    list = content_of("revocations");
    CHECK_HR(take_revocation_list(list.bytes, list.size), S_OK);
    file = fopen("checkpoint", "wb");
    REQUIRE(file != NULL);
    CHECK_HR(write_checkpoint(file), S_OK); /* as the administrator */
    fclose(file);
    list = content_of("checkpoint");
    CHECK_HR(check_log(list.bytes, list.size), S_OK);
}

static void files(void)
{
    static const char text[] = "what we spoke of";
    IPC_LICENSE_HANDLE license = NULL;
    IPC_KEY_HANDLE key = NULL;
    BOOL is = FALSE;
    make_file("plan.txt", text);
    CHECK_HR(show_protected_name(W("plan.txt")), S_OK);
    REQUIRE_OK(protect_file(W("plan.txt"), first_template()));
    CHECK_HR(is_protected(W("plan.ptxt"), &is), S_OK);
    CHECK(is == TRUE);
    CHECK_HR(show_plain_name(W("plan.ptxt")), S_OK);
    CHECK_HR(show_authentication(W("plan.ptxt")), S_OK);
    CHECK_HR(key_of_file(W("plan.ptxt"), &key), S_OK);
    my_handle((IPC_HANDLE)key);
    CHECK_HR(unprotect_file(W("plan.ptxt")), S_OK);
    CHECK(content_of("plan.txt").size == sizeof text - 1);
    REQUIRE_OK(IpcxSetThreadIdentity(ALICE));
    REQUIRE_OK(license_for_reader(BOB, &license));
    my_handle((IPC_HANDLE)license);
    CHECK_HR(protect_tracked(W("plan.txt"), license, W("the plan")), S_OK);
    REQUIRE_OK(IpcxSetThreadIdentity(BOB));
    CHECK_HR(unprotect_file(W("plan.ptxt")), IPCERROR_RIGHT_NOT_GRANTED); /* to read is not enough */
    REQUIRE_OK(IpcxSetThreadIdentity(ALICE));
    CHECK_HR(unprotect_file(W("plan.ptxt")), S_OK);
    CHECK_HR(protect_large_file(W("plan.txt"), first_template(), stdout), S_OK);
    printf("\n");
}

static void streams(void)
{
    static const char text[] = "what we spoke of";
    LPCWSTR name = W("plan.txt");
    IPC_LICENSE_HANDLE license = NULL;
    ILockBytes *first = NULL, *plain = NULL, *second = NULL;
    BYTE begin[16];
    ULONG got = 0;
    BOOL is = FALSE;
    CHECK_HR(first_bytes(text, sizeof text, begin, &got), S_OK);
    CHECK(got == 16 && memcmp(begin, text, 16) == 0);
    REQUIRE_OK(protect_in_memory(text, sizeof text, name, first_template(), &first));
    CHECK_HR(stream_is_protected(first, W("plan.ptxt"), &is), S_OK);
    CHECK(is == TRUE);
    CHECK_HR(show_plain_stream_name(first, W("plan.ptxt")), S_OK);
    CHECK_HR(show_stream_owner(first, W("plan.ptxt")), S_OK);
    REQUIRE_OK(open_in_memory(first, W("plan.ptxt"), &plain));
    CHECK_HR(stream_read(plain, begin, sizeof begin, &got), S_OK);
    CHECK(got == 16 && memcmp(begin, text, 16) == 0);
    CHECK_HR(show_protected_stream_name(plain, name), S_OK);
    REQUIRE_OK(license_for_reader(BOB, &license));
    my_handle((IPC_HANDLE)license);
    REQUIRE_OK(IpcxCreateStreamOnMemory(NULL, 0, &second));
    CHECK_HR(protect_stream_tracked(plain, name, license, second), S_OK);
    CHECK_HR(stream_is_protected(second, W("plan.ptxt"), &is), S_OK);
    CHECK(is == TRUE);
    stream_release(first);
    stream_release(plain);
    stream_release(second);
}

static void open_files(void)
{
    static const char text[] = "what we spoke of";
    BYTE room[64];
    DWORD64 size = sizeof room;
    IPCF_FILE_HANDLE file = NULL;
    BOOL is = FALSE;
    HANDLE handle;
    int descriptor;
    Content bytes;
    make_file("open.txt", text);
    REQUIRE_OK(protect_file(W("open.txt"), first_template()));
    CHECK_HR(read_begin(W("open.ptxt"), room, &size), S_OK);
    CHECK(size == sizeof text - 1 && memcmp(room, text, sizeof text - 1) == 0);
    handle = open_file("open.ptxt", &descriptor);
    CHECK_HR(open_file_is_protected(handle, W("open.ptxt"), &is), S_OK);
    CHECK(is == TRUE);
    REQUIRE_OK(open_on_handle(handle, &file));
    CHECK_HR(use_large_pieces(file), S_OK);
    CHECK_HR(file_is_authenticated(file, &is), S_OK);
    CHECK(is == TRUE);
    CHECK_HR(show_needed_bytes(file), S_OK);
    CHECK_HR(write_at(file, 5, "they"), S_OK);
    CHECK_HR(count_bytes(file, &size), S_OK);
    CHECK(size == sizeof text - 1);
    CHECK_HR(empty_file(file), S_OK);
    CHECK_HR(count_bytes(file, &size), S_OK);
    CHECK(size == 0);
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)file), S_OK);
    close_file(handle, descriptor);
    bytes = content_of("open.ptxt");
    REQUIRE_OK(open_on_bytes(bytes.bytes, bytes.size, &file));
    my_handle((IPC_HANDLE)file);
    CHECK_HR(count_bytes(file, &size), S_OK);
    CHECK(size == 0);
}

static void directory(void)
{
    CHECK_HR(add_person(W("dora@contoso.example"), W("d@contoso.example"), W("Dora")), S_OK);
    CHECK_HR(make_group(W("board@contoso.example"), W("dora@contoso.example"), BOB), S_OK);
    CHECK_HR(make_group(W("guests@contoso.example"), ALICE, CAROL), S_OK);
    CHECK_HR(move_member(BOB, W("board@contoso.example"), W("guests@contoso.example")), S_OK);
    CHECK_HR(show_groups_of(W("d@contoso.example")), S_OK);
    CHECK_HR(show_members(W("guests@contoso.example")), S_OK);
    CHECK_HR(list_accounts(), S_OK);
    CHECK_HR(list_groups(), S_OK);
    CHECK_HR(remove_group(W("guests@contoso.example")), S_OK);
    CHECK_HR(remove_group(W("guests@contoso.example")), S_OK);
    CHECK_HR(remove_person(W("dora@contoso.example")), S_OK);
    CHECK_HR(shorten_offline_days(), S_OK);
    CHECK_HR(shorten_offline_days(), S_OK);
}

static void template_administration(void)
{
    LPCWSTR id = NULL;
    FILE *file;
    Content written;
    PCIPCX_TEMPLATE found = NULL;
    REQUIRE_OK(make_board_template(&id));
    mine(id);
    CHECK_HR(one_offline_day(id), S_OK);
    REQUIRE_OK(IpcxGetTemplate(id, NULL, &found));
    mine(found);
    CHECK(found->dwOfflineDays == 1);
    CHECK(found->dwExpiryDays == 90);
    CHECK_HR(list_all_templates(), S_OK);
    CHECK_HR(hide_template(id), S_OK);
    file = fopen("template.xml", "wb");
    REQUIRE(file != NULL);
    CHECK_HR(write_template(id, file), S_OK);
    fclose(file);
    CHECK_HR(delete_template(id), S_OK);
    CHECK_HR(delete_template(id), S_OK);
    written = content_of("template.xml");
    CHECK_HR(take_template(written.bytes, written.size), S_OK);
    CHECK_HR(add_old_defaults(), S_OK);
}

/* Last, because it cannot be taken back. */
static void server_mode(void)
{
    BOOL is = FALSE;
    CHECK_HR(become_server(), S_OK);
    CHECK_HR(is_server(&is), S_OK);
    CHECK(is == TRUE);
    CHECK_HR(become_server(), IPCERROR_PROPERTY_ALREADY_SET);
}

int main(void)
{
    RUN(process);
    RUN(errors);
    RUN(diagnostics);
    RUN(licenses);
    RUN(keys);
    RUN(credentials);
    RUN(tracking);
    RUN(files);
    RUN(streams);
    RUN(open_files);
    RUN(directory);
    RUN(template_administration);
    RUN(server_mode);
    return finish_tests();
}
